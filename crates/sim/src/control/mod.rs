//! `/_sim/`: what tests and the page use to look inside, to act as customers and to make Meta misbehave.

pub(crate) mod inbound;
mod look;
mod world;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::sim::Shared;
use crate::webhook::FirstAttempt;

type World = State<Arc<Shared>>;

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/inbound", post(inbound::post))
        .route("/outbound", get(look::outbound))
        .route("/outbound/summary", get(look::summary))
        .route("/calls", get(look::calls))
        .route("/webhooks", get(look::webhooks))
        .route("/state", get(look::state))
        .route("/thread", get(look::thread))
        .route("/faults", get(look::faults).post(world::faults))
        .route("/clock", get(look::clock).post(world::clock))
        .route("/reset", post(world::reset))
        .route("/numbers", get(look::state).post(world::numbers))
        .route("/customers", post(world::customers))
        .route("/templates", post(world::template))
        .route("/templates/{id}/decide", post(world::decide))
        .route("/account-events", post(world::account_event))
        .route("/callback", post(world::callback))
        .route("/deliver", post(deliver))
        .layer(DefaultBodyLimit::max(16 * 1024 * 1024))
}

/// A refusal of the control side.
pub(crate) struct Refused(String);

impl From<String> for Refused {
    fn from(why: String) -> Self {
        Self(why)
    }
}

impl From<&str> for Refused {
    fn from(why: &str) -> Self {
        Self(why.to_owned())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        answer(StatusCode::BAD_REQUEST, &json!({"error": self.0}))
    }
}

fn answer(status: StatusCode, value: &Value) -> Response {
    (
        status,
        [("content-type", "application/json")],
        value.to_string(),
    )
        .into_response()
}

fn ok(value: &Value) -> Response {
    answer(StatusCode::OK, value)
}

/// A JSON body; an empty one is an empty object.
fn read(body: &Bytes) -> Result<Value, Refused> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    serde_json::from_slice(body).map_err(|error| Refused(format!("the body is not JSON: {error}")))
}

/// Answers with the status that the receiver gave to the first attempt; 502 when there was none.
async fn deliver(State(shared): World, body: Bytes) -> Response {
    let receiver = shared.deliver_raw(body);
    let wait = shared.config.webhook_timeout + std::time::Duration::from_secs(5);
    match tokio::time::timeout(wait, receiver).await {
        Ok(Ok(FirstAttempt::Answered(status))) => {
            let http = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
            answer(
                http,
                &json!({"status": status, "delivered": (200..300).contains(&status)}),
            )
        }
        Ok(Ok(FirstAttempt::Failed(why))) => answer(
            StatusCode::BAD_GATEWAY,
            &json!({"status": null, "delivered": false, "error": why}),
        ),
        _ => answer(
            StatusCode::ACCEPTED,
            &json!({"status": null, "delivered": false, "error": "still in the queue"}),
        ),
    }
}
