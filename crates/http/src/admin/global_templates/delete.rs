//! `DELETE /api/v1/admin/global-templates/{id}`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::global_templates::write;

use super::{id_of, problem};
use crate::App;
use crate::auth::{Platform, PlatformWrite};
use crate::problem::{Problem, Result};

/// Stops sharing a global template. Accounts keep what they have of it, as a template of their own; what was not begun
/// is not begun any more.
#[utoipa::path(delete, path = "/api/v1/admin/global-templates/{id}", tag = "admin", params(("id" = String, Path, description = "gtp_…")), responses(
    (status = 204, description = "It is not shared any more"),
    (status = 404, description = "No such global template", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn delete(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    write::delete(&app.engine, id_of(&id)?, &platform.caller.who())
        .await?
        .map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}
