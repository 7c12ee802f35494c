//! `POST /api/v1/connections/signup-events`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use store::audit::{self, Act, Target};
use utoipa::ToSchema;

use crate::App;
use crate::auth::{Member, SettingsWrite};
use crate::problem::{Problem, Result};

/// What Embedded Signup told the page when nothing came of it.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SignupEvent {
    /// `CANCEL`, `ERROR`, `POPUP_BLOCKED`, `NO_CODE` …
    event: String,
    /// At which screen somebody gave up.
    current_step: Option<String>,
    /// Meta's code of the error.
    error_code: Option<String>,
    /// Meta's text of the error.
    error_message: Option<String>,
    /// What Meta's support asks for.
    session_id: Option<String>,
}

/// Longer is no word of Meta's.
const LONGEST: usize = 500;

fn short(text: Option<String>) -> Option<String> {
    text.map(|text| text.chars().take(LONGEST).collect())
}

/// Keeps what happened in Embedded Signup, for whoever helps.
#[utoipa::path(post, path = "/api/v1/connections/signup-events", tag = "connections", request_body = SignupEvent, responses(
    (status = 204, description = "It is kept"),
    (status = 422, description = "The event has no name", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn keep(
    State(app): State<App>,
    member: Member<SettingsWrite>,
    body: std::result::Result<Json<SignupEvent>, JsonRejection>,
) -> Result<StatusCode> {
    let Json(given) = body?;
    let event = short(Some(given.event.trim().to_owned())).unwrap_or_default();
    if event.is_empty() {
        return Err(Problem::invalid("event", "must say what happened"));
    }
    let act = Act {
        tenant: Some(member.tenant),
        action: "connection.signup_event",
        target: Target {
            kind: "connection",
            id: None,
            name: None,
        },
        before: None,
        after: Some(json!({
            "event": event,
            "current_step": short(given.current_step),
            "error_code": short(given.error_code),
            "error_message": short(given.error_message),
            "session_id": short(given.session_id),
        })),
    };
    let mut tx = app.engine.db.begin().await?;
    audit::append(&mut tx, &member.caller.who(), act, app.engine.clock.now()).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
