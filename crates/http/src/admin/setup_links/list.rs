//! `GET /api/v1/admin/setup-links`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::SetupLinkId;
use store::setup_links;

use super::{SetupLinkView, view};
use crate::App;
use crate::auth::{Platform, PlatformRead};
use crate::paging::{List, Wanted};
use crate::problem::Result;

/// Lists setup links, newest first, wherever they stand.
#[utoipa::path(get, path = "/api/v1/admin/setup-links", tag = "admin", params(Wanted), responses((status = 200, description = "A page", body = List<SetupLinkView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    _platform: Platform<PlatformRead>,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<List<SetupLinkView>>> {
    let Query(wanted) = wanted?;
    let page = wanted.page::<SetupLinkId>()?;
    let limit = page.limit;
    let rows = setup_links::any_tenant_list(&app.engine.db, page).await?;
    let now = app.engine.clock.now();
    let cursor = |row: &setup_links::SetupLink| row.id.to_string();
    Ok(Json(List::of(rows, limit, cursor, |row| view(row, now))))
}
