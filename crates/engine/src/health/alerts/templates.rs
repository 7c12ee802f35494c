//! Templates that cannot be sent, or cost more from now on: who owns one is told, and whose messages wait for it.

use std::collections::BTreeMap;

use domain::{TenantId, Timestamp};
use serde_json::json;
use store::alerts::New;
use store::outbox::look::Hold;
use store::templates::{self, Template, waiting};
use store::{Db, wabas};

use super::wanted::new;
use crate::templates::hold_of;

/// A template of which somebody should know.
#[derive(Debug, Clone)]
pub struct Stopped {
    /// The template.
    pub row: Template,
    /// Whose it is; none for the platform.
    pub owner: Option<TenantId>,
    /// How many messages wait for it, by tenant.
    pub waiting: BTreeMap<TenantId, i64>,
}

/// The templates of which somebody should know now.
pub(super) async fn stopped(db: &Db) -> store::Result<Vec<Stopped>> {
    let rows = templates::any_tenant_stopped(db).await?;
    let rows: Vec<_> = rows
        .into_iter()
        .filter(|row| row.correct_category.is_some() || hold_of(row).is_some())
        .collect();
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let owners = wabas::any_tenant_list(db).await?;
    let mut all = Vec::new();
    for row in rows {
        let of_account = owners
            .iter()
            .find(|waba| waba.waba_id == row.waba_id)
            .and_then(|waba| waba.tenant_id);
        let owner = row.owner_tenant.or(of_account).map(TenantId);
        let key = format!("{}/{}", row.name, row.language);
        let mut waiting = BTreeMap::new();
        for tally in waiting::any_tenant_tally(db, &row.waba_id, &key).await? {
            if tally
                .hold
                .as_deref()
                .is_some_and(|hold| hold.starts_with("template"))
            {
                *waiting.entry(TenantId(tally.tenant_id)).or_insert(0) += tally.count;
            }
        }
        all.push(Stopped {
            row,
            owner,
            waiting,
        });
    }
    Ok(all)
}

/// What is told about a template.
pub(super) fn of_template(stopped: &Stopped, all: &mut Vec<New>) {
    let row = &stopped.row;
    let found = match hold_of(row).map(|hold| hold.hold) {
        Some(Hold::TemplatePaused) => ("template_paused", "warning"),
        Some(Hold::TemplateDisabled) => ("template_disabled", "critical"),
        Some(Hold::TemplateReview) if row.status == "REJECTED" && !stopped.waiting.is_empty() => {
            ("template_rejected", "warning")
        }
        Some(Hold::TemplateReview) => return,
        Some(_) => ("template_became_marketing", "warning"),
        None if row.correct_category.is_some() => ("template_category", "warning"),
        None => return,
    };
    let mut told: Vec<Option<TenantId>> = vec![stopped.owner];
    told.extend(stopped.waiting.keys().map(|tenant| Some(*tenant)));
    told.dedup();
    for tenant in told {
        let count = match tenant {
            Some(tenant) => stopped.waiting.get(&tenant).copied().unwrap_or(0),
            None => stopped.waiting.values().sum(),
        };
        let moment = |at: Option<i64>| at.map(|at| Timestamp(at).rfc3339()).unwrap_or_default();
        let with = json!({
            "template": row.name,
            "language": row.language,
            "count": count.to_string(),
            "category": row.category,
            "new_category": row.correct_category,
            "at": moment(row.category_changes_at),
            "paused_until": moment(row.paused_until),
            "ends": if row.paused_until.is_some() { "then" } else { "never" },
        });
        let (kind, severity) = found;
        let stage = format!(
            "{}@{}",
            row.status,
            row.became_marketing_at.unwrap_or(row.status_at)
        );
        // Somebody told as the owner is not told again for the same.
        let subject = row.id.to_string();
        if all
            .iter()
            .any(|one| one.kind == kind && one.subject == subject && one.tenant == tenant)
        {
            continue;
        }
        all.push(new(tenant, kind, &subject, severity, &stage, with));
    }
}
