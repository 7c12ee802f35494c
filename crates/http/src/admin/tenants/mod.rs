//! `/api/v1/admin/tenants`.

pub(crate) mod create;
pub(crate) mod keys;
pub(crate) mod list;
pub(crate) mod show;
pub(crate) mod update;

use domain::{TenantId, Timestamp};
use serde::Serialize;
use store::audit::{Act, Target};
use store::event_log;
use store::tenants::Tenant;
use utoipa::ToSchema;

/// A tenant as the platform sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TenantView {
    /// Its id.
    #[schema(example = "ten_0193a5c47d1e7c3f8a2b4c5d6e7f8091")]
    id: String,
    /// The business's name.
    name: String,
    /// Language of what the product writes to its people.
    language: String,
    /// `active` or `suspended`.
    status: String,
    /// Text sent to new contacts; null switches it off.
    welcome: Option<String>,
    /// Whether it may send from the platform's fallback number while it has none of its own.
    fallback_allowed: bool,
    /// `ask` or `retry_once`: what to do with a send of unknown outcome after the settle time.
    uncertain_policy: String,
    /// The tenant's own switch: off, it sends nothing.
    whatsapp_enabled: bool,
    /// When it was created.
    created_at: String,
}

impl From<Tenant> for TenantView {
    fn from(row: Tenant) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            language: row.language,
            status: row.status,
            welcome: row.welcome_text,
            fallback_allowed: row.fallback_allowed,
            uncertain_policy: row.uncertain_policy,
            whatsapp_enabled: row.whatsapp_enabled,
            created_at: row.created_at.rfc3339(),
        }
    }
}

/// The event of a change of a tenant, for its own people and the platform's.
pub(crate) fn event(kind: &'static str, tenant: TenantId, now: Timestamp) -> event_log::New {
    event_log::of(tenant, kind, format!(r#"{{"tenant_id":"{tenant}"}}"#), now)
}

/// A change of a tenant, for the audit log.
fn changed<'a>(
    action: &'static str,
    tenant: &'a Tenant,
    before: Option<&TenantView>,
    after: &TenantView,
) -> Act<'a> {
    Act {
        tenant: Some(tenant.id),
        action,
        target: Target {
            kind: "tenant",
            id: Some(tenant.id.to_string()),
            name: Some(&tenant.name),
        },
        before: before.and_then(|view| serde_json::to_value(view).ok()),
        after: serde_json::to_value(after).ok(),
    }
}
