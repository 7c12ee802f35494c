//! Holding back, letting go and taking out.

use domain::status::{Failure, MessageStatus};
use domain::{ConversationId, MessageId, TenantId, Timestamp};
use serde_json::json;
use store::audit::{self, Act, Target, Who};
use store::outbox::look::Hold;
pub use store::outbox::stop::Selection;
use store::outbox::stop::{self, Taken};
use store::pauses::{self, Scope};
use store::{Tx, event_log, messages, outbox};

use crate::Engine;

/// Messages taken out in one transaction: the writer is not held up for long.
const STEP: i64 = 1_000;

/// What became of a message that was to be cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancelled {
    /// It is cancelled, and never leaves.
    Yes,
    /// It has left, may have left, or was never there to be stopped.
    AlreadyLeft,
}

/// What a pause does to what is queued: whose, which, and the word for it.
fn held(scope: &Scope) -> (Option<TenantId>, Selection, Hold) {
    let mut which = Selection::default();
    let hold = match scope {
        Scope::Tenant(_) => Hold::PausedByTenant,
        Scope::Number(_, number) => {
            which.number = Some(number.clone());
            Hold::PausedNumber
        }
        Scope::Batch(_, batch) => {
            which.batch = Some(batch.clone());
            Hold::PausedBatch
        }
        Scope::PlatformTenant(_) => Hold::PausedByPlatform,
        Scope::PlatformNumber(number) => {
            which.number = Some(number.clone());
            Hold::PausedByPlatform
        }
    };
    (scope.tenant(), which, hold)
}

/// Pauses: what has not been handed over waits until somebody resumes, and so does what comes after. False when that
/// is paused already.
///
/// # Errors
/// When the database refuses.
pub async fn pause(
    engine: &Engine,
    scope: &Scope,
    who: &Who,
    reason: Option<&str>,
) -> store::Result<bool> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    if !pauses::any_tenant_set(&mut tx, scope, &who.name, reason, now).await? {
        return Ok(false);
    }
    let (tenant, which, hold) = held(scope);
    stop::any_tenant_hold(&mut tx, tenant, &which, hold.as_str()).await?;
    let after = json!({ "scope": scope.as_str(), "value": scope.value(), "reason": reason });
    write_down(&mut tx, "queue.pause", scope, Some(after), who, now).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    Ok(true)
}

/// Lifts a pause. False when there was none. What else holds a message is found when its turn comes.
///
/// # Errors
/// When the database refuses.
pub async fn resume(engine: &Engine, scope: &Scope, who: &Who) -> store::Result<bool> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    if !pauses::any_tenant_lift(&mut tx, scope).await? {
        return Ok(false);
    }
    let (tenant, which, hold) = held(scope);
    stop::any_tenant_unhold(&mut tx, tenant, &which, hold.as_str()).await?;
    write_down(&mut tx, "queue.resume", scope, None, who, now).await?;
    tx.commit().await?;
    engine.wake.sender.notify_one();
    engine.wake.events.notify_waiters();
    Ok(true)
}

async fn write_down(
    tx: &mut Tx,
    action: &'static str,
    scope: &Scope,
    after: Option<serde_json::Value>,
    who: &Who,
    now: Timestamp,
) -> store::Result<()> {
    let act = Act {
        tenant: scope.tenant(),
        action,
        target: Target {
            kind: scope.as_str(),
            id: scope
                .value()
                .map(str::to_owned)
                .or_else(|| scope.tenant().map(|tenant| tenant.to_string())),
            name: None,
        },
        before: None,
        after,
    };
    audit::append(tx, who, act, now).await?;
    let data = json!({ "scope": scope.as_str(), "value": scope.value() }).to_string();
    let event = event_log::New {
        tenant: scope.tenant().map(TenantId::hex),
        kind: "queue.changed",
        data,
        at: now.0,
    };
    event_log::append(tx, &[event]).await
}

/// Cancels what a tenant has queued or held and what has not left; gives how many. What is being handed over at this
/// moment leaves; what was cancelled never does.
///
/// # Errors
/// When the database refuses; what was cancelled until then stays cancelled.
pub async fn cancel(
    engine: &Engine,
    tenant: TenantId,
    which: &Selection,
    who: &Who,
) -> store::Result<u64> {
    let mut count = 0;
    loop {
        let now = engine.clock.now();
        let mut tx = engine.db.begin().await?;
        let taken = stop::stoppable(&mut tx, tenant, which, STEP).await?;
        if taken.is_empty() {
            break;
        }
        end(&mut tx, &taken, MessageStatus::Cancelled, None, now).await?;
        let act = Act {
            tenant: Some(tenant),
            action: "queue.cancel",
            target: Target {
                kind: "queue",
                id: which
                    .number
                    .clone()
                    .or_else(|| which.batch.clone())
                    .or_else(|| which.message.map(|message| message.to_string())),
                name: None,
            },
            before: None,
            after: Some(
                json!({ "messages": taken.len(), "number": which.number, "batch": which.batch }),
            ),
        };
        audit::append(&mut tx, who, act, now).await?;
        tell(&mut tx, &taken, MessageStatus::Cancelled, now).await?;
        tx.commit().await?;
        count += taken.len() as u64;
        engine.wake.events.notify_waiters();
        if taken.len() < STEP as usize {
            break;
        }
    }
    metrics::counter!("trunkline_sends_total", "outcome" => "cancelled").increment(count);
    Ok(count)
}

/// Cancels one message.
///
/// # Errors
/// When the database refuses.
pub async fn cancel_message(
    engine: &Engine,
    tenant: TenantId,
    message: MessageId,
    who: &Who,
) -> store::Result<Cancelled> {
    let which = Selection {
        message: Some(message),
        ..Selection::default()
    };
    Ok(match cancel(engine, tenant, &which, who).await? {
        0 => Cancelled::AlreadyLeft,
        _ => Cancelled::Yes,
    })
}

/// Takes out what should have left by now and has not. What may have left at a first try is shown to a person instead.
pub(crate) async fn expire(engine: &Engine) -> store::Result<u64> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let taken = stop::any_tenant_expired(&mut tx, now, STEP).await?;
    let why = "nobody knows whether it left at the first try, and it is too late for a second one; somebody has to decide";
    let in_doubt = stop::any_tenant_expired_in_doubt(&mut tx, now, why).await?;
    if taken.is_empty() && in_doubt == 0 {
        return Ok(0);
    }
    let failure = Failure {
        code: 0,
        title: "Expired".to_owned(),
        details: None,
        explanation:
            "It was to be sent before a certain moment and had not left by then. Nothing was sent; send it again if it is still of use."
                .to_owned(),
    };
    let failure = serde_json::to_string(&failure).unwrap_or_default();
    end(&mut tx, &taken, MessageStatus::Expired, Some(&failure), now).await?;
    tell(&mut tx, &taken, MessageStatus::Expired, now).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    metrics::counter!("trunkline_sends_total", "outcome" => "expired")
        .increment(taken.len() as u64);
    Ok(taken.len() as u64)
}

async fn end(
    tx: &mut Tx,
    taken: &[Taken],
    status: MessageStatus,
    failure: Option<&str>,
    now: Timestamp,
) -> store::Result<()> {
    outbox::any_tenant_done(tx, taken.iter().map(|row| row.id)).await?;
    messages::any_tenant_end(tx, taken.iter().map(|row| row.id), status, failure, now).await?;
    Ok(())
}

async fn tell(
    tx: &mut Tx,
    taken: &[Taken],
    status: MessageStatus,
    now: Timestamp,
) -> store::Result<()> {
    let status = status.as_str();
    let events: Vec<_> = taken
        .iter()
        .map(|row| {
            let conversation = row
                .conversation_id
                .map_or_else(String::new, |id| ConversationId(id).to_string());
            let data = format!(
                r#"{{"message_id":"{}","conversation_id":"{conversation}","status":"{status}"}}"#,
                row.id
            );
            event_log::of(row.tenant_id, "message.status", data, now)
        })
        .collect();
    event_log::append(tx, &events).await
}
