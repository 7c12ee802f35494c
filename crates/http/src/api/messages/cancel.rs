//! `POST /api/v1/messages/{id}/cancel`.

use axum::Json;
use axum::extract::State;
use engine::outbound::queue::{Cancelled, cancel_message};
use store::messages;

use super::MessageView;
use crate::App;
use crate::auth::{InboxWrite, OwnMessage};
use crate::problem::{Problem, Result};

/// Takes a message back that has not left yet. What is cancelled never leaves.
#[utoipa::path(post, path = "/api/v1/messages/{id}/cancel", tag = "messages", params(("id" = String, Path, description = "msg_…")), responses(
    (status = 200, description = "The message, cancelled", body = MessageView),
    (status = 404, description = "No such message", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It has left, or may have left", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn cancel(
    State(app): State<App>,
    own: OwnMessage<InboxWrite>,
) -> Result<Json<MessageView>> {
    let (tenant, sight, id) = (own.member.tenant, own.member.sight, own.row.id);
    let who = own.member.caller.who();
    match cancel_message(&app.engine, tenant, id, &who).await? {
        Cancelled::Yes => {}
        Cancelled::AlreadyLeft => {
            return Err(Problem::conflict(
                "already_left",
                "this message has left already, or is being handed over at this moment; it cannot be taken back",
            ));
        }
    }
    let row = messages::get(&app.engine.db, tenant, sight, id).await?;
    row.map(|row| Json(row.into()))
        .ok_or_else(|| Problem::not_found("message"))
}
