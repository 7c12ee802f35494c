//! `POST /api/v1/alerts/{id}/dismiss`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::{AlertId, TenantId};
use engine::health::alerts::changed;
use serde_json::json;
use store::audit::{self, Act, Target};
use store::{alerts, event_log};

use crate::App;
use crate::auth::{Caller, Member, SettingsWrite};
use crate::problem::{Problem, Result};

/// Puts an alert away: it is shown no more, until it comes further. What it is about is not changed by that.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/dismiss", tag = "health", params(("id" = String, Path, description = "The alert")), responses(
    (status = 204, description = "It is put away"),
    (status = 404, description = "The tenant has no such alert", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn dismiss(
    State(app): State<App>,
    member: Member<SettingsWrite>,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    put_away(&app, &member.caller, Some(member.tenant), &id).await
}

/// Puts one of a tenant's, or of the platform's, away.
pub(crate) async fn put_away(
    app: &App,
    caller: &Caller,
    tenant: Option<TenantId>,
    id: &str,
) -> Result<StatusCode> {
    let id: AlertId = id.parse().map_err(|_| Problem::not_found("alert"))?;
    let now = app.engine.clock.now();
    let who = caller.who();
    let mut tx = app.engine.db.begin().await?;
    let alert = alerts::any_tenant_dismiss(&mut tx, tenant, id, &who.name, now)
        .await?
        .ok_or_else(|| Problem::not_found("alert"))?;
    if alert.dismissed_at.is_some() {
        return Ok(StatusCode::NO_CONTENT);
    }
    let act = Act {
        tenant,
        action: "alert.dismiss",
        target: Target {
            kind: "alert",
            id: Some(id.to_string()),
            name: Some(&alert.kind),
        },
        before: None,
        after: Some(json!({ "kind": alert.kind, "subject": alert.subject })),
    };
    audit::append(&mut tx, &who, act, now).await?;
    event_log::append(&mut tx, &[changed(tenant, now)]).await?;
    tx.commit().await?;
    app.engine.wake.events.notify_waiters();
    Ok(StatusCode::NO_CONTENT)
}
