//! `GET /api/v1/messages/{id}`.

use axum::Json;
use axum::extract::State;
use store::outbox;

use super::MessageView;
use super::view::with_media;
use crate::App;
use crate::auth::{InboxRead, OwnMessage};
use crate::problem::{Problem, Result};

/// Shows one message.
#[utoipa::path(get, path = "/api/v1/messages/{id}", tag = "messages", params(("id" = String, Path, description = "msg_…")), responses(
    (status = 200, description = "The message", body = MessageView),
    (status = 404, description = "No such message", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn show(
    State(app): State<App>,
    own: OwnMessage<InboxRead>,
) -> Result<Json<MessageView>> {
    let (tenant, message) = (own.member.tenant, own.row);
    let place = outbox::place(&app.engine.db, tenant, message.id).await?;
    let view = MessageView::from(message).with_queue(place);
    let views = with_media(&app, tenant, vec![view]).await?;
    views
        .into_iter()
        .next()
        .map(Json)
        .ok_or_else(|| Problem::not_found("message"))
}
