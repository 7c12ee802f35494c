//! `GET /api/v1/conversations`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::{ConversationId, Timestamp};
use store::conversations;

use super::ConversationView;
use crate::App;
use crate::auth::{InboxRead, Member};
use crate::paging::{List, Wanted};
use crate::problem::Result;

/// Lists the tenant's conversations, the one with the newest message first.
#[utoipa::path(get, path = "/api/v1/conversations", tag = "conversations", params(Wanted), responses(
    (status = 200, description = "A page", body = List<ConversationView>),
))]
pub(crate) async fn list(
    State(app): State<App>,
    member: Member<InboxRead>,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<List<ConversationView>>> {
    let Query(wanted) = wanted?;
    let page = wanted.page_by(cursor)?;
    let rows = conversations::list(&app.engine.db, member.tenant, page).await?;
    let now = app.engine.clock.now();
    let name = |row: &conversations::Conversation| format!("{}.{}", row.last_message_at.0, row.id);
    Ok(Json(List::of(rows, page.limit, name, |row| {
        ConversationView::of(row, now)
    })))
}

fn cursor(text: &str) -> Option<(Timestamp, ConversationId)> {
    let (at, id) = text.split_once('.')?;
    Some((Timestamp(at.parse().ok()?), id.parse().ok()?))
}
