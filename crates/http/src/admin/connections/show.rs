//! `GET /api/v1/admin/connections/{id}`.

use axum::Json;
use axum::extract::{Path, State};

use super::row;
use crate::App;
use crate::api::connections::view::{self, ConnectionView};
use crate::auth::{Platform, PlatformRead};
use crate::problem::{Problem, Result};

/// Shows a connection of any tenant.
#[utoipa::path(get, path = "/api/v1/admin/connections/{id}", tag = "admin", params(("id" = String, Path, description = "conn_…")), responses(
    (status = 200, description = "The connection", body = ConnectionView),
    (status = 404, description = "No such connection", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn show(
    State(app): State<App>,
    _platform: Platform<PlatformRead>,
    Path(id): Path<String>,
) -> Result<Json<ConnectionView>> {
    let row = row(&app, &id).await?;
    Ok(Json(view::whole(&app.engine, row).await?))
}
