//! `PATCH /api/v1/admin/connections/{id}`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use domain::connection::BillingMode;
use serde::Deserialize;
use serde_json::json;
use store::audit::{self, Act, Target};
use store::{connections, event_log};
use utoipa::ToSchema;

use super::row;
use crate::App;
use crate::api::connections::view::{self, ConnectionView};
use crate::auth::{Platform, PlatformWrite};
use crate::problem::{Problem, Result};

/// What to change; members that are left out stay as they are.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ConnectionChange {
    /// `direct`: Meta bills the business; `rebilled`: the platform does.
    billing_mode: Option<String>,
}

/// Changes who is billed for a connection.
#[utoipa::path(patch, path = "/api/v1/admin/connections/{id}", tag = "admin", request_body = ConnectionChange, params(("id" = String, Path, description = "conn_…")), responses(
    (status = 200, description = "The connection afterwards", body = ConnectionView),
    (status = 404, description = "No such connection", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A value is wrong; nothing changed", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn update(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
    Path(id): Path<String>,
    body: std::result::Result<Json<ConnectionChange>, JsonRejection>,
) -> Result<Json<ConnectionView>> {
    let found = row(&app, &id).await?;
    let Json(change) = body?;
    let mode = change
        .billing_mode
        .as_deref()
        .map(str::parse::<BillingMode>)
        .transpose()
        .map_err(|_| Problem::invalid("billing_mode", "must be direct or rebilled"))?;
    let now = app.engine.clock.now();
    let mut tx = app.engine.db.begin().await?;
    let mut row = connections::lock(&mut tx, found.tenant_id, found.id)
        .await?
        .ok_or_else(|| Problem::not_found("connection"))?;
    let before = json!({ "billing_mode": row.billing_mode });
    if let Some(mode) = mode.filter(|mode| mode.as_str() != row.billing_mode) {
        row.set_billing(mode);
        connections::update(&mut tx, &row, now).await?;
        let act = Act {
            tenant: Some(row.tenant_id),
            action: "connection.update",
            target: Target {
                kind: "connection",
                id: Some(row.id.to_string()),
                name: row.business_name.as_deref(),
            },
            before: Some(before),
            after: Some(json!({ "billing_mode": row.billing_mode })),
        };
        audit::append(&mut tx, &platform.caller.who(), act, now).await?;
        let data = json!({ "connection_id": row.id.to_string(), "state": row.state }).to_string();
        let event = event_log::of(row.tenant_id, "connection.changed", data, now);
        event_log::append(&mut tx, &[event]).await?;
        tx.commit().await?;
        app.engine.wake.events.notify_waiters();
    }
    Ok(Json(view::whole(&app.engine, row).await?))
}
