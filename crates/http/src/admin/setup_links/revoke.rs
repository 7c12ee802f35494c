//! `DELETE /api/v1/admin/setup-links/{id}`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::setup;

use crate::App;
use crate::auth::{Platform, PlatformWrite};
use crate::problem::{Problem, Result};

/// Takes a setup link back: it opens nothing any more. What was made with it stays.
#[utoipa::path(delete, path = "/api/v1/admin/setup-links/{id}", tag = "admin",
    params(("id" = String, Path, description = "link_…")), responses(
    (status = 204, description = "It does not work any more"),
    (status = 404, description = "No such link", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn revoke(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let id = id.parse().map_err(|_| Problem::not_found("setup link"))?;
    if setup::revoke(&app.engine, id, &platform.caller.who()).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("setup link"))
    }
}
