//! `PATCH /api/v1/admin/tenants/{id}`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use domain::message::UncertainPolicy;
use serde::{Deserialize, Serialize};
use store::{audit, event_log, tenants};
use utoipa::ToSchema;

use super::{TenantView, changed, event};
use crate::App;
use crate::api::auto_replies::update::check_welcome;
use crate::auth::{AnyTenant, PlatformWrite};
use crate::given::given;
use crate::problem::{Problem, Result};

/// What to change; members that are left out stay as they are.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TenantChange {
    /// The business's name.
    name: Option<String>,
    /// Language code.
    language: Option<String>,
    /// `active` or `suspended`.
    status: Option<String>,
    /// Text sent to new contacts; null switches it off.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    welcome: Option<Option<String>>,
    /// Whether it may send from the platform's fallback number.
    fallback_allowed: Option<bool>,
    /// `ask` or `retry_once`.
    uncertain_policy: Option<UncertainWord>,
}

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum UncertainWord {
    Ask,
    RetryOnce,
}

/// Changes a tenant.
#[utoipa::path(patch, path = "/api/v1/admin/tenants/{id}", tag = "admin", request_body = TenantChange, params(("id" = String, Path, description = "ten_…")), responses(
    (status = 200, description = "The tenant afterwards", body = TenantView),
    (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A value is wrong; nothing changed", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn update(
    State(app): State<App>,
    AnyTenant { platform, row }: AnyTenant<PlatformWrite>,
    body: std::result::Result<Json<TenantChange>, JsonRejection>,
) -> Result<Json<TenantView>> {
    let Json(change) = body?;
    let mut tx = app.engine.db.begin().await?;
    // As it is now, not as it was before the request's body had come.
    let mut tenant = tenants::lock(&mut tx, row.id)
        .await?
        .ok_or_else(|| Problem::not_found("tenant"))?;
    let before = TenantView::from(tenant.clone());
    if let Some(name) = &change.name {
        check_name(name)?.clone_into(&mut tenant.name);
    }
    if let Some(language) = change.language {
        tenant.language = language;
    }
    match change.status.as_deref() {
        None => {}
        Some(word @ ("active" | "suspended")) => word.clone_into(&mut tenant.status),
        Some(_) => return Err(Problem::invalid("status", "must be active or suspended")),
    }
    if let Some(welcome) = change.welcome {
        check_welcome(welcome.as_deref())?;
        tenant.welcome_text = welcome;
    }
    if let Some(allowed) = change.fallback_allowed {
        tenant.fallback_allowed = allowed;
    }
    if let Some(policy) = change.uncertain_policy {
        let policy = match policy {
            UncertainWord::Ask => UncertainPolicy::Ask,
            UncertainWord::RetryOnce => UncertainPolicy::RetryOnce,
        };
        policy.as_str().clone_into(&mut tenant.uncertain_policy);
    }
    let view = TenantView::from(tenant.clone());
    tenants::update(&mut tx, &tenant).await?;
    let act = changed("tenant.update", &tenant, Some(&before), &view);
    let now = app.engine.clock.now();
    audit::append(&mut tx, &platform.caller.who(), act, now).await?;
    event_log::append(&mut tx, &[event("tenant.updated", tenant.id, now)]).await?;
    tx.commit().await?;
    app.engine.wake.events.notify_waiters();
    Ok(Json(view))
}

/// A business's name without the space around it.
pub(super) fn check_name(name: &str) -> Result<&str> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(Problem::invalid("name", "must have 1 to 200 characters"));
    }
    Ok(name)
}
