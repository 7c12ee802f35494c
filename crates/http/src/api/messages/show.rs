//! `GET /api/v1/messages/{id}`.

use axum::Json;

use super::MessageView;
use crate::auth::OwnMessage;
use crate::problem::Problem;

/// Shows one message.
#[utoipa::path(get, path = "/api/v1/messages/{id}", tag = "messages", params(("id" = String, Path, description = "msg_…")), responses(
    (status = 200, description = "The message", body = MessageView),
    (status = 404, description = "No such message", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn show(own: OwnMessage) -> Json<MessageView> {
    Json(own.1.into())
}
