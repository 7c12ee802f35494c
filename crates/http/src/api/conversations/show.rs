//! `GET /api/v1/conversations/{id}`.

use axum::Json;
use axum::extract::State;

use super::ConversationView;
use crate::App;
use crate::auth::{InboxRead, OwnConversation};
use crate::problem::Problem;

/// Shows one conversation.
#[utoipa::path(get, path = "/api/v1/conversations/{id}", tag = "conversations", params(("id" = String, Path, description = "cnv_…")), responses(
    (status = 200, description = "The conversation", body = ConversationView),
    (status = 404, description = "No such conversation", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn show(
    State(app): State<App>,
    own: OwnConversation<InboxRead>,
) -> Json<ConversationView> {
    Json(ConversationView::of(own.row, app.engine.clock.now()))
}
