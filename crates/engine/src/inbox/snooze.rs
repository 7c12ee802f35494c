//! Snoozed conversations come back when their time has come. Every node looks; the statement itself lets
//! only one of them have each conversation.

use std::time::Duration;

use serde_json::json;
use store::conversations::work;
use store::{event_log, messages};
use tokio_util::sync::CancellationToken;

use super::line::{Author, activity, updated};
use crate::Engine;

/// How often is looked.
const EVERY: Duration = Duration::from_secs(5);
/// Conversations in one transaction.
const STEP: i64 = 500;

/// Runs until `stop`.
pub async fn run(engine: Engine, stop: CancellationToken) {
    while stop
        .run_until_cancelled(tokio::time::sleep(EVERY))
        .await
        .is_some()
    {
        loop {
            match step(&engine).await {
                Ok(woken) if woken as i64 == STEP => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(error = %error, "snoozed conversations could not be opened; it will be tried again");
                    break;
                }
            }
        }
    }
}

/// Opens the conversations whose time has come, and says how many.
///
/// # Errors
/// When the database cannot be reached.
pub async fn step(engine: &Engine) -> store::Result<usize> {
    let now = engine.clock.now();
    if !work::any_tenant_due(&engine.db, now).await? {
        return Ok(0);
    }
    let mut tx = engine.db.begin().await?;
    let woken = work::any_tenant_wake(&mut tx, now, STEP).await?;
    if woken.is_empty() {
        return Ok(0);
    }
    let lines: Vec<_> = woken
        .iter()
        .map(|held| activity(held, Author::System, "reopened", json!({}), now))
        .collect();
    messages::any_tenant_add(&mut tx, &lines).await?;
    let events: Vec<_> = woken
        .iter()
        .map(|held| updated(held.tenant_id, held.id, now))
        .collect();
    event_log::append(&mut tx, &events).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    Ok(woken.len())
}
