//! A template of a shared account as the platform sees it.

use std::collections::HashMap;

use domain::{GlobalTemplateId, TenantId, Timestamp};
use engine::Engine;
use serde::Serialize;
use store::templates::{Template, waiting};
use store::tenants;
use utoipa::ToSchema;

use crate::problem::Result;

/// A template on an account that several tenants share.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SharedTemplateView {
    /// `tpl_…`
    id: String,
    /// The account.
    waba_id: String,
    /// By which it is sent.
    name: String,
    /// Such as `en_US`.
    language: String,
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`.
    category: String,
    /// The category before Meta changed it.
    previous_category: Option<String>,
    /// Meta's word, or `DRAFT`.
    status: String,
    /// Meta's word for why it was rejected.
    rejected_reason: Option<String>,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    quality: Option<String>,
    /// When the pause ends by itself; null while it is paused: somebody has to let it go.
    paused_until: Option<String>,
    /// Whether somebody has still to decide about what waits because Meta made a marketing template of it.
    awaits_release: bool,
    /// Messages that wait for the sake of it, of all tenants.
    waiting: i64,
    /// The only tenant that sends with it, and decides about it; null: everybody on the account.
    tenant_id: Option<String>,
    /// Its name.
    tenant_name: Option<String>,
    /// The global template that it comes of.
    global_id: Option<String>,
    /// When anything of it last changed.
    updated_at: String,
}

/// Views of these.
pub(super) async fn many(engine: &Engine, rows: Vec<Template>) -> Result<Vec<SharedTemplateView>> {
    let waiting = waiting::any_tenant_waiting(&engine.db).await?;
    let mut names = HashMap::new();
    for row in &rows {
        if let Some(owner) = row.owner_tenant
            && !names.contains_key(&owner)
        {
            let tenant = tenants::get(&engine.db, TenantId(owner)).await?;
            names.insert(owner, tenant.map(|tenant| tenant.name));
        }
    }
    let view = |row: Template| {
        let key = (
            row.waba_id.clone(),
            format!("{}/{}", row.name, row.language),
        );
        SharedTemplateView {
            waiting: waiting.get(&key).copied().unwrap_or(0),
            awaits_release: row.awaits_release(),
            id: row.id.to_string(),
            waba_id: row.waba_id,
            name: row.name,
            language: row.language,
            category: row.category,
            previous_category: row.previous_category,
            status: row.status,
            rejected_reason: row.rejected_reason,
            quality: row.quality,
            paused_until: row.paused_until.map(|at| Timestamp(at).rfc3339()),
            tenant_id: row.owner_tenant.map(|id| TenantId(id).to_string()),
            tenant_name: row
                .owner_tenant
                .and_then(|id| names.get(&id).cloned().flatten()),
            global_id: row.global_id.map(|id| GlobalTemplateId(id).to_string()),
            updated_at: Timestamp(row.updated_at).rfc3339(),
        }
    };
    Ok(rows.into_iter().map(view).collect())
}
