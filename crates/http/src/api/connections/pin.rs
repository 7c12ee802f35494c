//! `POST /api/v1/connections/{id}/numbers/{phone_number_id}/pin` and `…/pin/reveal`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::onboarding;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::id_of;
use crate::App;
use crate::auth::{Member, MembersWrite};
use crate::problem::{Problem, Result};

/// The PIN that a number is to have.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WantedPin {
    /// Six digits; made up here when it is left out.
    pin: Option<String>,
}

/// A PIN, shown once because somebody asked.
#[derive(Serialize, ToSchema)]
pub(crate) struct RevealedPin {
    /// Six digits.
    pin: String,
}

/// Owners only, and people only: a key that leaks must not give a number away.
fn person(member: &Member<MembersWrite>) -> Result<()> {
    if member.caller.user().is_some() {
        return Ok(());
    }
    Err(Problem::forbidden(
        "a PIN is shown to and changed by a signed-in owner; an API key is none",
    ))
}

/// Shows the PIN of a number's two-step verification to an owner. The audit log keeps who asked.
#[utoipa::path(post, path = "/api/v1/connections/{id}/numbers/{phone_number_id}/pin/reveal", tag = "connections",
    params(("id" = String, Path, description = "conn_…"), ("phone_number_id" = String, Path, description = "Meta's id")), responses(
    (status = 200, description = "The PIN", body = RevealedPin),
    (status = 404, description = "No such number, or no PIN is kept (`no_pin`)", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn reveal(
    State(app): State<App>,
    member: Member<MembersWrite>,
    Path((id, number)): Path<(String, String)>,
) -> Result<Json<RevealedPin>> {
    person(&member)?;
    let who = member.caller.who();
    let pin =
        onboarding::reveal_pin(&app.engine, member.tenant, id_of(&id)?, &number, &who).await?;
    Ok(Json(RevealedPin {
        pin: pin.expose_secret().to_owned(),
    }))
}

/// Changes the PIN of a number at WhatsApp.
#[utoipa::path(post, path = "/api/v1/connections/{id}/numbers/{phone_number_id}/pin", tag = "connections", request_body = WantedPin,
    params(("id" = String, Path, description = "conn_…"), ("phone_number_id" = String, Path, description = "Meta's id")), responses(
    (status = 204, description = "It is changed"),
    (status = 404, description = "No such number", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Not six digits", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "WhatsApp refused or did not answer (`whatsapp_refused`, `whatsapp_unreachable`)", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn change(
    State(app): State<App>,
    member: Member<MembersWrite>,
    Path((id, number)): Path<(String, String)>,
    body: std::result::Result<Json<WantedPin>, JsonRejection>,
) -> Result<StatusCode> {
    person(&member)?;
    let id = id_of(&id)?;
    let Json(wanted) = body?;
    let pin = wanted.pin.map(SecretString::from);
    let who = member.caller.who();
    onboarding::change_pin(&app.engine, member.tenant, id, &number, pin, &who).await?;
    Ok(StatusCode::NO_CONTENT)
}
