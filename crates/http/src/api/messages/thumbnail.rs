//! `GET /api/v1/messages/{id}/thumbnail`.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use engine::media;

use super::media::{etag, guard, is_known, put};
use crate::App;
use crate::auth::{InboxRead, OwnMessage};
use crate::problem::{Problem, Result};

/// Gives a small picture of a message's picture: at most 320 pixels long and wide.
#[utoipa::path(get, path = "/api/v1/messages/{id}/thumbnail", tag = "messages",
    params(("id" = String, Path, description = "msg_…")), responses(
    (status = 200, description = "A JPEG or WebP", body = String, content_type = "image/jpeg"),
    (status = 304, description = "Not modified"),
    (status = 404, description = "No such message (`not_found`), it carries no media (`no_media`), or they have no thumbnail (`no_thumbnail`)", body = Problem, content_type = "application/problem+json"),
    (status = 410, description = "The file is not kept any more", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn thumbnail(
    State(app): State<App>,
    own: OwnMessage<InboxRead>,
    asked: HeaderMap,
) -> Result<Response> {
    let (stored, kind, bytes) =
        media::find_thumbnail(&app.engine, own.member.tenant, &own.row).await?;
    let mut headers = HeaderMap::new();
    guard(&mut headers);
    put(&mut headers, header::CONTENT_TYPE, &kind);
    put(&mut headers, header::CONTENT_DISPOSITION, "inline");
    let etag = etag(&stored);
    put(&mut headers, header::ETAG, &etag);
    if is_known(&asked, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    Ok((headers, bytes).into_response())
}
