//! `POST /api/v1/api-keys`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::{CreatedApiKey, NewApiKey, make};
use crate::App;
use crate::auth::{KeysWrite, Member};
use crate::given::Perhaps;
use crate::problem::{Problem, Result};

/// Makes an API key of the tenant.
#[utoipa::path(post, path = "/api/v1/api-keys", tag = "api keys", request_body = Option<NewApiKey>, responses(
    (status = 201, description = "The key, shown once", body = CreatedApiKey),
    (status = 422, description = "A name, scope or time is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn create(
    State(app): State<App>,
    asked: Member<KeysWrite>,
    Perhaps(body): Perhaps<NewApiKey>,
) -> Result<(StatusCode, Json<CreatedApiKey>)> {
    let wanted = body.unwrap_or_default();
    let key = make(
        &app,
        Some(asked.tenant),
        wanted,
        asked.scopes,
        &asked.caller,
    )
    .await?;
    Ok((StatusCode::CREATED, Json(key)))
}
