//! `GET /api/v1/admin/templates`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::Deserialize;
use store::templates::{self, Narrow};
use utoipa::IntoParams;

use super::view::{self, SharedTemplateView};
use crate::App;
use crate::api::templates::list::{cursor, place};
use crate::auth::{Platform, PlatformRead};
use crate::paging::{List, Wanted};
use crate::problem::{Problem, Result};

/// Which templates are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Meta's word, such as `PAUSED`, or `DRAFT`.
    status: Option<String>,
    /// A piece of the name or of the text.
    q: Option<String>,
}

/// Lists the templates on the accounts that several tenants share, by name and language.
#[utoipa::path(get, path = "/api/v1/admin/templates", tag = "admin", params(Which, Wanted), responses(
    (status = 200, description = "A page of templates", body = List<SharedTemplateView>),
    (status = 422, description = "A value is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn list(
    State(app): State<App>,
    _platform: Platform<PlatformRead>,
    which: std::result::Result<Query<Which>, QueryRejection>,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<List<SharedTemplateView>>> {
    let (Query(which), Query(wanted)) = (which?, wanted?);
    let page = wanted.page_by(cursor)?;
    let said = |text: Option<String>| text.filter(|text| !text.is_empty());
    let narrow = Narrow {
        status: said(which.status).map(|text| text.to_uppercase()),
        words: said(which.q),
        ..Narrow::default()
    };
    let db = &app.engine.db;
    let rows = templates::any_tenant_shared(db, &narrow, page.after.as_ref(), page.limit).await?;
    let full = i64::try_from(rows.len()).is_ok_and(|count| count >= page.limit);
    let next = rows.last().filter(|_| full).map(place);
    let data = view::many(&app.engine, rows).await?;
    Ok(Json(List { data, next }))
}
