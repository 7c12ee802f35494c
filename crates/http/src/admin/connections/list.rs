//! `GET /api/v1/admin/connections`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::connection::{ConnectionState, Way};
use domain::{ConnectionId, TenantId};
use serde::Deserialize;
use store::connections;
use store::page::Page;
use utoipa::IntoParams;

use crate::App;
use crate::api::connections::view::{self, ConnectionView};
use crate::auth::{Platform, PlatformRead};
use crate::paging::List;
use crate::problem::{Problem, Result};

/// Which connections.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WantedConnections {
    /// `solution_partner`, `tech_provider`, `own_credentials`.
    way: Option<String>,
    /// `connecting`, `connected`, `action_needed`, `disconnected`.
    state: Option<String>,
    /// Of this tenant.
    tenant: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// How many rows: 1 to 200, 50 when not given.
    limit: Option<i64>,
}

/// Lists connections of all tenants, newest first. Numbers of the platform's own account stand under `admin/whatsapp`.
#[utoipa::path(get, path = "/api/v1/admin/connections", tag = "admin", params(WantedConnections), responses(
    (status = 200, description = "A page", body = List<ConnectionView>),
    (status = 422, description = "A value is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn list(
    State(app): State<App>,
    _platform: Platform<PlatformRead>,
    wanted: std::result::Result<Query<WantedConnections>, QueryRejection>,
) -> Result<Json<List<ConnectionView>>> {
    let Query(wanted) = wanted?;
    if let Some(way) = &wanted.way {
        way.parse::<Way>()
            .map_err(|error| Problem::invalid("way", error.to_string()))?;
    }
    if let Some(state) = &wanted.state {
        state
            .parse::<ConnectionState>()
            .map_err(|error| Problem::invalid("state", error.to_string()))?;
    }
    let tenant = wanted
        .tenant
        .as_deref()
        .map(str::parse::<TenantId>)
        .transpose()
        .map_err(|error| Problem::invalid("tenant", error.to_string()))?;
    let after = wanted
        .cursor
        .as_deref()
        .filter(|text| !text.is_empty())
        .map(str::parse::<ConnectionId>)
        .transpose()
        .map_err(|_| Problem::invalid("cursor", "is not one that this list gave"))?;
    let limit = wanted.limit.unwrap_or(50);
    if !(1..=store::page::MAX_LIMIT).contains(&limit) {
        return Err(Problem::invalid("limit", "must be 1 to 200"));
    }
    let asked = connections::Wanted {
        way: wanted.way,
        state: wanted.state,
        tenant,
    };
    let db = &app.engine.db;
    let rows = connections::any_tenant_list(db, &asked, Page::new(after, limit)).await?;
    let full = i64::try_from(rows.len()).is_ok_and(|count| count >= limit);
    let next = rows.last().filter(|_| full).map(|row| row.id.to_string());
    let mut data = Vec::new();
    for row in rows {
        data.push(view::whole(&app.engine, row).await?);
    }
    Ok(Json(List { data, next }))
}
