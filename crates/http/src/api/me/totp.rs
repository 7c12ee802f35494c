//! `POST` and `DELETE /api/v1/me/totp`, `POST /api/v1/me/totp/confirm`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use engine::people::account;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::auth::SignedIn;
use crate::problem::{Problem, Result};

/// What an authenticator app takes in. It is shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct TotpEnrolment {
    /// Base32, for typing.
    secret: String,
    /// For a link.
    otpauth_url: String,
    /// For scanning: an SVG image.
    qr_svg: String,
}

/// A code of the app.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TotpCode {
    /// Six digits.
    code: String,
}

/// The present password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PresentPassword {
    /// The present password.
    password: String,
}

/// Makes a secret for an authenticator app. It counts after it was confirmed with a code.
#[utoipa::path(post, path = "/api/v1/me/totp", tag = "people", request_body = PresentPassword, responses(
    (status = 200, description = "The secret, shown once", body = TotpEnrolment),
    (status = 409, description = "An authenticator is on already (`totp_on`)", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "The password is not right", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn enrol(
    State(app): State<App>,
    signed_in: SignedIn,
    body: std::result::Result<Json<PresentPassword>, JsonRejection>,
) -> Result<Json<TotpEnrolment>> {
    let Json(PresentPassword { password }) = body?;
    let id = signed_in.known.session.user_id;
    let made = account::enrol_totp(&app.engine, id, &password, &signed_in.caller.who()).await;
    let made = made.map_err(at_password)?;
    Ok(Json(TotpEnrolment {
        secret: made.secret,
        otpauth_url: made.otpauth_url,
        qr_svg: made.qr_svg,
    }))
}

/// Switches the authenticator on, with a first code of the app.
#[utoipa::path(post, path = "/api/v1/me/totp/confirm", tag = "people", request_body = TotpCode, responses(
    (status = 204, description = "Signing in takes a code from now on"),
    (status = 422, description = "The code is not right", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn confirm(
    State(app): State<App>,
    signed_in: SignedIn,
    body: std::result::Result<Json<TotpCode>, JsonRejection>,
) -> Result<StatusCode> {
    let Json(TotpCode { code }) = body?;
    let id = signed_in.known.session.user_id;
    account::confirm_totp(&app.engine, id, &code, &signed_in.caller.who()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Switches the authenticator off.
#[utoipa::path(delete, path = "/api/v1/me/totp", tag = "people", request_body = PresentPassword, responses(
    (status = 204, description = "Signing in takes no code any more"),
    (status = 422, description = "The password is not right", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn remove(
    State(app): State<App>,
    signed_in: SignedIn,
    body: std::result::Result<Json<PresentPassword>, JsonRejection>,
) -> Result<StatusCode> {
    let Json(PresentPassword { password }) = body?;
    let id = signed_in.known.session.user_id;
    let outcome = account::drop_totp(&app.engine, id, &password, &signed_in.caller.who()).await;
    outcome.map_err(at_password)?;
    Ok(StatusCode::NO_CONTENT)
}

/// A wrong password stands at the field that these forms have for it.
fn at_password(error: account::AccountError) -> Problem {
    match error {
        account::AccountError::WrongPassword => {
            Problem::invalid("password", "is not your password")
        }
        other => other.into(),
    }
}
