//! `DELETE /api/v1/admin/api-keys/{id}`.

use axum::extract::{Path, State};
use axum::http::StatusCode;

use crate::App;
use crate::api::api_keys::end_key;
use crate::auth::{Platform, PlatformWrite};
use crate::problem::{Problem, Result};

/// Revokes an API key of the platform. It opens nothing from this moment.
#[utoipa::path(delete, path = "/api/v1/admin/api-keys/{id}", tag = "admin", params(("id" = String, Path, description = "key_…")), responses(
    (status = 204, description = "The key opens nothing any more"),
    (status = 404, description = "No such key", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn revoke(
    State(app): State<App>,
    asked: Platform<PlatformWrite>,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    end_key(&app, None, &id, &asked.caller).await
}
