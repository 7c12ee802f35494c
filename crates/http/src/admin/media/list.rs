//! `GET /api/v1/admin/media`.

use axum::Json;
use axum::extract::State;
use store::media::accounts;

use super::{TenantMediaView, view};
use crate::App;
use crate::auth::{Platform, PlatformRead};
use crate::paging::List;
use crate::problem::Result;

/// Tenants that are shown, the largest first.
const MOST: i64 = 1_000;

/// Lists what the tenants' files take, the largest first (1,000 at most).
#[utoipa::path(get, path = "/api/v1/admin/media", tag = "admin", responses((status = 200, description = "All of them", body = List<TenantMediaView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    _platform: Platform<PlatformRead>,
) -> Result<Json<List<TenantMediaView>>> {
    let rows = accounts::any_tenant_uses(&app.engine.db, MOST).await?;
    let rows = rows.into_iter().map(|row| view(&app.engine, row));
    Ok(Json(List::whole(rows.collect())))
}
