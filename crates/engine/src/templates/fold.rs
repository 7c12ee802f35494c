//! Changes of templates on their way to the database: rows, their history, what waits for them, and who is told.

use std::collections::{BTreeMap, BTreeSet};

use domain::{TenantId, Timestamp};
use meta::graph::Template as Wire;
use serde_json::Value;
use store::templates::history::{self, New};
use store::templates::{self, Template, books};
use store::{Tx, event_log, numbers};

use super::held;

/// Changes of one transaction.
#[derive(Debug)]
pub(crate) struct Fold {
    now: Timestamp,
    source: &'static str,
    changes: Vec<(Template, Template)>,
    steps: Vec<New>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Folded {
    /// To be appended at the end of the transaction.
    pub(crate) events: Vec<event_log::New>,
    /// Something may leave that waited.
    pub(crate) freed: bool,
    /// How many templates changed.
    pub(crate) changed: usize,
}

impl Fold {
    pub(crate) fn new(source: &'static str, now: Timestamp) -> Self {
        Self {
            now,
            source,
            changes: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// A step that no column shows.
    pub(crate) fn step(&mut self, row: &Template, kind: &'static str, detail: &Value) {
        self.steps
            .push(New::of(row.id, kind, self.source, self.now).with(detail));
    }

    /// One that is new here.
    pub(crate) fn add(&mut self, row: Template) {
        let step = New::of(row.id, "created", self.source, self.now);
        self.steps.push(step.from_to(None, Some(&row.status)));
        self.changes.push((row.clone(), row));
    }

    /// One that has changed; what has not is left alone.
    pub(crate) fn change(&mut self, before: Template, mut after: Template) {
        if before == after {
            return;
        }
        after.updated_at = self.now.0;
        let of = |kind| New::of(after.id, kind, self.source, self.now);
        if before.status != after.status {
            let rejection: Value = after
                .rejection
                .as_deref()
                .and_then(|text| serde_json::from_str(text).ok())
                .unwrap_or_default();
            let step = of("status").from_to(Some(&before.status), Some(&after.status));
            self.steps.push(step.with(&rejection));
        }
        for (kind, was, is) in [
            ("quality", &before.quality, &after.quality),
            (
                "category_announced",
                &before.correct_category,
                &after.correct_category,
            ),
        ] {
            // That nobody has judged it yet is no news.
            let first = was.is_none() && is.as_deref() == Some("UNKNOWN");
            if was != is && is.is_some() && !first {
                self.steps
                    .push(of(kind).from_to(was.as_deref(), is.as_deref()));
            }
        }
        if before.category != after.category {
            self.steps
                .push(of("category").from_to(Some(&before.category), Some(&after.category)));
        }
        if !same_json(&before.components, &after.components) {
            let step = of("components");
            self.steps
                .push(step.from_to(Some(&before.components), Some(&after.components)));
        }
        if before.deleted_at.is_none() && after.deleted_at.is_some() {
            self.steps
                .push(of("deleted").from_to(Some(&before.status), None));
        }
        self.changes.push((before, after));
    }

    /// Writes it. The caller appends the events and commits.
    pub(crate) async fn write(self, tx: &mut Tx) -> store::Result<Folded> {
        let rows: Vec<_> = self
            .changes
            .iter()
            .map(|(_, after)| after.clone())
            .collect();
        templates::any_tenant_put(tx, &rows).await?;
        history::any_tenant_add(tx, &self.steps).await?;
        let mut folded = Folded {
            changed: rows.len(),
            ..Folded::default()
        };
        let mut sendable = BTreeSet::new();
        for (before, after) in &self.changes {
            folded.freed |= held::settle(tx, before, after).await?;
            let is_new = before == after;
            if after.status == "APPROVED" && (is_new || before.status != "APPROVED") {
                sendable.insert(after.waba_id.as_str());
            }
        }
        for waba_id in sendable {
            let events = store::events::results::any_tenant_free(tx, waba_id, self.now).await?;
            store::events::any_tenant_again(tx, &events).await?;
        }
        let wabas: BTreeSet<_> = rows.iter().map(|row| row.waba_id.as_str()).collect();
        for waba_id in &wabas {
            books::any_tenant_turn(tx, waba_id).await?;
        }
        if !rows.is_empty() {
            folded.events = events(tx, &rows, self.now).await?;
            let shared = crate::global_templates::heard(tx, &self.changes, self.now).await?;
            folded.events.extend(shared);
        }
        Ok(folded)
    }
}

/// Who hears of it: the owner; where everybody on an account may send it, all of them, each once.
async fn events(
    tx: &mut Tx,
    rows: &[Template],
    now: Timestamp,
) -> store::Result<Vec<event_log::New>> {
    let owners = numbers::any_tenant_waba_owners(tx).await?;
    let mut shared: BTreeMap<&str, Vec<&Template>> = BTreeMap::new();
    let mut events = Vec::new();
    for row in rows {
        let of_account = owners
            .iter()
            .find(|owner| owner.waba_id == row.waba_id)
            .and_then(|owner| owner.tenant_id);
        match row.owner_tenant.or(of_account) {
            Some(owner) => events.push(told(Some(TenantId(owner)), row, now)),
            None => shared.entry(&row.waba_id).or_default().push(row),
        }
    }
    for (waba_id, rows) in shared {
        events.extend(rows.iter().map(|row| told(None, row, now)));
        let numbers = numbers::any_tenant_of_waba(tx, waba_id).await?;
        let tenants: BTreeSet<_> = numbers
            .iter()
            .filter_map(store::numbers::PhoneNumber::tenant)
            .collect();
        events.extend(
            tenants
                .into_iter()
                .filter_map(|tenant| Some(told(Some(tenant), rows.last()?, now))),
        );
    }
    Ok(events)
}

fn told(tenant: Option<TenantId>, row: &Template, now: Timestamp) -> event_log::New {
    let data = serde_json::json!({
        "template_id": row.id,
        "waba_id": row.waba_id,
        "status": if row.deleted_at.is_some() { "DELETED" } else { &row.status },
        "quality": row.quality,
        "category": row.category,
    });
    event_log::New {
        tenant: tenant.map(TenantId::hex),
        kind: "template.changed",
        data: data.to_string(),
        at: now.0,
    }
}

pub(crate) fn same_json(one: &str, other: &str) -> bool {
    one == other
        || serde_json::from_str::<Value>(one).ok() == serde_json::from_str::<Value>(other).ok()
}

/// What has a value here and means nothing.
fn meaning(word: Option<&str>) -> Option<String> {
    word.filter(|word| !word.is_empty() && *word != "NONE")
        .map(str::to_owned)
}

/// What Meta's list says, put into a row.
pub(crate) fn learn(row: &Template, wire: &Wire, now: Timestamp) -> Template {
    let mut after = row.clone();
    after.meta_id.clone_from(&wire.id);
    if let Some(status) = &wire.status {
        after.status.clone_from(status);
    }
    if let Some(category) = &wire.category {
        categorise(&mut after, category, sendable(row), now);
    }
    if let Some(format) = &wire.parameter_format {
        after.parameter_format = format.to_uppercase();
    }
    if let Some(components) = &wire.components
        && !same_json(components.get(), &row.components)
    {
        components.get().clone_into(&mut after.components);
    }
    after.rejected_reason = meaning(wire.rejected_reason.as_deref());
    if let Some(score) = wire
        .quality_score
        .as_ref()
        .and_then(|quality| quality.score.as_ref())
    {
        after.quality = Some(score.clone());
    }
    after.correct_category =
        meaning(wire.correct_category.as_deref()).filter(|announced| *announced != after.category);
    if after.correct_category.is_none() {
        after.category_changes_at = None;
    }
    if let Some(previous) = meaning(wire.previous_category.as_deref()) {
        after.previous_category = Some(previous);
    }
    // What Meta does not say stays as it was asked for.
    after.ttl_seconds = wire.message_send_ttl_seconds.or(after.ttl_seconds);
    after.library_name = meaning(wire.library_template_name.as_deref()).or(after.library_name);
    if after.status != "PAUSED" {
        after.paused_until = None;
    }
    if after.status != "REJECTED" {
        after.rejection = None;
        after.rejected_reason = None;
    }
    after.deleted_at = None;
    if after != *row {
        after.synced_at = Some(now.0);
    }
    after
}

/// Whether messages may have been enqueued with it.
pub(crate) fn sendable(row: &Template) -> bool {
    matches!(row.status.as_str(), "APPROVED" | "PAUSED")
}

/// Another category. What could be sent before and is a marketing template now waits for somebody's decision.
pub(crate) fn categorise(row: &mut Template, category: &str, sendable: bool, now: Timestamp) {
    if row.category == category {
        return;
    }
    let was = std::mem::replace(&mut row.category, category.to_owned());
    if was.is_empty() {
        return;
    }
    if category == "MARKETING" && sendable {
        row.became_marketing_at = Some(now.0);
        row.marketing_accepted_at = None;
    }
    if category != "MARKETING" {
        row.became_marketing_at = None;
        row.marketing_accepted_at = None;
    }
    row.previous_category = Some(was);
    if row.correct_category.as_deref() == Some(category) {
        row.correct_category = None;
        row.category_changes_at = None;
    }
}
