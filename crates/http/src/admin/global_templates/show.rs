//! `GET /api/v1/admin/global-templates/{id}`.

use axum::Json;
use axum::extract::{Path, State};
use store::global_templates;

use super::id_of;
use super::view::{self, GlobalTemplateDetail};
use crate::App;
use crate::auth::{Platform, PlatformRead};
use crate::problem::{Problem, Result};

/// Shows a global template with all its versions.
#[utoipa::path(get, path = "/api/v1/admin/global-templates/{id}", tag = "admin", params(("id" = String, Path, description = "gtp_…")), responses(
    (status = 200, description = "The global template", body = GlobalTemplateDetail),
    (status = 404, description = "No such global template", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn show(
    State(app): State<App>,
    _platform: Platform<PlatformRead>,
    Path(id): Path<String>,
) -> Result<Json<GlobalTemplateDetail>> {
    let row = global_templates::get(&app.engine.db, id_of(&id)?)
        .await?
        .ok_or_else(|| Problem::not_found("global template"))?;
    Ok(Json(view::detail(&app.engine, row).await?))
}
