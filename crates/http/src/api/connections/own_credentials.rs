//! `POST /api/v1/connections/own-credentials`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use engine::onboarding::{self, Credentials};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::{self, ConnectionView};
use crate::App;
use crate::auth::{Member, SettingsWrite};
use crate::problem::{Problem, Result};

/// A business's own access to its WhatsApp account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnCredentials {
    /// A token of a system user with `whatsapp_business_management` and `whatsapp_business_messaging`.
    access_token: String,
    /// The WhatsApp account.
    waba_id: String,
    /// The number; all of the account's when it is left out.
    phone_number_id: Option<String>,
    /// The end of the setup link's address, where this was its page: the link is used up once the connection is made.
    setup_link: Option<String>,
}

/// Connects with a token that somebody typed in. It is checked in the same way as one of Embedded Signup. Where it is a
/// token of another app, WhatsApp's webhooks come only if that app posts them here.
#[utoipa::path(post, path = "/api/v1/connections/own-credentials", tag = "connections", request_body = OwnCredentials, responses(
    (status = 202, description = "The connection, with its run", body = ConnectionView),
    (status = 422, description = "A value is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn begin(
    State(app): State<App>,
    member: Member<SettingsWrite>,
    body: std::result::Result<Json<OwnCredentials>, JsonRejection>,
) -> Result<(StatusCode, Json<ConnectionView>)> {
    let Json(given) = body?;
    let wanted = Credentials {
        access_token: SecretString::from(given.access_token.trim().to_owned()),
        waba_id: given.waba_id.trim().to_owned(),
        phone_number_id: given.phone_number_id,
        setup_link: given.setup_link.map(SecretString::from),
    };
    let who = member.caller.who();
    let id = onboarding::own_credentials(&app.engine, member.tenant, wanted, &who).await?;
    let view = view::one(&app.engine, member.tenant, id).await?;
    Ok((StatusCode::ACCEPTED, Json(view)))
}
