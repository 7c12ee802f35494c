//! `GET /api/v1/conversations`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::{ConversationId, Timestamp};
use engine::inbox::Status;
use serde::Deserialize;
use store::conversations::Conversation;
use store::conversations::list::{self as lists, Filter, View};
use store::search::talks;
use utoipa::{IntoParams, ToSchema};

use super::ConversationView;
use crate::App;
use crate::api::messages::narrow::Words;
use crate::auth::{Caller, InboxRead, Member};
use crate::paging::{List, Wanted};
use crate::problem::{Problem, Result};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Narrow {
    /// Whose: `all` (when not given), `mine`, `unassigned`.
    #[param(inline)]
    view: Option<Whose>,
    /// `open`, `closed` or `snoozed`; all of them when not given.
    status: Option<String>,
    /// Only those with something unread.
    unread: Option<bool>,
    /// Words of a name, a username, a message or a note, of which the last may be the beginning of one, or part of a phone number in any spelling; at most 200 characters. The people come first, then the messages, newest first.
    q: Option<String>,
    /// One of the tenant's numbers.
    phone_number_id: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Whose {
    All,
    Mine,
    Unassigned,
}

/// Lists the tenant's conversations, the one with the newest message first. A page of a search may have fewer rows than `limit`, or none, though `next` says that there may be more.
#[utoipa::path(get, path = "/api/v1/conversations", tag = "conversations", params(Narrow, Wanted), responses(
    (status = 200, description = "A page", body = List<ConversationView>),
    (status = 422, description = "A filter is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn list(
    State(app): State<App>,
    member: Member<InboxRead>,
    narrow: std::result::Result<Query<Narrow>, QueryRejection>,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<List<ConversationView>>> {
    let (Query(narrow), Query(wanted)) = (narrow?, wanted?);
    let words = Words::read(narrow.q.as_deref())?;
    let filter = filter(narrow, &member.caller)?;
    let (db, now) = (&app.engine.db, app.engine.clock.now());
    match words {
        Words::Any => {}
        Words::Nowhere => return Ok(Json(List::whole(Vec::new()))),
        Words::Of(query) => {
            let page = wanted.page::<talks::Cursor>()?;
            let found = talks::find(db, member.tenant, member.sight, &filter, &query, page).await?;
            let view = |talk: talks::Talk| ConversationView::of(talk.row, now).with_match(talk.hit);
            return Ok(Json(List {
                data: found.rows.into_iter().map(view).collect(),
                next: found.next.map(|next| next.to_string()),
            }));
        }
    }
    let page = wanted.page_by(cursor)?;
    let rows = lists::list(db, member.tenant, member.sight, &filter, page).await?;
    let name = |row: &Conversation| format!("{}.{}", row.last_message_at.0, row.id);
    Ok(Json(List::of(rows, page.limit, name, |row| {
        ConversationView::of(row, now)
    })))
}

fn filter(narrow: Narrow, caller: &Caller) -> Result<Filter> {
    let view = match narrow.view {
        None | Some(Whose::All) => View::All,
        Some(Whose::Unassigned) => View::Unassigned,
        Some(Whose::Mine) => caller
            .user()
            .map(|user| View::Of(user.user_id))
            .ok_or_else(|| {
                Problem::invalid("view", "cannot be mine: an API key has no conversations")
            })?,
    };
    if let Some(word) = narrow.status.as_deref()
        && Status::parse(word).is_none()
    {
        return Err(Problem::invalid(
            "status",
            "must be open, closed or snoozed",
        ));
    }
    Ok(Filter {
        view,
        status: narrow.status,
        unread: narrow.unread.unwrap_or(false),
        number: narrow.phone_number_id,
    })
}

fn cursor(text: &str) -> Option<(Timestamp, ConversationId)> {
    let (at, id) = text.split_once('.')?;
    Some((Timestamp(at.parse().ok()?), id.parse().ok()?))
}
