//! `GET /api/v1/admin/alerts`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;

use crate::App;
use crate::api::alerts::list::{Asked, page_of};
use crate::api::alerts::{AlertView, Narrow};
use crate::auth::{Platform, PlatformRead};
use crate::paging::{List, Wanted};
use crate::problem::Result;

/// Lists the platform's alerts and its tenants', newest first.
#[utoipa::path(get, path = "/api/v1/admin/alerts", tag = "admin", params(Narrow, Wanted), responses(
    (status = 200, description = "A page", body = List<AlertView>),
))]
pub(crate) async fn list(
    State(app): State<App>,
    platform: Platform<PlatformRead>,
    headers: HeaderMap,
    narrow: std::result::Result<Query<Narrow>, QueryRejection>,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<List<AlertView>>> {
    let asked = Asked {
        headers,
        narrow,
        wanted,
    };
    page_of(&app, &platform.caller, None, asked).await
}
