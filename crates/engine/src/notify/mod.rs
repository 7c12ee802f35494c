//! Other systems report what happened, and rules make messages of it.
//!
//! `intake` makes reported events durable, many in one transaction; each is known by the other system's id, so that
//! reporting it twice is one event. `handler` applies the rules: what an event leads to, the messages and the results,
//! commits in one transaction, so that a crash anywhere leaves an event unhandled or handled, never sent twice. What is
//! due later stands in the database and is fired by the same loop. `work` is what a
//! batch comes to, `decide` looks at one rule and one event and has no
//! effects, so that the dry run (`try_out`) shows exactly what would happen.

mod catalogue;
mod decide;
pub mod examples;
mod handler;
mod intake;
mod keys;
pub mod rules;
pub mod sources;
mod try_out;
mod work;
mod world;

pub use handler::{run, step};
pub use intake::{Accepted, EventIntake, NotAccepted};
pub use try_out::{DryRun, dry_run};

use domain::{EventId, RuleId, TenantId};
use serde_json::{Value, json};
use store::audit::{self, Act, Target, Who};
use store::event_log;
use store::events::{self, results};

use crate::Engine;

/// Most events in one request.
pub const MOST_EVENTS: usize = 500;

/// What became of a wish to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retried {
    /// The rules are applied again.
    Yes,
    /// There is no such event.
    NoEvent,
    /// There is nothing that could be tried again.
    Nothing,
}

/// Applies rules to an event again: those that are held, or one of them. An event that no rule was for is looked at
/// anew.
///
/// # Errors
/// When the database refuses.
pub async fn retry(
    engine: &Engine,
    tenant: TenantId,
    id: EventId,
    rule: Option<RuleId>,
    who: &Who,
) -> store::Result<Retried> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let Some(event) = events::lock(&mut tx, tenant, id).await? else {
        return Ok(Retried::NoEvent);
    };
    let again = results::retry(&mut tx, tenant, id, rule, now).await?;
    if again == 0 && !(event.state == "ignored" && rule.is_none()) {
        return Ok(Retried::Nothing);
    }
    events::again(&mut tx, tenant, id).await?;
    let act = Act {
        tenant: Some(tenant),
        action: "event.retry",
        target: Target {
            kind: "event",
            id: Some(id.to_string()),
            name: Some(&event.event_id),
        },
        before: None,
        after: Some(json!({ "rule_id": rule.map(|rule| rule.to_string()) })),
    };
    audit::append(&mut tx, who, act, now).await?;
    event_log::append(&mut tx, &[changed(tenant, id, "waiting", now)]).await?;
    tx.commit().await?;
    engine.wake.notify.notify_one();
    engine.wake.events.notify_waiters();
    Ok(Retried::Yes)
}

/// Events that one request tries again at the most.
const MOST_RETRIED: i64 = 1_000;

/// What was tried again at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetriedMany {
    /// Events.
    pub events: usize,
    /// Results of theirs.
    pub results: usize,
    /// Where to go on; none when nothing is left.
    pub next: Option<EventId>,
}

/// Applies rules again to everything of a tenant that a filter admits, newest events first, a thousand at the most.
///
/// # Errors
/// When the database refuses.
pub async fn retry_many(
    engine: &Engine,
    tenant: TenantId,
    which: &results::Stuck,
    before: Option<EventId>,
    who: &Who,
) -> store::Result<RetriedMany> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let (mut again, next) =
        results::retry_many(&mut tx, tenant, which, (before, MOST_RETRIED), now).await?;
    let results = again.len();
    again.sort_unstable();
    again.dedup();
    let done = RetriedMany {
        events: again.len(),
        results,
        next,
    };
    if again.is_empty() {
        return Ok(done);
    }
    events::any_tenant_again(&mut tx, &again).await?;
    let act = Act {
        tenant: Some(tenant),
        action: "event.retry",
        target: Target {
            kind: "events",
            id: None,
            name: None,
        },
        before: None,
        after: Some(json!({
            "retried": done.events, "state": which.state, "reason": which.reason, "type": which.kind,
            "rule_id": which.rule.map(|rule| rule.to_string()),
        })),
    };
    audit::append(&mut tx, who, act, now).await?;
    let told: Vec<_> = again
        .iter()
        .map(|id| changed(tenant, *id, "waiting", now))
        .collect();
    event_log::append(&mut tx, &told).await?;
    tx.commit().await?;
    engine.wake.notify.notify_one();
    engine.wake.events.notify_waiters();
    Ok(done)
}

/// What the stream tells about an event.
fn changed(tenant: TenantId, id: EventId, state: &str, now: domain::Timestamp) -> event_log::New {
    let data = format!(r#"{{"event_id":"{id}","state":"{state}"}}"#);
    event_log::of(tenant, "event.changed", data, now)
}

/// What paths are followed in.
fn root(event: &events::Event) -> Value {
    let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
    let mut root = json!({ "type": event.kind, "id": event.event_id, "data": data });
    if let Some(at) = event.occurred_at {
        root["occurred_at"] = json!(domain::Timestamp(at).rfc3339());
    }
    root
}
