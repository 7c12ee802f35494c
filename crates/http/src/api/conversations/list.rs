//! `GET /api/v1/conversations`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::{ConversationId, Timestamp};
use engine::inbox::Status;
use serde::Deserialize;
use store::conversations::Conversation;
use store::conversations::list::{self as lists, Filter, View};
use utoipa::{IntoParams, ToSchema};

use super::ConversationView;
use crate::App;
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
    /// Part of a name, a username, a phone number or the last message, 1 to 100 characters.
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

/// Characters that may be looked for.
const LONGEST_QUERY: usize = 100;

/// Lists the tenant's conversations, the one with the newest message first.
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
    let page = wanted.page_by(cursor)?;
    let filter = filter(narrow, &member.caller)?;
    let rows = lists::list(&app.engine.db, member.tenant, &filter, page).await?;
    let now = app.engine.clock.now();
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
    let text = narrow.q.filter(|text| !text.trim().is_empty());
    if text
        .as_ref()
        .is_some_and(|text| text.chars().count() > LONGEST_QUERY)
    {
        return Err(Problem::invalid("q", "may have at most 100 characters"));
    }
    Ok(Filter {
        view,
        status: narrow.status,
        unread: narrow.unread.unwrap_or(false),
        number: narrow.phone_number_id,
        text,
    })
}

fn cursor(text: &str) -> Option<(Timestamp, ConversationId)> {
    let (at, id) = text.split_once('.')?;
    Some((Timestamp(at.parse().ok()?), id.parse().ok()?))
}
