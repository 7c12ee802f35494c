//! Applies the rules to what waits, and fires what is due. One process does so at a time, so that a later event of the
//! same key cancels what an earlier one has scheduled, and never the other way round.

use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use domain::notification::Reason;
use domain::{EventId, TenantId, Timestamp};
use futures::FutureExt as _;
use serde_json::Value;
use store::db::Role;
use store::event_log;
use store::events::{self, Event, results};
use store::notification_rules as rules;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::keys::{self, Keys};
use super::work::{Piece, Tenant, Work, is_asked, result};
use super::world::World;
use super::{changed, root};
use crate::Engine;
use crate::outbound::{NotEnqueued, Wanted, record_in};
use crate::templates::Templates;

/// How often is looked when no bell rings.
const POLL: Duration = Duration::from_millis(500);
/// How often the role is looked at.
const CHECK: Duration = Duration::from_secs(5);
/// New events in one transaction, of all tenants in equal parts.
const TAKEN: usize = 512;
/// Due messages in one transaction.
const BATCH: i64 = 512;
/// How long an event waits whose templates Meta did not tell.
pub(super) const LATER: Duration = Duration::from_secs(10);
/// How long an event waits that the database refused.
const REFUSED: Duration = Duration::from_secs(60);

/// Runs until `stop`.
pub async fn run(engine: Engine, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match Role::try_take(&engine.address, "events").await {
            Ok(Some(role)) => work(&engine, &stop, role).await,
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(error = %error, "cannot ask for the role that applies rules to events");
            }
        }
        stop.run_until_cancelled(sleep(POLL)).await;
    }
}

async fn work(engine: &Engine, stop: &CancellationToken, mut role: Role) {
    let templates = Templates::default();
    let mut last_check = Instant::now();
    while !stop.is_cancelled() {
        let done = match step(engine, &templates).await {
            Ok(done) => done,
            Err(error) => {
                tracing::warn!(error = %error, "rules could not be applied to events; it will be tried again");
                0
            }
        };
        if last_check.elapsed() >= CHECK {
            last_check = Instant::now();
            if !role.still_held().await {
                tracing::error!(
                    "the role that applies rules to events was lost; another process may have it"
                );
                return;
            }
        }
        if done == 0 {
            tokio::select! {
                () = engine.wake.notify.notified() => {}
                () = sleep(POLL) => {}
                () = stop.cancelled() => {}
            }
        }
    }
}

/// Applies rules to what waits and fires what is due, a batch of each. Says how many that were.
///
/// # Errors
/// When the database cannot be reached.
pub async fn step(engine: &Engine, templates: &Templates) -> store::Result<usize> {
    let now = engine.clock.now();
    let waiting = events::any_tenant_waiting(&engine.db, now, TAKEN).await?;
    let mut done = waiting.len();
    apply(
        engine,
        templates,
        waiting.into_iter().map(|event| (event, None)).collect(),
    )
    .await?;
    let due = results::any_tenant_due(&engine.db, now, BATCH).await?;
    if !due.is_empty() {
        done += due.len();
        let ids: HashSet<EventId> = due.iter().map(|due| due.event_id).collect();
        let ids: Vec<EventId> = ids.into_iter().collect();
        let of: HashMap<EventId, Event> = events::any_tenant_some(&engine.db, &ids)
            .await?
            .into_iter()
            .map(|event| (event.id, event))
            .collect();
        let due = due
            .into_iter()
            .filter_map(|due| Some((of.get(&due.event_id)?.clone(), Some(due))));
        apply(engine, templates, due.collect()).await?;
    }
    Ok(done)
}

/// Applies the rules to a batch; one that the database refuses, or that brings the program down, is done again one by
/// one, so that one bad event does not stand in the way of the others.
async fn apply(engine: &Engine, templates: &Templates, pieces: Vec<Piece>) -> store::Result<()> {
    if pieces.is_empty() {
        return Ok(());
    }
    let Err(spoilt) = safely(engine, templates, &pieces).await? else {
        return Ok(());
    };
    let alone = pieces.len() == 1;
    for piece in &pieces {
        let outcome = if alone {
            Err(spoilt.clone())
        } else {
            safely(engine, templates, std::slice::from_ref(piece)).await?
        };
        if let Err(why) = outcome {
            tracing::error!(event = %piece.0.id, why, "the rules cannot be applied to an event");
            put_off(engine, piece).await?;
        }
    }
    Ok(())
}

/// As [`batch`]; the inner error says that these pieces themselves cannot be done.
async fn safely(
    engine: &Engine,
    templates: &Templates,
    pieces: &[Piece],
) -> store::Result<Result<(), String>> {
    // Nothing outlives the panic: what was begun in the database is rolled back with its transaction.
    match AssertUnwindSafe(batch(engine, templates, pieces))
        .catch_unwind()
        .await
    {
        Ok(Err(error)) if error.is_refusal() && !error.is_passing() => Ok(Err(error.to_string())),
        Ok(outcome) => outcome.map(Ok),
        Err(_) => Ok(Err("the program has a fault there".to_owned())),
    }
}

/// An event comes again later; what was scheduled is held, where a person sees it and can try again.
async fn put_off(engine: &Engine, (event, due): &Piece) -> store::Result<()> {
    let now = engine.clock.now();
    let Some(due) = due else {
        return events::any_tenant_postpone(&engine.db, &[event.id], now.plus(REFUSED)).await;
    };
    let why = "the server could not apply the rule to this event".to_owned();
    let why = Some((Reason::Internal, why));
    let row = results::New {
        // It was due, and is when somebody tries it again.
        due_at: Some(now.0),
        key: due.key.clone(),
        ..result(event, (due.rule_id, &due.rule_name), "held", why, now)
    };
    let mut tx = engine.db.begin().await?;
    events::any_tenant_lock(&mut tx, &[event.id]).await?;
    results::any_tenant_put(&mut tx, &[row]).await?;
    events::any_tenant_settle(&mut tx, &[event.id], now).await?;
    tx.commit().await
}

async fn batch(engine: &Engine, templates: &Templates, pieces: &[Piece]) -> store::Result<()> {
    let now = engine.clock.now();
    let tenants = tenants(engine, templates, pieces).await?;
    let roots: Vec<Value> = pieces.iter().map(|(event, _)| root(event)).collect();
    let ids: Vec<EventId> = pieces.iter().map(|(event, _)| event.id).collect();
    let mut before: HashMap<EventId, Vec<results::Outcome>> = HashMap::new();
    for outcome in results::any_tenant_of(&engine.db, &ids).await? {
        before.entry(outcome.event_id).or_default().push(outcome);
    }
    let mut words = Vec::new();
    for (n, (event, due)) in pieces.iter().enumerate() {
        let before = before.get(&event.id).map_or(&[][..], Vec::as_slice);
        let rules = tenants.get(&event.tenant_id).map(|tenant| &tenant.rules);
        for (rule, _, _, body) in rules.into_iter().flatten() {
            let asked = due.is_none() && is_asked(*rule, before);
            let word = body.as_ref().filter(|_| asked);
            let word = word.and_then(|body| keys::word(body, event, &roots[n]));
            words.extend(word.map(|word| (*rule, word, event)));
        }
    }
    let keys = Keys::of(&engine.db, words, now).await?;
    let mut work = Work::default();
    for (n, (event, due)) in pieces.iter().enumerate() {
        let Some(tenant) = tenants.get(&event.tenant_id) else {
            continue;
        };
        let before = before.get(&event.id).map_or(&[][..], Vec::as_slice);
        match due {
            Some(due) => work.fire(n, event, due, tenant, &roots[n], now),
            None => work.begin(n, event, before, tenant, &keys, &roots[n], now),
        }
    }
    let wanted = work
        .finish(engine, templates, pieces, &roots, &tenants, now)
        .await?;
    write(engine, pieces, work, wanted, now).await
}

async fn tenants(
    engine: &Engine,
    templates: &Templates,
    pieces: &[Piece],
) -> store::Result<HashMap<TenantId, Tenant>> {
    let ids: HashSet<TenantId> = pieces.iter().map(|(event, _)| event.tenant_id).collect();
    let ids: Vec<TenantId> = ids.into_iter().collect();
    let mut all: HashMap<TenantId, Tenant> = HashMap::new();
    for id in &ids {
        let world = World::of(engine, templates, *id).await?;
        all.insert(
            *id,
            Tenant {
                world,
                rules: Vec::new(),
            },
        );
    }
    for row in rules::any_tenant_of(&engine.db, &ids).await? {
        let body = serde_json::from_str(&row.body).ok();
        if let Some(tenant) = all.get_mut(&row.tenant_id) {
            tenant.rules.push((row.id, row.name, row.enabled, body));
        }
    }
    Ok(all)
}

/// Writes what the batch came to: messages, results, what was cancelled, the events' states, what is told.
async fn write(
    engine: &Engine,
    pieces: &[Piece],
    mut work: Work<'_>,
    wanted: Vec<(results::New, Wanted)>,
    now: Timestamp,
) -> store::Result<()> {
    // Of an event that waits nothing is done: it comes again whole.
    let waits: HashSet<String> = work.later.iter().map(|id| id.hex()).collect();
    work.rows.retain(|row| !waits.contains(&row.event));
    work.cancels.retain(|cancel| !waits.contains(&cancel.by));
    work.newest.retain(|newest| !waits.contains(&newest.event));
    let wanted: Vec<_> = wanted
        .into_iter()
        .filter(|(row, _)| !waits.contains(&row.event))
        .collect();
    if !work.later.is_empty() {
        let later: Vec<EventId> = work.later.iter().copied().collect();
        events::any_tenant_postpone(&engine.db, &later, now.plus(LATER)).await?;
    }
    let settled: HashSet<EventId> = pieces
        .iter()
        .map(|(event, _)| event.id)
        .filter(|id| !work.later.contains(id))
        .collect();
    if settled.is_empty() {
        return Ok(());
    }
    let mut tx = engine.db.begin().await?;
    // The events before their results, as whoever tries again does.
    let mut ids: Vec<EventId> = settled.iter().copied().collect();
    ids.extend(results::any_tenant_cancelling(&mut tx, &work.cancels).await?);
    events::any_tenant_lock(&mut tx, &ids).await?;
    let messages: Vec<&Wanted> = wanted.iter().map(|(_, wanted)| wanted).collect();
    let (recorded, mut told) = if messages.is_empty() {
        (Vec::new(), Vec::new())
    } else {
        record_in(&mut tx, &messages, now).await?
    };
    let mut rows = work.rows;
    for ((row, _), recorded) in wanted.iter().zip(recorded) {
        rows.push(match recorded {
            Ok(enqueued) => results::New {
                message: Some(enqueued.message.hex()),
                ..row.clone()
            },
            Err(error) => results::New {
                state: "held",
                reason: Some(refusal(&error).as_str()),
                detail: Some(error.to_string()),
                due_at: None,
                ..row.clone()
            },
        });
    }
    results::any_tenant_put(&mut tx, &rows).await?;
    events::keys::any_tenant_put(&mut tx, &work.newest).await?;
    let mut changed_events: HashSet<EventId> = settled;
    changed_events.extend(results::any_tenant_cancel(&mut tx, &work.cancels, now).await?);
    let ids: Vec<EventId> = changed_events.into_iter().collect();
    for event in events::any_tenant_settle(&mut tx, &ids, now).await? {
        told.push(changed(event.tenant_id, event.id, &event.state, now));
    }
    event_log::append(&mut tx, &told).await?;
    tx.commit().await?;
    for row in &rows {
        metrics::counter!("trunkline_notifications_total", "state" => row.state).increment(1);
    }
    if !messages.is_empty() {
        engine.wake.sender.notify_one();
    }
    engine.wake.events.notify_waiters();
    Ok(())
}

const fn refusal(error: &NotEnqueued) -> Reason {
    match error {
        NotEnqueued::Refused(_) | NotEnqueued::KeyReused => Reason::Refused,
        NotEnqueued::NotDurable => Reason::Internal,
    }
}
