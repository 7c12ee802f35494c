//! `GET /api/v1/admin/audit` and its export.

use axum::Json;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

use super::export::{self, Format};
use super::{Asked, AuditView, Narrow, TheApp, Whose};
use crate::auth::{Platform, PlatformAudit};
use crate::paging::{List, Wanted};
use crate::problem::{Problem, Result};

/// Whose acts are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfTenant {
    /// Only those that concern this tenant.
    tenant_id: Option<String>,
}

impl OfTenant {
    fn whose(&self) -> Result<Whose> {
        match self.tenant_id.as_deref() {
            None | Some("") => Ok(Whose::Everybody),
            Some(id) => {
                let id = id.parse();
                id.map(Whose::Tenant)
                    .map_err(|_| Problem::invalid("tenant_id", "must be a tenant's id, ten_…"))
            }
        }
    }
}

/// Lists what was administered on the platform and in all tenants, newest first.
#[utoipa::path(get, path = "/api/v1/admin/audit", tag = "admin", params(OfTenant, Narrow, Wanted), responses(
    (status = 200, description = "A page", body = List<AuditView>),
    (status = 422, description = "A filter is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn list(
    State(app): TheApp,
    _platform: Platform<PlatformAudit>,
    tenant: Asked<OfTenant>,
    narrow: Asked<Narrow>,
    wanted: Asked<Wanted>,
) -> Result<Json<List<AuditView>>> {
    let (Query(tenant), Query(narrow), Query(wanted)) = (tenant?, narrow?, wanted?);
    let page = wanted.page::<i64>()?;
    let rows = tenant.whose()?.page(&app, &narrow.filter()?, page).await?;
    Ok(Json(List::of(
        rows,
        page.limit,
        |row| row.seq.to_string(),
        AuditView::from,
    )))
}

/// Downloads what was administered on the platform and in all tenants, newest first.
#[utoipa::path(get, path = "/api/v1/admin/audit/export", tag = "admin", params(OfTenant, Narrow, Format), responses(
    (status = 200, description = "The file", body = String, content_type = "text/csv"),
    (status = 422, description = "A filter or the format is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn export(
    State(app): TheApp,
    _platform: Platform<PlatformAudit>,
    tenant: Asked<OfTenant>,
    narrow: Asked<Narrow>,
    format: Asked<Format>,
) -> Result<Response> {
    let (Query(tenant), Query(narrow), Query(format)) = (tenant?, narrow?, format?);
    export::download(app, tenant.whose()?, narrow.filter()?, &format).await
}
