//! `GET /api/v1/media/missing`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::{MessageId, Timestamp};
use serde::{Deserialize, Serialize};
use store::media::of_messages::{self, Missing};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::auth::{Member, SettingsRead};
use crate::paging::{List, Wanted};
use crate::problem::{Problem, Result};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Narrow {
    /// `waiting`, `retrying`, `over_quota`, `too_large`, `gone`.
    state: Option<String>,
}

/// A message's file that is not kept here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MissingView {
    /// The message.
    message_id: String,
    /// The conversation.
    conversation_id: String,
    /// With whom.
    contact_name: Option<String>,
    /// Their number.
    contact_phone: Option<String>,
    /// `image`, `video`, `audio`, `document`, `sticker`.
    kind: String,
    /// `waiting`, `retrying`, `over_quota`, `too_large`, `gone`.
    state: String,
    /// How often it was tried.
    attempts: i64,
    /// When it is tried again; null: not by itself.
    next_try_at: Option<String>,
    /// WhatsApp has it until then.
    ends_at: String,
    /// Why it is not kept.
    detail: Option<String>,
    /// When the message came.
    created_at: String,
}

impl From<Missing> for MissingView {
    fn from(row: Missing) -> Self {
        Self {
            message_id: row.message_id.to_string(),
            conversation_id: row.conversation_id.to_string(),
            contact_name: row.contact_name,
            contact_phone: row.contact_phone,
            kind: row.kind,
            state: row.state,
            attempts: row.attempts,
            next_try_at: row.next_at.map(|at| Timestamp(at).rfc3339()),
            ends_at: Timestamp(row.ends_at).rfc3339(),
            detail: row.detail,
            created_at: Timestamp(row.created_at).rfc3339(),
        }
    }
}

/// Lists the messages whose files are not kept here, newest first, and why.
#[utoipa::path(get, path = "/api/v1/media/missing", tag = "media", params(Narrow, Wanted), responses(
    (status = 200, description = "A page", body = List<MissingView>),
    (status = 422, description = "A filter is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn list(
    State(app): State<App>,
    member: Member<SettingsRead>,
    narrow: std::result::Result<Query<Narrow>, QueryRejection>,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<List<MissingView>>> {
    let (Query(narrow), Query(wanted)) = (narrow?, wanted?);
    let page = wanted.page::<MessageId>()?;
    let state = narrow.state.as_deref().filter(|state| !state.is_empty());
    let known = ["waiting", "retrying", "over_quota", "too_large", "gone"];
    if state.is_some_and(|state| !known.contains(&state)) {
        return Err(Problem::invalid(
            "state",
            format!("must be one of {}", known.join(", ")),
        ));
    }
    let rows = of_messages::missing(&app.engine.db, member.tenant, state, page).await?;
    Ok(Json(List::of(
        rows,
        page.limit,
        |row| row.message_id.to_string(),
        MissingView::from,
    )))
}
