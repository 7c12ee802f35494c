//! `GET /api/v1/admin/tenants`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::TenantId;
use store::tenants;

use super::TenantView;
use crate::App;
use crate::auth::{Platform, PlatformRead};
use crate::paging::{List, Wanted};
use crate::problem::Result;

/// Lists tenants, newest first.
#[utoipa::path(get, path = "/api/v1/admin/tenants", tag = "admin", params(Wanted), responses((status = 200, description = "A page", body = List<TenantView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    _platform: Platform<PlatformRead>,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<List<TenantView>>> {
    let Query(wanted) = wanted?;
    let page = wanted.page::<TenantId>()?;
    let rows = tenants::any_tenant_list(&app.engine.db, page).await?;
    Ok(Json(List::of(
        rows,
        page.limit,
        |row| row.id.to_string(),
        TenantView::from,
    )))
}
