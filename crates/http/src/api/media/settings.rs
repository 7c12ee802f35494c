//! `PATCH /api/v1/media/settings`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use serde::Deserialize;
use serde_json::json;
use store::audit::{self, Act, Target};
use store::event_log;
use store::media::accounts;
use utoipa::ToSchema;

use super::usage::{UsageView, view};
use crate::App;
use crate::admin::tenants::event;
use crate::auth::{Member, SettingsWrite};
use crate::given::given;
use crate::problem::{Problem, Result};

/// What to change; members that are left out stay as they are.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MediaSettingsChange {
    /// Days after which the file of a message is removed, 1 to 3650; null: never.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    retention_days: Option<Option<i64>>,
}

/// Sets how long the tenant's files are kept. The messages stay; a file that was removed does not come back.
#[utoipa::path(patch, path = "/api/v1/media/settings", tag = "media", request_body = MediaSettingsChange, responses(
    (status = 200, description = "The use afterwards", body = UsageView),
    (status = 422, description = "A value is wrong; nothing changed", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn update(
    State(app): State<App>,
    member: Member<SettingsWrite>,
    body: std::result::Result<Json<MediaSettingsChange>, JsonRejection>,
) -> Result<Json<UsageView>> {
    let Json(change) = body?;
    if let Some(days) = change.retention_days {
        if days.is_some_and(|days| !(1..=3_650).contains(&days)) {
            return Err(Problem::invalid(
                "retention_days",
                "must be 1 to 3650, or null to keep files for ever",
            ));
        }
        let now = app.engine.clock.now();
        let mut tx = app.engine.db.begin().await?;
        let before = accounts::read(&mut tx, member.tenant).await?;
        if before.retention_days != days {
            accounts::set_retention(&mut tx, member.tenant, days).await?;
            let act = Act {
                tenant: Some(member.tenant),
                action: "media.retention",
                target: Target {
                    kind: "tenant",
                    id: Some(member.tenant.to_string()),
                    name: None,
                },
                before: Some(json!({ "retention_days": before.retention_days })),
                after: Some(json!({ "retention_days": days })),
            };
            audit::append(&mut tx, &member.caller.who(), act, now).await?;
            event_log::append(&mut tx, &[event("tenant.updated", member.tenant, now)]).await?;
            tx.commit().await?;
            app.engine.wake.events.notify_waiters();
        }
    }
    Ok(Json(view(&app, member.tenant).await?))
}
