//! `GET /api/v1/dead-letters`.

use std::collections::HashMap;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::{MessageId, Sight, TenantId};
use serde::Serialize;
use store::dead_letters::Filter;
use store::page::Page;
use store::{dead_letters, messages};
use utoipa::ToSchema;

use super::Narrow;
use super::export::Letters;
use crate::App;
use crate::api::messages::MessageView;
use crate::auth::{InboxRead, Member};
use crate::paging::{List, Wanted};
use crate::problem::Result;

/// A message that did not arrive.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeadLetterView {
    /// The message, with what was wrong and what to do.
    pub(super) message: MessageView,
    /// `open` or `done`.
    pub(super) state: String,
    /// When it failed, expired or was cancelled.
    pub(super) died_at: String,
    /// The contact's name, if known.
    pub(super) contact_name: Option<String>,
    /// The contact's number in digits, if known.
    pub(super) contact_phone: Option<String>,
}

/// Lists the tenant's messages that did not arrive, newest message first.
#[utoipa::path(get, path = "/api/v1/dead-letters", tag = "messages", params(Narrow, Wanted), responses(
    (status = 200, description = "A page", body = List<DeadLetterView>),
    (status = 422, description = "A filter is wrong", body = crate::problem::Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn list(
    State(app): State<App>,
    member: Member<InboxRead>,
    narrow: std::result::Result<Query<Narrow>, QueryRejection>,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<List<DeadLetterView>>> {
    let (Query(narrow), Query(wanted)) = (narrow?, wanted?);
    let page = wanted.page::<MessageId>()?;
    let filter = narrow.filter()?;
    let (data, next) = page_of(&app, member.tenant, member.sight, &filter, page).await?;
    Ok(Json(List {
        data,
        next: next.map(|id| id.to_string()),
    }))
}

/// A page, newest message first.
pub(super) async fn page_of(
    app: &App,
    tenant: TenantId,
    sight: Sight,
    filter: &Filter,
    page: Page<MessageId>,
) -> Result<Letters> {
    let (db, limit) = (&app.engine.db, page.limit);
    let letters = dead_letters::list(db, tenant, sight, filter, page).await?;
    let ids: Vec<_> = letters.iter().map(|letter| letter.message_id).collect();
    let rows = messages::by_ids(db, tenant, sight, &ids).await?;
    let mut rows: HashMap<MessageId, MessageView> =
        rows.into_iter().map(|row| (row.id, row.into())).collect();
    let full = i64::try_from(letters.len()).is_ok_and(|count| count >= limit);
    let next = letters.last().map(|letter| letter.message_id);
    let data = letters.into_iter().filter_map(|letter| {
        Some(DeadLetterView {
            message: rows.remove(&letter.message_id)?,
            state: letter.state,
            died_at: letter.died_at.rfc3339(),
            contact_name: letter.contact_name,
            contact_phone: letter.contact_phone,
        })
    });
    Ok((data.collect(), next.filter(|_| full)))
}
