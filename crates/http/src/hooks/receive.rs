//! `POST /webhooks/meta`: signature, durability, 200 — and nothing else before the answer.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use engine::inbound::IntakeError;
use secrecy::ExposeSecret as _;

use crate::App;
use crate::problem::{Problem, Result};

/// Meta sends at most 3 MB.
pub(crate) const MAX_BODY: usize = meta::limits::WEBHOOK_MAX_BYTES;

/// Nothing is taken unsigned: until the platform is set up Meta keeps what it has and comes again.
pub(super) fn not_set_up(what: &str) -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "not_set_up",
        "Not set up yet",
        format!(
            "{what} is not known here yet; an administrator sets it on the page Platform → Set-up"
        ),
    )
}

/// Receives webhooks. 200 is answered only when the raw body is durable; anything else makes Meta
/// deliver again.
#[utoipa::path(post, path = "/webhooks/meta", tag = "webhooks",
    params(("X-Hub-Signature-256" = String, Header, description = "sha256=<hex HMAC of the raw body with the app secret>")),
    request_body(content = String, content_type = "application/json", description = "Meta's webhook body"),
    responses(
        (status = 200, description = "Durable"),
        (status = 401, description = "Signature missing or wrong; nothing was stored", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Larger than 3 MB; nothing was stored", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Cannot be stored now; deliver again", body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn receive(
    State(app): State<App>,
    headers: HeaderMap,
    body: std::result::Result<Bytes, BytesRejection>,
) -> Result<StatusCode> {
    let body = body?;
    let presented = headers
        .get("x-hub-signature-256")
        .and_then(|value| value.to_str().ok());
    let Some(presented) = presented else {
        metrics::counter!("trunkline_webhook_unsigned_total").increment(1);
        return Err(Problem::unauthorized(
            "the header X-Hub-Signature-256 is missing",
        ));
    };
    let platform = app.engine.platform.now();
    let Some(secret) = &platform.app_secret else {
        return Err(not_set_up("the app's secret"));
    };
    let genuine = meta::signature::verify(secret.expose_secret().as_bytes(), presented, &body);
    if !genuine {
        metrics::counter!("trunkline_webhook_forged_total").increment(1);
        return Err(Problem::unauthorized(
            "the signature does not fit the body and the configured app secret",
        ));
    }
    match app.intake.accept(body, app.engine.clock.now()).await {
        Ok(()) => Ok(StatusCode::OK),
        Err(error @ (IntakeError::Behind | IntakeError::NotDurable)) => Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "try_again",
            "Deliver again later",
            error.to_string(),
        )),
    }
}
