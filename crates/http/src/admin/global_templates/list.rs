//! `GET /api/v1/admin/global-templates`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::GlobalTemplateId;
use store::global_templates;

use super::view::{self, GlobalTemplateView};
use crate::App;
use crate::auth::{Platform, PlatformRead};
use crate::paging::{List, Wanted};
use crate::problem::Result;

/// Lists global templates, newest first, with how far their roll-out is.
#[utoipa::path(get, path = "/api/v1/admin/global-templates", tag = "admin", params(Wanted), responses((status = 200, description = "A page", body = List<GlobalTemplateView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    _platform: Platform<PlatformRead>,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<List<GlobalTemplateView>>> {
    let Query(wanted) = wanted?;
    let page = wanted.page::<GlobalTemplateId>()?;
    let limit = page.limit;
    let rows = global_templates::list(&app.engine.db, page).await?;
    let full = i64::try_from(rows.len()).is_ok_and(|count| count >= limit);
    let next = rows.last().filter(|_| full).map(|row| row.id.to_string());
    let data = view::many(&app.engine, rows).await?;
    Ok(Json(List { data, next }))
}
