//! `/_sim/`: what tests and the page use to look inside, to act as customers and to make Meta misbehave.

mod accounts;
mod acts;
pub(crate) mod inbound;
mod look;
pub(crate) mod outage;
mod phone;
pub(crate) mod signup;
mod standing;
mod templates;
mod world;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::de::DeserializeOwned;
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
        .route("/customers/{phone}/ad-click", post(acts::ad_click))
        .route("/customers/{phone}/marketing", post(acts::marketing))
        .route("/customers/{phone}/edit", post(acts::edit))
        .route("/customers/{phone}/delete", post(acts::delete))
        .route("/customers/{phone}/number", post(acts::number))
        .route("/numbers/{id}/upgrade", post(accounts::upgrade))
        .route("/wabas", post(accounts::waba))
        .route("/wabas/{id}/account-update", post(standing::account_update))
        .route("/wabas/{id}/review", post(standing::review))
        .route("/wabas/{id}/tokens", post(standing::tokens))
        .route("/wabas/{id}/alert", post(standing::alert))
        .route("/numbers/{id}/security", post(standing::security))
        .route("/numbers/{id}/name", post(standing::name))
        .route("/numbers/{id}/quality", post(standing::quality))
        .route("/numbers/{id}/phone", post(phone::phone))
        .route("/numbers/{id}/business-writes", post(phone::writes))
        .route("/numbers/{id}/business-contact", post(phone::contact))
        .route("/portfolio", get(look::portfolio).post(accounts::portfolio))
        .route("/tokens", post(accounts::token))
        .route("/app", post(accounts::app))
        .route("/codes", get(look::codes))
        .route("/templates", get(templates::list).post(templates::post))
        .route("/templates/{id}/pacing", post(accounts::pacing))
        .route("/templates/{id}/release", post(accounts::release))
        .route("/templates/{id}/pause", post(accounts::pause))
        .route("/templates/{id}/decide", post(templates::decide))
        .route("/uploads", post(templates::uploads))
        .route("/account-events", post(world::account_event))
        .route("/embedded-signup", post(signup::post))
        .route("/popup", post(signup::popup))
        .route("/outage", post(outage::post))
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

/// A JSON object; an empty body is an empty one.
fn read(body: &Bytes) -> Result<Value, Refused> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| Refused(format!("the body is not JSON: {error}")))?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(Refused::from("the body must be a JSON object"))
    }
}

/// A body of exactly this form.
fn typed<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refused> {
    serde_json::from_value(read(body)?).map_err(|error| Refused(error.to_string()))
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
