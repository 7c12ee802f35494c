//! `POST /api/v1/messages/{id}/media/retry`.

use axum::Json;
use axum::extract::State;
use engine::media;

use super::MessageView;
use super::view::with_media;
use crate::App;
use crate::auth::{InboxWrite, OwnMessage};
use crate::problem::{Problem, Result};

/// Fetches a message's media from WhatsApp again, now.
#[utoipa::path(post, path = "/api/v1/messages/{id}/media/retry", tag = "messages",
    params(("id" = String, Path, description = "msg_…")), responses(
    (status = 200, description = "It is tried; the message as it is now", body = MessageView),
    (status = 404, description = "No such message", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "There is nothing to fetch (`nothing_to_fetch`)", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn retry(
    State(app): State<App>,
    own: OwnMessage<InboxWrite>,
) -> Result<Json<MessageView>> {
    let tenant = own.member.tenant;
    if !media::again(&app.engine, tenant, &own.row).await? {
        return Err(Problem::conflict(
            "nothing_to_fetch",
            "this message has no file that could be fetched: it carries none, or its file is here, or was removed",
        ));
    }
    let view = MessageView::from(own.row);
    let views = with_media(&app, tenant, vec![view]).await?;
    views
        .into_iter()
        .next()
        .map(Json)
        .ok_or_else(|| Problem::not_found("message"))
}
