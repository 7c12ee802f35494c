//! `GET /api/v1/admin/tenants/{id}`.

use axum::Json;

use super::TenantView;
use crate::auth::{AnyTenant, PlatformRead};
use crate::problem::Problem;

/// Shows one tenant.
#[utoipa::path(get, path = "/api/v1/admin/tenants/{id}", tag = "admin", params(("id" = String, Path, description = "ten_…")), responses(
    (status = 200, description = "The tenant", body = TenantView),
    (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn show(any: AnyTenant<PlatformRead>) -> Json<TenantView> {
    Json(any.row.into())
}
