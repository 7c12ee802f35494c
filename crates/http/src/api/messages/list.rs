//! `GET /api/v1/messages`.

use std::collections::HashMap;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::MessageId;
use serde::Deserialize;
use store::messages::{self, Message};
use utoipa::IntoParams;

use super::MessageView;
use super::narrow::Narrow;
use super::pages::{Rows, names};
use super::view::with_media;
use crate::App;
use crate::auth::{InboxRead, Member};
use crate::paging::{List, Wanted};
use crate::problem::{Problem, Result};

/// The other way along a thread.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Onwards {
    /// Of one conversation, the messages that came next after this one instead of the newest ones: still newest first, and `next` is the `after` of the following page. Not with `q` or `cursor`.
    after: Option<String>,
}

/// Lists the tenant's messages, newest first. A page may have fewer rows than `limit`, or none, though `next` says that there may be more.
#[utoipa::path(get, path = "/api/v1/messages", tag = "messages", params(Narrow, Onwards, Wanted), responses(
    (status = 200, description = "A page", body = List<MessageView>),
    (status = 422, description = "A filter is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn list(
    State(app): State<App>,
    member: Member<InboxRead>,
    narrow: std::result::Result<Query<Narrow>, QueryRejection>,
    onwards: std::result::Result<Query<Onwards>, QueryRejection>,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<List<MessageView>>> {
    let (Query(narrow), Query(onwards), Query(wanted)) = (narrow?, onwards?, wanted?);
    let narrowed = narrow.read()?;
    let limit = wanted.limit()?;
    let page = match onwards.after.as_deref().filter(|text| !text.is_empty()) {
        None => {
            narrowed
                .page(&app, member.tenant, member.sight, wanted.cursor(), limit)
                .await?
        }
        Some(after) => {
            let after: MessageId = after
                .parse()
                .map_err(|_| Problem::invalid("after", "is not a message's id"))?;
            let Some(conversation) = narrowed.filter.conversation else {
                return Err(Problem::invalid("after", "needs a conversation_id"));
            };
            let (db, filter) = (&app.engine.db, &narrowed.filter);
            let (tenant, sight) = (member.tenant, member.sight);
            let listed =
                messages::list::after(db, tenant, sight, conversation, after, filter, limit)
                    .await?;
            // The next page goes on from its newest one.
            let next = listed
                .next
                .and(listed.rows.first())
                .map(|row| row.id.to_string());
            Rows {
                rows: listed.rows,
                next,
            }
        }
    };
    // Within one conversation everybody knows with whom.
    let names = if narrowed.filter.conversation.is_none() {
        names(&app, member.tenant, &page.rows).await?
    } else {
        HashMap::new()
    };
    let view = |row: Message| {
        let highlight = narrowed.highlight(&row);
        let contact = names.get(&row.contact_id).cloned();
        MessageView::from(row)
            .with_contact(contact)
            .with_highlight(highlight)
    };
    let data = page.rows.into_iter().map(view).collect();
    Ok(Json(List {
        data: with_media(&app, member.tenant, data).await?,
        next: page.next,
    }))
}
