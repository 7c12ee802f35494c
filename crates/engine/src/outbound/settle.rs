//! Sends whose outcome is unknown.
//!
//! A status webhook that carries our id settles one for good (see `inbound::project::statuses`). When
//! none has come by the settle time, the tenant's policy decides: ask a person, or send it once more.

use domain::message::UncertainPolicy;
use domain::status::{Failure, MessageStatus, Progress};
use domain::{MessageId, Sight, TenantId, Timestamp};
use serde_json::json;
use store::audit::{self, Act, Target, Who};
use store::outbox::{Entry, Later, claim};
use store::{message_events, outbox, tenants};

use super::record::{doubt, failed, report};
use super::steps;
use crate::Engine;

/// Rows in one transaction.
const STEP: i64 = 500;

/// A person's decision about an uncertain send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It did not arrive: send it (again).
    SendAgain,
    /// It did arrive: leave it.
    MarkSent,
    /// Leave it as failed.
    GiveUp,
}

/// Takes over what a process that is gone had claimed. False when the database cannot be reached.
pub(super) async fn adopt(engine: &Engine, process: &str) -> bool {
    match adopt_orphans(engine, process).await {
        Ok(0) => {}
        Ok(count) => tracing::warn!(
            count,
            "sends of a process that is gone have an unknown outcome"
        ),
        Err(error) => {
            tracing::error!(error = %error, "cannot look for sends of a process that is gone");
            return false;
        }
    }
    true
}

/// What a process that is gone had claimed: whether it reached Meta nobody knows.
async fn adopt_orphans(engine: &Engine, process: &str) -> store::Result<usize> {
    let mut adopted = 0;
    loop {
        let now = engine.clock.now();
        let mut tx = engine.db.begin().await?;
        let orphans = claim::any_tenant_orphans(&mut tx, process, STEP).await?;
        if orphans.is_empty() {
            return Ok(adopted);
        }
        adopted += orphans.len();
        let why = "the program stopped while this message was on its way";
        let rows: Vec<_> = orphans
            .iter()
            .map(|entry| doubt(entry, now.plus(engine.outbound.settle), why))
            .collect();
        let reports: Vec<_> = orphans
            .iter()
            .map(|entry| {
                (
                    entry,
                    None,
                    Progress::report(MessageStatus::Uncertain, now, None),
                )
            })
            .collect();
        let steps = orphans.iter().zip(&rows);
        let steps: Vec<_> = steps
            .map(|(entry, later)| steps::stayed(entry, later, now))
            .collect();
        message_events::any_tenant_add(&mut tx, &steps).await?;
        outbox::any_tenant_later(&mut tx, &rows).await?;
        report(&mut tx, &reports, now).await?;
        tx.commit().await?;
    }
}

/// Settles what is due by the tenants' policies. What became due after the oldest webhook that is still
/// to be projected waits for it: the status that settles a send for good may be among those.
///
/// # Errors
/// When the database cannot be reached.
pub async fn settle_due(engine: &Engine) -> store::Result<usize> {
    let books = store::projector::read(&engine.db).await?;
    let backlog = engine.log.backlog(books.position).await?;
    let now = engine.clock.now();
    let until = backlog.oldest.map_or(now, |oldest| oldest.min(now));
    let mut tx = engine.db.begin().await?;
    let due = claim::any_tenant_unsettled(&mut tx, until, STEP).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let policies: std::collections::HashMap<TenantId, UncertainPolicy> =
        tenants::any_tenant_all(&mut tx)
            .await?
            .into_iter()
            .map(|tenant| (tenant.id, UncertainPolicy::parse(&tenant.uncertain_policy)))
            .collect();
    let rows: Vec<_> = due
        .iter()
        .map(|entry| match policies.get(&entry.tenant_id) {
            Some(UncertainPolicy::RetryOnce) if entry.doubts <= 1 => queued_again(entry),
            _ => Later {
                settle_at: None,
                doubts: 0,
                ..doubt(entry, now, "no status has come; somebody has to decide")
            },
        })
        .collect();
    let steps = due.iter().zip(&rows);
    let steps: Vec<_> = steps
        .map(|(entry, later)| steps::by_policy(entry, later, now))
        .collect();
    message_events::any_tenant_add(&mut tx, &steps).await?;
    outbox::any_tenant_later(&mut tx, &rows).await?;
    tx.commit().await?;
    engine.wake.sender.notify_one();
    metrics::counter!("trunkline_uncertain_settled_total").increment(due.len() as u64);
    Ok(due.len())
}

/// Carries out the decision of a person (by name). False when the message is not uncertain (any more).
///
/// # Errors
/// When the database cannot be reached.
pub async fn decide(
    engine: &Engine,
    tenant: TenantId,
    message: MessageId,
    decision: Decision,
    by: &str,
) -> store::Result<bool> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let Some(entry) = claim::uncertain(&mut tx, tenant, message).await? else {
        return Ok(false);
    };
    carry_out(&mut tx, &[entry], decision, by, now).await?;
    tx.commit().await?;
    engine.wake.sender.notify_one();
    engine.wake.events.notify_waiters();
    Ok(true)
}

/// Which uncertain sends a decision is about.
#[derive(Debug, Clone)]
pub enum Which {
    /// These.
    Ids(Vec<MessageId>),
    /// The oldest that need a person, at most so many; of one number, where one is given.
    Oldest(Option<String>, i64),
}

/// Carries out one decision about many sends, which is written down as one act. Gives those that it was about; what is
/// not uncertain (any more), or not seen by whoever decides, is not among them.
///
/// # Errors
/// When the database cannot be reached; then nothing was decided.
pub async fn decide_many(
    engine: &Engine,
    tenant: TenantId,
    sight: Sight,
    which: &Which,
    decision: Decision,
    who: &Who,
) -> store::Result<Vec<MessageId>> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let entries = match which {
        Which::Ids(ids) => claim::uncertain_some(&mut tx, tenant, sight, ids).await?,
        Which::Oldest(number, limit) => {
            claim::uncertain_all(&mut tx, tenant, sight, number.as_deref(), *limit).await?
        }
    };
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    let act = Act {
        tenant: Some(tenant),
        action: "message.settle",
        target: Target {
            kind: "messages",
            id: None,
            name: None,
        },
        before: None,
        after: Some(json!({ "decision": decision.as_str(), "settled": entries.len() })),
    };
    audit::append(&mut tx, who, act, now).await?;
    carry_out(&mut tx, &entries, decision, &who.name, now).await?;
    tx.commit().await?;
    engine.wake.sender.notify_one();
    engine.wake.events.notify_waiters();
    Ok(entries.into_iter().map(|entry| entry.id).collect())
}

async fn carry_out(
    tx: &mut store::Tx,
    entries: &[Entry],
    decision: Decision,
    by: &str,
    now: Timestamp,
) -> store::Result<()> {
    let steps: Vec<_> = entries
        .iter()
        .map(|entry| steps::decided(entry, decision, by, now))
        .collect();
    message_events::any_tenant_add(tx, &steps).await?;
    let progress = match decision {
        Decision::SendAgain => {
            let rows: Vec<_> = entries.iter().map(queued_again).collect();
            return outbox::any_tenant_later(tx, &rows).await;
        }
        Decision::MarkSent => Progress::report(MessageStatus::Sent, now, None),
        Decision::GiveUp => failed(
            Failure {
                code: 0,
                title: "Given up".to_owned(),
                details: None,
                explanation: "Nobody could tell whether this message was sent, and somebody decided not to send it again.".to_owned(),
            },
            now,
        ),
    };
    outbox::any_tenant_done(tx, entries.iter().map(|entry| entry.id)).await?;
    let reports: Vec<_> = entries
        .iter()
        .map(|entry| (entry, None, progress.clone()))
        .collect();
    report(tx, &reports, now).await?;
    Ok(())
}

/// The failure of a message whose number is no longer the tenant's, or whose tenant is suspended, when
/// its turn comes.
pub(super) fn taken_back() -> Failure {
    Failure {
        code: 0,
        title: "Not allowed any more".to_owned(),
        details: None,
        explanation:
            "The number that this message was to leave from was taken back, or the business was suspended or switched off, \
            before its turn came. Send it again when that is settled."
                .to_owned(),
    }
}

/// The failure of a free-form message whose service window closed while it waited.
pub(super) fn outside_window() -> Failure {
    let row = meta::errors::lookup(131_047, None);
    Failure {
        code: row.code,
        title: row.meaning.to_owned(),
        details: Some("The window closed while the message waited; it was not sent.".to_owned()),
        explanation: row.explanation.to_owned(),
    }
}

/// Fails what a tenant has queued on a number that it no longer has: it must not leave from a number
/// that is somebody else's by then.
pub(crate) async fn fail_queued(
    engine: &Engine,
    tx: &mut store::Tx,
    tenant: TenantId,
    phone_number_id: &str,
) -> store::Result<()> {
    let now = engine.clock.now();
    let entries = claim::queued_on(tx, tenant, phone_number_id).await?;
    let failure = taken_back();
    let reports: Vec<_> = entries
        .iter()
        .map(|entry| (entry, None, failed(failure.clone(), now)))
        .collect();
    outbox::any_tenant_done(tx, entries.iter().map(|entry| entry.id)).await?;
    report(tx, &reports, now).await?;
    Ok(())
}

fn queued_again(entry: &Entry) -> Later {
    Later {
        id: entry.id.hex(),
        state: "queued",
        hold: None,
        hold_until: None,
        settle_at: None,
        doubts: 0,
        tries: 0,
        last_error: None,
    }
}
