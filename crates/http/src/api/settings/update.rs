//! `PATCH /api/v1/settings`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use serde::Deserialize;
use serde_json::json;
use store::audit::{self, Act, Target};
use store::event_log;
use store::events::results;
use store::outbox::look::Hold;
use store::outbox::stop::{self, Selection};
use store::tenants::{self, Tenant};
use utoipa::ToSchema;

use super::{QuietHoursView, SettingsView, view};
use crate::App;
use crate::admin::tenants::event;
use crate::auth::{Member, SettingsWrite};
use crate::given::given;
use crate::problem::{Problem, Result};

/// What to change; members that are left out stay as they are.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SettingsChange {
    /// `en` or `es`.
    language: Option<String>,
    /// Off, sends are refused and the welcome is not sent; what comes in is kept all the same.
    whatsapp_enabled: Option<bool>,
    /// Whether agents who see their own conversations also see, and may take, those that nobody has.
    agents_see_unassigned: Option<bool>,
    /// When mailings (the lane `bulk`) rest, by the clock of the person they go to; null: never.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<QuietHoursView>)]
    quiet_hours: Option<Option<QuietHoursView>>,
}

/// Changes the tenant's settings.
#[utoipa::path(patch, path = "/api/v1/settings", tag = "settings", request_body = SettingsChange, responses(
    (status = 200, description = "The settings afterwards", body = SettingsView),
    (status = 422, description = "A value is wrong; nothing changed", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn update(
    State(app): State<App>,
    member: Member<SettingsWrite>,
    body: std::result::Result<Json<SettingsChange>, JsonRejection>,
) -> Result<Json<SettingsView>> {
    let Json(change) = body?;
    if let Some(language) = change.language.as_deref()
        && !matches!(language, "en" | "es")
    {
        return Err(Problem::invalid("language", "must be en or es"));
    }
    let quiet = change
        .quiet_hours
        .map(|quiet| quiet.map(quiet_text).transpose())
        .transpose()?;
    let mut tx = app.engine.db.begin().await?;
    let mut tenant = tenants::lock(&mut tx, member.tenant)
        .await?
        .ok_or_else(|| Problem::not_found("tenant"))?;
    let before = shown(&tenant);
    if let Some(language) = change.language {
        tenant.language = language;
    }
    if let Some(enabled) = change.whatsapp_enabled {
        tenant.whatsapp_enabled = enabled;
    }
    if let Some(seen) = change.agents_see_unassigned {
        tenant.agents_see_unassigned = seen;
    }
    if let Some(quiet) = quiet {
        tenant.quiet_hours = quiet;
    }
    let after = shown(&tenant);
    if before != after {
        let now = app.engine.clock.now();
        tenants::update(&mut tx, &tenant).await?;
        if before["quiet_hours"] != after["quiet_hours"] {
            // What rests by the old hours is looked at again by the new ones.
            let (all, hold) = (Selection::default(), Hold::QuietHours.as_str());
            stop::any_tenant_unhold(&mut tx, Some(tenant.id), &all, hold).await?;
            results::quiet_no_more(&mut tx, tenant.id, now).await?;
        }
        let act = Act {
            tenant: Some(tenant.id),
            action: "settings.update",
            target: Target {
                kind: "tenant",
                id: Some(tenant.id.to_string()),
                name: Some(&tenant.name),
            },
            before: Some(before),
            after: Some(after),
        };
        audit::append(&mut tx, &member.caller.who(), act, now).await?;
        event_log::append(&mut tx, &[event("tenant.updated", tenant.id, now)]).await?;
        tx.commit().await?;
        app.engine.wake.events.notify_waiters();
        app.engine.wake.sender.notify_one();
    } else {
        tx.rollback().await?;
    }
    Ok(Json(view(&app, tenant).await?))
}

fn shown(tenant: &Tenant) -> serde_json::Value {
    json!({
        "language": tenant.language,
        "whatsapp_enabled": tenant.whatsapp_enabled,
        "agents_see_unassigned": tenant.agents_see_unassigned,
        "quiet_hours": tenant.quiet_hours,
    })
}

/// As they stand in the database; refused when they make no sense.
fn quiet_text(quiet: QuietHoursView) -> Result<String> {
    let hours = quiet.hours();
    hours
        .check()
        .map_err(|wrong| Problem::invalid("quiet_hours", wrong.to_string()))?;
    serde_json::to_string(&hours)
        .map_err(|wrong| Problem::invalid("quiet_hours", wrong.to_string()))
}
