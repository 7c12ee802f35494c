//! `POST /api/v1/admin/connections/{id}/disconnect`.

use axum::Json;
use axum::extract::{Path, State};
use engine::onboarding;

use super::row;
use crate::App;
use crate::api::connections::view::{self, ConnectionView};
use crate::auth::{Platform, PlatformWrite};
use crate::problem::{Problem, Result};

/// Ends a tenant's connection.
#[utoipa::path(post, path = "/api/v1/admin/connections/{id}/disconnect", tag = "admin", params(("id" = String, Path, description = "conn_…")), responses(
    (status = 200, description = "The connection, ended", body = ConnectionView),
    (status = 404, description = "No such connection", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn disconnect(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
    Path(id): Path<String>,
) -> Result<Json<ConnectionView>> {
    let row = row(&app, &id).await?;
    let (tenant, who) = (row.tenant_id, platform.caller.who());
    onboarding::disconnect(
        &app.engine,
        tenant,
        row.id,
        "disconnected by the platform",
        &who,
    )
    .await?;
    let view = view::one(&app.engine, tenant, row.id).await?;
    Ok(Json(view))
}
