//! `POST /api/v1/admin/alerts/{id}/dismiss`.

use axum::extract::{Path, State};
use axum::http::StatusCode;

use crate::App;
use crate::api::alerts::dismiss::put_away;
use crate::auth::{Platform, PlatformWrite};
use crate::problem::{Problem, Result};

/// Puts one of the platform's own alerts away. Those of tenants are theirs to put away.
#[utoipa::path(post, path = "/api/v1/admin/alerts/{id}/dismiss", tag = "admin", params(("id" = String, Path, description = "The alert")), responses(
    (status = 204, description = "It is put away"),
    (status = 404, description = "The platform has no such alert", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn dismiss(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    put_away(&app, &platform.caller, None, &id).await
}
