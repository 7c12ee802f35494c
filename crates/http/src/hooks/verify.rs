//! `GET /webhooks/meta`: Meta calls it whenever the callback URL or the verify token is saved.

use axum::extract::{Query, State};
use axum::http::HeaderName;
use axum::response::{IntoResponse as _, Response};
use engine::platform::check;
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
    (status = 503, description = "No verify token is set up yet (`not_set_up`)", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn verify(
    State(app): State<App>,
    Query(asked): Query<Verification>,
) -> Result<Response> {
    let token = asked.verify_token.unwrap_or_default();
    let platform = app.engine.platform.now();
    let Some(expected) = &platform.verify_token else {
        return Err(super::receive::not_set_up("the verify token"));
    };
    let expected = expected.expose_secret().as_bytes();
    let same = bool::from(token.as_bytes().ct_eq(expected));
    match (asked.mode.as_deref(), asked.challenge, same) {
        (Some("subscribe"), Some(challenge), true) => {
            let proof = check::proof(&app.engine.sealer, &challenge);
            let proof = proof.map(|proof| [(HeaderName::from_static(check::PROOF), proof)]);
            Ok((proof, challenge).into_response())
        }
        _ => Err(Problem::forbidden(
            "hub.mode must be subscribe and hub.verify_token the configured one",
        )),
    }
}
