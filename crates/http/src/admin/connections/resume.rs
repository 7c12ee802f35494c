//! `POST /api/v1/admin/connections/{id}/resume`.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::row;
use crate::App;
use crate::api::connections::resume::{Resumed, go_on};
use crate::api::connections::view::ConnectionView;
use crate::auth::{Platform, PlatformWrite};
use crate::problem::{Problem, Result};

/// Goes on where the last run of a tenant's connection stopped, for example after a setting of the platform was mended.
#[utoipa::path(post, path = "/api/v1/admin/connections/{id}/resume", tag = "admin", params(("id" = String, Path, description = "conn_…")), responses(
    (status = 202, description = "The connection, with its run", body = ConnectionView),
    (status = 404, description = "No such connection", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It is at work (`at_work`), or the tenant has to connect again (`code_needed`)", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn resume(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<ConnectionView>)> {
    let row = row(&app, &id).await?;
    let who = platform.caller.who();
    go_on(&app, row.tenant_id, row.id, Resumed::default(), &who).await
}
