//! Follows what is written and indexes it, batch by batch, from behind.
//!
//! New messages are found by their ids, which sort by time; nothing is noted about them when they are written. An
//! id is made a moment before its row can be seen, so the newest [`SETTLED`] are left for the next look, and whoever
//! came later than that is found by a second look [`LATE`] later. While webhooks wait to be projected nothing is
//! indexed: the database has one writer, and they go first.

use std::time::{Duration, Instant};

use domain::MessageId;
use store::db::Role;
use store::search::index::{self, State};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::text::{of_contact, of_message};
use crate::Engine;

/// Messages younger than this are left for the next look.
const SETTLED: Duration = Duration::from_secs(1);
/// After this time it is looked once more whether a message came late.
const LATE: Duration = Duration::from_secs(300);
/// Messages in one transaction, during which nobody else writes to SQLite.
const BATCH: i64 = 256;
/// Messages whose ids are compared with the index at a time.
const SWEEP: i64 = 4_096;
/// With so many webhooks waiting, indexing waits.
const BUSY: i64 = 24;
/// How often is looked when there was nothing to do.
const POLL: Duration = Duration::from_millis(500);
/// While there is much to do, so much rest is taken for each unit of work: others write as well.
const REST: u32 = 1;

/// How far the index is behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lag {
    /// The age of the oldest message that came since and is not indexed; zero when there is none.
    pub lag: Duration,
    /// Whether everything older is indexed, and anew what was changed: after an update that takes a while.
    pub is_complete: bool,
}

/// Runs until `stop`.
pub async fn run(engine: Engine, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match Role::try_take(&engine.address, "search").await {
            Ok(Some(role)) => work(&engine, &stop, role).await,
            Ok(None) => {}
            Err(error) => tracing::warn!(error = %error, "cannot ask for the indexer's role"),
        }
        pause(&stop, 4 * POLL).await;
    }
}

async fn work(engine: &Engine, stop: &CancellationToken, mut role: Role) {
    let mut quiet_rounds = 0_u32;
    while !stop.is_cancelled() {
        let begun = Instant::now();
        match step(engine).await {
            Ok(true) => pause(stop, begun.elapsed() * REST).await,
            Ok(false) => {
                quiet_rounds += 1;
                if quiet_rounds.is_multiple_of(10) && !role.still_held().await {
                    return;
                }
                pause(stop, POLL).await;
            }
            Err(error) => {
                tracing::error!(error = %error, "indexing failed; it will be tried again from where it stands");
                metrics::counter!("trunkline_search_errors_total").increment(1);
                pause(stop, 4 * POLL).await;
                if !role.still_held().await {
                    return;
                }
            }
        }
    }
}

async fn pause(stop: &CancellationToken, time: Duration) {
    stop.run_until_cancelled(tokio::time::sleep(time)).await;
}

/// Indexes one batch of what is most urgent. False when there was nothing, or others go first.
///
/// # Errors
/// When the database cannot be reached; then nothing of the batch took effect.
pub async fn step(engine: &Engine) -> store::Result<bool> {
    if engine.wake.backlog() >= BUSY {
        return Ok(false);
    }
    let state = index::open(&engine.db).await?;
    Ok(changed(engine, &state).await?
        || newest(engine, &state).await?
        || late(engine, &state).await?
        || contacts(engine, &state).await?
        || older(engine, &state).await?)
}

/// How far the index is behind.
///
/// # Errors
/// When the database cannot be reached.
pub async fn lag(engine: &Engine) -> store::Result<Lag> {
    let state = index::read(&engine.db).await?;
    let head = state.as_ref().map_or(Uuid::nil(), |state| state.head);
    let waiting = index::any_tenant_first_after(&engine.db, head).await?;
    let is_changed = index::any_tenant_is_changed(&engine.db).await?;
    let now = engine.clock.now();
    Ok(Lag {
        lag: waiting.map_or(Duration::ZERO, |id| now.since(id.made_at())),
        is_complete: !is_changed
            && state.is_some_and(|state| state.below.is_none() && state.contacts.is_none()),
    })
}

/// What was changed after it was indexed.
async fn changed(engine: &Engine, state: &State) -> store::Result<bool> {
    if !index::any_tenant_is_changed(&engine.db).await? {
        return Ok(false);
    }
    let mut tx = engine.db.begin_redoable().await?;
    // The state is written though it may stay the same: that is the lock between batches.
    let mut to = state.clone();
    if !index::advance(&mut tx, state, &to).await? {
        tx.rollback().await?;
        return Ok(true);
    }
    let (messages, people) = index::any_tenant_take_changed(&mut tx, BATCH).await?;
    let entries = messages.iter().map(of_message).collect();
    index::any_tenant_change(&mut tx, entries, || up(&mut to.top)).await?;
    let people: Vec<_> = people.iter().map(of_contact).collect();
    index::any_tenant_add_contacts(&mut tx, &people).await?;
    if to != *state {
        index::advance(&mut tx, state, &to).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// What came since.
async fn newest(engine: &Engine, state: &State) -> store::Result<bool> {
    let now = engine.clock.now();
    let until = MessageId::first_at(now.minus(SETTLED)).0;
    let Some(reach) = index::any_tenant_reach(&engine.db, state.head, until, BATCH).await? else {
        return Ok(false);
    };
    let messages = index::any_tenant_between(&engine.db, state.head, reach).await?;
    let people = index::any_tenant_new_contacts(&engine.db, state.head, reach).await?;
    let entries: Vec<_> = messages.iter().map(of_message).collect();
    let people: Vec<_> = people.iter().map(of_contact).collect();
    let mut to = State {
        head: reach,
        ..state.clone()
    };
    let places = take(&mut to.top, entries.len());
    let mut tx = engine.db.begin_redoable().await?;
    if !index::advance(&mut tx, state, &to).await? {
        tx.rollback().await?;
        return Ok(true);
    }
    index::any_tenant_add(&mut tx, entries, counting(places)).await?;
    index::any_tenant_add_contacts(&mut tx, &people).await?;
    tx.commit().await?;
    metrics::counter!("trunkline_search_indexed_total").increment(messages.len() as u64);
    Ok(true)
}

/// Whoever came late.
async fn late(engine: &Engine, state: &State) -> store::Result<bool> {
    let now = engine.clock.now();
    let until = MessageId::first_at(now.minus(LATE)).0.min(state.head);
    let Some(reach) = index::any_tenant_reach(&engine.db, state.swept, until, SWEEP).await? else {
        return Ok(false);
    };
    let messages = index::any_tenant_late(&engine.db, state.swept, reach).await?;
    let entries: Vec<_> = messages.iter().map(of_message).collect();
    let mut to = State {
        swept: reach,
        ..state.clone()
    };
    let places = take(&mut to.top, entries.len());
    let mut tx = engine.db.begin_redoable().await?;
    if !index::advance(&mut tx, state, &to).await? {
        tx.rollback().await?;
        return Ok(true);
    }
    index::any_tenant_add(&mut tx, entries, counting(places)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Contacts that were there before there was an index.
async fn contacts(engine: &Engine, state: &State) -> store::Result<bool> {
    let Some(after) = state.contacts else {
        return Ok(false);
    };
    let people = index::any_tenant_contacts(&engine.db, after, BATCH).await?;
    let to = State {
        contacts: people.last().map(|person| person.id),
        ..state.clone()
    };
    let people: Vec<_> = people.iter().map(of_contact).collect();
    let mut tx = engine.db.begin_redoable().await?;
    if !index::advance(&mut tx, state, &to).await? {
        tx.rollback().await?;
        return Ok(true);
    }
    index::any_tenant_add_contacts(&mut tx, &people).await?;
    tx.commit().await?;
    Ok(true)
}

/// Messages that were there before there was an index, the newest first.
async fn older(engine: &Engine, state: &State) -> store::Result<bool> {
    let Some(below) = state.below else {
        return Ok(false);
    };
    let (messages, on) = index::any_tenant_older(&engine.db, below, BATCH).await?;
    let entries: Vec<_> = messages.iter().map(of_message).collect();
    let mut to = State {
        below: on,
        ..state.clone()
    };
    let first = to.bottom;
    to.bottom -= i64::try_from(entries.len()).unwrap_or(0);
    let mut tx = engine.db.begin_redoable().await?;
    if !index::advance(&mut tx, state, &to).await? {
        tx.rollback().await?;
        return Ok(true);
    }
    let mut next = first;
    index::any_tenant_add(&mut tx, entries, || {
        next -= 1;
        next
    })
    .await?;
    tx.commit().await?;
    Ok(true)
}

/// Takes so many numbers from the top; the first of them.
fn take(top: &mut i64, count: usize) -> i64 {
    let first = *top;
    *top += i64::try_from(count).unwrap_or(0);
    first
}

fn up(top: &mut i64) -> i64 {
    take(top, 1)
}

fn counting(mut next: i64) -> impl FnMut() -> i64 {
    move || up(&mut next)
}
