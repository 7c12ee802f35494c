//! `GET /webhooks/meta`: Meta calls it whenever the callback URL or the verify token is saved.

use axum::extract::{Query, State};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use subtle::ConstantTimeEq as _;
use utoipa::IntoParams;

use crate::App;
use crate::problem::{Problem, Result};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Verification {
    /// `subscribe`.
    #[serde(rename = "hub.mode")]
    mode: Option<String>,
    /// Answered as it is.
    #[serde(rename = "hub.challenge")]
    challenge: Option<String>,
    /// Must be the configured one.
    #[serde(rename = "hub.verify_token")]
    verify_token: Option<String>,
}

/// Answers Meta's verification of the callback URL.
#[utoipa::path(get, path = "/webhooks/meta", tag = "webhooks", params(Verification), responses(
    (status = 200, description = "The challenge, as plain text", body = String),
    (status = 403, description = "The verify token is not the configured one", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn verify(
    State(app): State<App>,
    Query(asked): Query<Verification>,
) -> Result<String> {
    let token = asked.verify_token.unwrap_or_default();
    let same = bool::from(
        token
            .as_bytes()
            .ct_eq(app.verify_token.expose_secret().as_bytes()),
    );
    match (asked.mode.as_deref(), asked.challenge, same) {
        (Some("subscribe"), Some(challenge), true) => Ok(challenge),
        _ => Err(Problem::forbidden(
            "hub.mode must be subscribe and hub.verify_token the configured one",
        )),
    }
}
