//! `POST /api/v1/me/password`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use engine::people::account;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::auth::SignedIn;
use crate::problem::{Problem, Result};

/// A change of the password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordChange {
    /// The present one.
    current: String,
    /// The new one, 10 to 200 characters.
    new: String,
}

/// Sets a new password. All other sessions end.
#[utoipa::path(post, path = "/api/v1/me/password", tag = "people", request_body = PasswordChange, responses(
    (status = 204, description = "The new one counts"),
    (status = 422, description = "`current` is not right, or `new` is too easy to guess", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "Too many wrong guesses", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn set(
    State(app): State<App>,
    signed_in: SignedIn,
    body: std::result::Result<Json<PasswordChange>, JsonRejection>,
) -> Result<StatusCode> {
    let Json(wanted) = body?;
    let session = &signed_in.known.session;
    account::set_password(
        &app.engine,
        session.user_id,
        session.id,
        &wanted.current,
        &wanted.new,
        &signed_in.caller.who(),
    )
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
