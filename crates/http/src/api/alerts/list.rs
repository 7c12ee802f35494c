//! `GET /api/v1/alerts`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use domain::{AlertId, TenantId};
use store::alerts;

use super::{AlertView, Narrow, language_of};
use crate::App;
use crate::auth::{Caller, Member, SettingsRead};
use crate::paging::{List, Wanted};
use crate::problem::Result;

/// Which page of which alerts is asked for.
pub(crate) struct Asked {
    pub(crate) headers: HeaderMap,
    pub(crate) narrow: std::result::Result<Query<Narrow>, QueryRejection>,
    pub(crate) wanted: std::result::Result<Query<Wanted>, QueryRejection>,
}

/// Lists what somebody of the tenant should know of, newest first.
#[utoipa::path(get, path = "/api/v1/alerts", tag = "health", params(Narrow, Wanted), responses(
    (status = 200, description = "A page", body = List<AlertView>),
))]
pub(crate) async fn list(
    State(app): State<App>,
    member: Member<SettingsRead>,
    headers: HeaderMap,
    narrow: std::result::Result<Query<Narrow>, QueryRejection>,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<List<AlertView>>> {
    let asked = Asked {
        headers,
        narrow,
        wanted,
    };
    page_of(&app, &member.caller, Some(member.tenant), asked).await
}

/// A page of a tenant's alerts, or (none) of the platform's and of all its tenants'.
pub(crate) async fn page_of(
    app: &App,
    caller: &Caller,
    tenant: Option<TenantId>,
    asked: Asked,
) -> Result<Json<List<AlertView>>> {
    let (Query(narrow), Query(wanted)) = (asked.narrow?, asked.wanted?);
    let page = wanted.page::<AlertId>()?;
    let language = language_of(app, caller, &asked.headers).await?;
    let db = &app.engine.db;
    let rows = match tenant {
        Some(tenant) => alerts::list(db, tenant, narrow.all, page).await?,
        None => alerts::any_tenant_list(db, narrow.all, page).await?,
    };
    let cursor = |row: &alerts::Alert| row.id.to_string();
    Ok(Json(List::of(rows, page.limit, cursor, |row| {
        AlertView::of(row, language)
    })))
}
