//! `POST /api/v1/admin/api-keys`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::App;
use crate::api::api_keys::{CreatedApiKey, NewApiKey, make};
use crate::auth::{Platform, PlatformWrite};
use crate::given::Perhaps;
use crate::problem::{Problem, Result};

/// Makes an API key of the platform.
#[utoipa::path(post, path = "/api/v1/admin/api-keys", tag = "admin", request_body = Option<NewApiKey>, responses(
    (status = 201, description = "The key, shown once", body = CreatedApiKey),
    (status = 422, description = "A name, scope or time is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn create(
    State(app): State<App>,
    asked: Platform<PlatformWrite>,
    Perhaps(body): Perhaps<NewApiKey>,
) -> Result<(StatusCode, Json<CreatedApiKey>)> {
    let wanted = body.unwrap_or_default();
    let allowed = asked.caller.platform_scopes();
    let key = make(&app, None, wanted, allowed, &asked.caller).await?;
    Ok((StatusCode::CREATED, Json(key)))
}
