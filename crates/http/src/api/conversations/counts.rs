//! `GET /api/v1/conversations/counts`.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use store::conversations::list;
use utoipa::ToSchema;

use crate::App;
use crate::auth::{InboxRead, Member};
use crate::problem::Result;

/// How many open conversations there are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Counts {
    /// Those of the asking person; 0 for an API key.
    mine: i64,
    /// Those that nobody has.
    unassigned: i64,
    /// All of them.
    all: i64,
    /// Those with something unread.
    unread: i64,
}

/// Counts the open conversations that the asking one sees.
#[utoipa::path(get, path = "/api/v1/conversations/counts", tag = "conversations", responses((status = 200, description = "The counts", body = Counts)))]
pub(crate) async fn counts(
    State(app): State<App>,
    member: Member<InboxRead>,
) -> Result<Json<Counts>> {
    let user = member.caller.user().map(|user| user.user_id);
    let counts = list::count(&app.engine.db, member.tenant, member.sight, user).await?;
    Ok(Json(Counts {
        mine: counts.mine,
        unassigned: counts.unassigned,
        all: counts.everybodys,
        unread: counts.unread,
    }))
}
