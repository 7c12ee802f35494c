//! `POST /api/v1/admin/platform/verify-token`.

use axum::Json;
use axum::extract::State;
use engine::platform;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::auth::{Platform, PlatformWrite};
use crate::problem::Result;

/// What is entered beside the webhook address in the app's dashboard.
#[derive(Serialize, ToSchema)]
pub(crate) struct VerifyTokenView {
    /// The token.
    verify_token: String,
}

/// Shows the verify token, so that it can be copied into the app's dashboard; where there is none, one is made. Whoever
/// knows it can at the most make Meta post another app's webhooks here, which the signature refuses. It is written down.
#[utoipa::path(post, path = "/api/v1/admin/platform/verify-token", tag = "admin", responses((status = 200, description = "The token", body = VerifyTokenView)))]
pub(crate) async fn reveal(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
) -> Result<Json<VerifyTokenView>> {
    let token = platform::reveal_verify_token(&app.engine, &platform.caller.who()).await?;
    let verify_token = token.expose_secret().to_owned();
    Ok(Json(VerifyTokenView { verify_token }))
}
