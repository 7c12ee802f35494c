//! `DELETE /api/v1/session`.

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::AppendHeaders;
use store::people::sessions;

use crate::App;
use crate::auth::{SignedIn, ended};
use crate::problem::{Problem, Result};

/// Signs out.
#[utoipa::path(delete, path = "/api/v1/session", tag = "people", responses(
    (status = 204, description = "The session has ended"),
    (status = 401, description = "Nobody is signed in", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn end(
    State(app): State<App>,
    signed_in: SignedIn,
) -> Result<(StatusCode, AppendHeaders<[(HeaderName, HeaderValue); 1]>)> {
    let session = &signed_in.known.session;
    let mut tx = app.engine.db.begin().await?;
    sessions::end(&mut tx, session.user_id, session.id).await?;
    tx.commit().await?;
    let cookie = AppendHeaders([(header::SET_COOKIE, ended(app.web.is_secure()))]);
    Ok((StatusCode::NO_CONTENT, cookie))
}
