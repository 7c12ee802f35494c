//! `POST /api/v1/conversations/{id}/read`.

use axum::extract::State;
use axum::http::StatusCode;

use crate::App;
use crate::auth::{InboxWrite, OwnConversation};
use crate::problem::{Problem, Result};

/// Marks everything in a conversation as seen by the tenant: the unread count becomes zero, and colleagues hear of it.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/read", tag = "conversations", params(("id" = String, Path, description = "cnv_…")), responses(
    (status = 204, description = "Nothing is unread"),
    (status = 404, description = "No such conversation", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn read(
    State(app): State<App>,
    own: OwnConversation<InboxWrite>,
) -> Result<StatusCode> {
    engine::inbox::read(&app.engine, own.member.tenant, own.member.sight, own.row.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
