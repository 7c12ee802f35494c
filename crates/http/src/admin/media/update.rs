//! `PATCH /api/v1/admin/media/{id}`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use serde::Deserialize;
use serde_json::json;
use store::audit::{self, Act, Target};
use store::event_log;
use store::media::accounts;
use utoipa::ToSchema;

use super::{TenantMediaView, of};
use crate::App;
use crate::admin::tenants::event;
use crate::auth::{AnyTenant, PlatformWrite};
use crate::given::given;
use crate::problem::{Problem, Result};

/// What to change; members that are left out stay as they are.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct QuotaChange {
    /// Bytes that the tenant may keep; null: as the installation says.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    quota_bytes: Option<Option<i64>>,
}

/// Sets how much a tenant may keep. What it keeps already stays, also when it is more.
#[utoipa::path(patch, path = "/api/v1/admin/media/{id}", tag = "admin", request_body = QuotaChange,
    params(("id" = String, Path, description = "ten_…")), responses(
    (status = 200, description = "The use afterwards", body = TenantMediaView),
    (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A value is wrong; nothing changed", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn update(
    State(app): State<App>,
    AnyTenant { platform, row }: AnyTenant<PlatformWrite>,
    body: std::result::Result<Json<QuotaChange>, JsonRejection>,
) -> Result<Json<TenantMediaView>> {
    let Json(change) = body?;
    if let Some(quota) = change.quota_bytes {
        if quota.is_some_and(|bytes| bytes < 0) {
            return Err(Problem::invalid(
                "quota_bytes",
                "must not be negative; null means as the installation says",
            ));
        }
        let now = app.engine.clock.now();
        let mut tx = app.engine.db.begin().await?;
        let before = accounts::read(&mut tx, row.id).await?;
        if before.quota_bytes != quota {
            accounts::set_quota(&mut tx, row.id, quota).await?;
            let act = Act {
                tenant: Some(row.id),
                action: "media.quota",
                target: Target {
                    kind: "tenant",
                    id: Some(row.id.to_string()),
                    name: Some(&row.name),
                },
                before: Some(json!({ "quota_bytes": before.quota_bytes })),
                after: Some(json!({ "quota_bytes": quota })),
            };
            audit::append(&mut tx, &platform.caller.who(), act, now).await?;
            event_log::append(&mut tx, &[event("tenant.updated", row.id, now)]).await?;
            tx.commit().await?;
            app.engine.wake.events.notify_waiters();
        }
    }
    let account = accounts::get(&app.engine.db, row.id).await?;
    Ok(Json(of(&app.engine, row.id, row.name, &account)))
}
