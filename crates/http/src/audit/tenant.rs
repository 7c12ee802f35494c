//! `GET /api/v1/audit` and its export.

use axum::Json;
use axum::extract::{Query, State};
use axum::response::Response;

use super::export::{self, Format};
use super::{Asked, AuditView, Narrow, TheApp, Whose};
use crate::auth::{AuditRead, Member};
use crate::paging::{List, Wanted};
use crate::problem::{Problem, Result};

/// Lists what was administered in the tenant, newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(Narrow, Wanted), responses(
    (status = 200, description = "A page", body = List<AuditView>),
    (status = 422, description = "A filter is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn list(
    State(app): TheApp,
    member: Member<AuditRead>,
    narrow: Asked<Narrow>,
    wanted: Asked<Wanted>,
) -> Result<Json<List<AuditView>>> {
    let (Query(narrow), Query(wanted)) = (narrow?, wanted?);
    let page = wanted.page::<i64>()?;
    let rows = Whose::Tenant(member.tenant)
        .page(&app, &narrow.filter()?, page)
        .await?;
    Ok(Json(List::of(
        rows,
        page.limit,
        |row| row.seq.to_string(),
        AuditView::from,
    )))
}

/// Downloads what was administered in the tenant, newest first.
#[utoipa::path(get, path = "/api/v1/audit/export", tag = "audit", params(Narrow, Format), responses(
    (status = 200, description = "The file", body = String, content_type = "text/csv"),
    (status = 422, description = "A filter or the format is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn export(
    State(app): TheApp,
    member: Member<AuditRead>,
    narrow: Asked<Narrow>,
    format: Asked<Format>,
) -> Result<Response> {
    let (Query(narrow), Query(format)) = (narrow?, format?);
    export::download(app, Whose::Tenant(member.tenant), narrow.filter()?, &format).await
}
