//! `DELETE /api/v1/api-keys/{id}`.

use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::end_key;
use crate::App;
use crate::auth::{KeysWrite, Member};
use crate::problem::{Problem, Result};

/// Revokes an API key of the tenant. It opens nothing from this moment.
#[utoipa::path(delete, path = "/api/v1/api-keys/{id}", tag = "api keys", params(("id" = String, Path, description = "key_…")), responses(
    (status = 204, description = "The key opens nothing any more"),
    (status = 404, description = "No such key", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn revoke(
    State(app): State<App>,
    asked: Member<KeysWrite>,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    end_key(&app, Some(asked.tenant), &id, &asked.caller).await
}
