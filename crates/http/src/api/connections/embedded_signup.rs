//! `POST /api/v1/connections/embedded-signup`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use engine::onboarding::{self, SignUp};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::{self, ConnectionView};
use crate::App;
use crate::auth::{Member, SettingsWrite};
use crate::problem::{Problem, Result};

/// What Embedded Signup gave to the page. Only the code is believed; the rest is held against WhatsApp's own word.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SignedUp {
    /// Lives for 30 seconds and works once.
    code: String,
    /// `data.waba_id` of the message event.
    waba_id: Option<String>,
    /// `data.phone_number_id` of the message event.
    phone_number_id: Option<String>,
    /// `data.business_id` of the message event.
    business_id: Option<String>,
    /// The message event: `FINISH`, `FINISH_ONLY_WABA`, `FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING` …
    event: Option<String>,
    /// Whether the WhatsApp Business app stays in use.
    #[serde(default)]
    coexistence: bool,
    /// The end of the setup link's address, where this was its page: the link is used up once the connection is made.
    setup_link: Option<String>,
}

const WITH_APP: &str = "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING";

/// Connects with what Embedded Signup gave. The code is exchanged before this answers; the other steps follow, and the
/// stream tells each (`connection.changed`). The same code twice is the same run.
#[utoipa::path(post, path = "/api/v1/connections/embedded-signup", tag = "connections", request_body = SignedUp, responses(
    (status = 202, description = "The connection, with its run", body = ConnectionView),
    (status = 409, description = "The platform is not set up for this (`not_set_up`), or the code was used by somebody else (`code_used`)", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A value is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn begin(
    State(app): State<App>,
    member: Member<SettingsWrite>,
    body: std::result::Result<Json<SignedUp>, JsonRejection>,
) -> Result<(StatusCode, Json<ConnectionView>)> {
    let Json(given) = body?;
    let wanted = SignUp {
        code: SecretString::from(given.code),
        waba_id: given.waba_id,
        phone_number_id: given.phone_number_id,
        business_id: given.business_id,
        coexistence: given.coexistence || given.event.as_deref() == Some(WITH_APP),
        setup_link: given.setup_link.map(SecretString::from),
    };
    let who = member.caller.who();
    let id = onboarding::embedded_signup(&app.engine, member.tenant, wanted, None, &who).await?;
    let view = view::one(&app.engine, member.tenant, id).await?;
    Ok((StatusCode::ACCEPTED, Json(view)))
}
