//! The sender: takes from the queue, keeps a bounded number of deliveries in flight, tries again with back-off.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::{Delivery, FirstAttempt, Item, Update};
use crate::signature::{ascii_escape, sign, sign_sha1};
use crate::sim::Shared;
use crate::timeline::Event;

/// Real time to wait for more updates when batches are asked for.
const LINGER: Duration = Duration::from_millis(20);

/// Delivers until `shutdown`.
pub(crate) async fn run(shared: Arc<Shared>, shutdown: CancellationToken) {
    let slots = Arc::new(Semaphore::new(shared.config.webhook_concurrency.max(1)));
    loop {
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
            return;
        };
        let delivery = loop {
            if let Some(delivery) = next(&shared).await {
                break delivery;
            }
            tokio::select! {
                () = shared.webhooks.bell.notified() => {}
                () = shutdown.cancelled() => return,
            }
        };
        let task_shared = Arc::clone(&shared);
        tokio::spawn(async move {
            attempt(&task_shared, delivery).await;
            task_shared
                .webhooks
                .in_flight
                .fetch_sub(1, Ordering::SeqCst);
            drop(slot);
        });
    }
}

/// The next delivery that can leave now, counted as in flight; `None` when nothing can.
async fn next(shared: &Shared) -> Option<Delivery> {
    let faults = shared.faults();
    if faults.offline || faults.webhook_offline {
        return None;
    }
    let batch = faults.webhook_batch_max.max(1);
    if batch > 1 {
        let queued = shared.webhooks.queue().len();
        if queued > 0 && queued < batch {
            tokio::time::sleep(LINGER).await;
        }
    }
    let mut queue = shared.webhooks.queue();
    let pick = if faults.webhook_shuffle && queue.len() > 1 {
        let draw = shared.webhooks.taken.fetch_add(1, Ordering::Relaxed);
        (shared.chance.nth("shuffle", "", draw) % queue.len() as u64) as usize
    } else {
        0
    };
    let (waba_id, number, field) = match queue.get(pick)? {
        Item::Update(update) => (&update.waba_id, &update.phone_number_id, &update.field),
        Item::Delivery(delivery) => (
            &delivery.waba_id,
            &delivery.phone_number_id,
            &delivery.field,
        ),
    };
    let target = shared
        .world()
        .callback_for(waba_id, number.as_deref(), field)?;
    shared.webhooks.in_flight.fetch_add(1, Ordering::SeqCst);
    match queue.remove(pick)? {
        Item::Delivery(delivery) => Some(*delivery),
        Item::Update(first) => {
            let mut updates = vec![*first];
            while updates.len() < batch.min(1_000) && !queue.is_empty() {
                let index = pick.min(queue.len() - 1);
                let Some(Item::Update(more)) = queue.get(index) else {
                    break;
                };
                let url = shared.world().callback_for(
                    &more.waba_id,
                    more.phone_number_id.as_deref(),
                    &more.field,
                );
                if url.as_ref() != Some(&target) {
                    break;
                }
                if let Some(Item::Update(more)) = queue.remove(index) {
                    updates.push(*more);
                }
            }
            drop(queue);
            Some(pack(shared, updates))
        }
    }
}

/// Puts updates into one body: an entry per account, a change per update.
fn pack(shared: &Shared, updates: Vec<Update>) -> Delivery {
    let mut entries: Vec<Value> = Vec::new();
    let mut first = Vec::new();
    let lead = updates.first();
    let waba_id = lead
        .map(|update| update.waba_id.clone())
        .unwrap_or_default();
    let phone_number_id = lead.and_then(|update| update.phone_number_id.clone());
    let field = lead.map(|update| update.field.clone()).unwrap_or_default();
    let faults = shared.faults();
    for mut update in updates {
        for key in &faults.omit {
            omit(&mut update.value, key);
        }
        first.extend(update.first);
        let timed = !about_messages(&update.field);
        let change = json!({"value": update.value, "field": update.field});
        // `time` belongs to the account's fields and is absent beside messages, so the two do not share an entry.
        let id = update.business_id.as_deref().unwrap_or(&update.waba_id);
        let fits = |entry: &&mut Value| entry["id"] == id && entry.get("time").is_some() == timed;
        if let Some(entry) = entries.iter_mut().find(fits) {
            if let Some(changes) = entry["changes"].as_array_mut() {
                changes.push(change);
            }
        } else {
            let mut entry = Map::new();
            entry.insert("id".to_owned(), json!(id));
            if timed {
                entry.insert("time".to_owned(), json!(shared.clock.now_ms() / 1_000));
            }
            entry.insert("changes".to_owned(), json!([change]));
            entries.push(Value::Object(entry));
        }
    }
    let mut text = json!({"object": "whatsapp_business_account", "entry": entries}).to_string();
    if !text.is_ascii() {
        text = ascii_escape(&text);
    }
    if shared.config.escape_slashes {
        text = text.replace('/', "\\/");
    }
    Delivery {
        body: Bytes::from(text),
        waba_id,
        phone_number_id,
        field,
        created_ms: shared.clock.now_ms(),
        attempts: 0,
        epoch: shared.webhooks.epoch.load(Ordering::SeqCst),
        copy: false,
        first,
    }
}

/// Removes `key` wherever it stands.
pub(crate) fn omit(value: &mut Value, key: &str) {
    match value {
        Value::Object(map) => {
            map.remove(key);
            map.values_mut().for_each(|inner| omit(inner, key));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| omit(inner, key)),
        _ => {}
    }
}

async fn attempt(shared: &Shared, mut delivery: Delivery) {
    let url = shared.world().callback_for(
        &delivery.waba_id,
        delivery.phone_number_id.as_deref(),
        &delivery.field,
    );
    let Some(url) = url else {
        shared.webhooks.push_delivery(Box::new(delivery));
        return;
    };
    let outcome = post(shared, &url, delivery.body.clone()).await;
    for waiting in delivery.first.drain(..) {
        // Nobody listens any more: then nobody needs to know.
        let _ = waiting.send(outcome.clone());
    }
    let webhooks = &shared.webhooks;
    if delivery.epoch != webhooks.epoch.load(Ordering::SeqCst) {
        return;
    }
    let error = match outcome {
        FirstAttempt::Answered(200..=299) => {
            let number = webhooks.delivered.fetch_add(1, Ordering::Relaxed);
            repeat(shared, delivery, number);
            return;
        }
        FirstAttempt::Answered(status) => format!("{url} answered {status}"),
        FirstAttempt::Failed(why) => format!("{url}: {why}"),
    };
    webhooks.failed.fetch_add(1, Ordering::Relaxed);
    webhooks.note_error(error);
    let gaps = &shared.config.webhook_backoff;
    let gap = gaps
        .get(delivery.attempts as usize)
        .or_else(|| gaps.last())
        .copied()
        .unwrap_or(Duration::from_secs(10));
    delivery.attempts += 1;
    let due_ms = shared.clock.now_ms() + gap.as_millis() as u64;
    if due_ms.saturating_sub(delivery.created_ms) > shared.config.webhook_horizon.as_millis() as u64
    {
        webhooks.dropped.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(
            attempts = delivery.attempts,
            "webhook dropped at its horizon"
        );
        return;
    }
    shared
        .timeline
        .schedule(due_ms, Event::Redeliver(Box::new(delivery)));
}

/// The faults that send a delivered webhook once more.
fn repeat(shared: &Shared, delivery: Delivery, number: u64) {
    if delivery.copy {
        return;
    }
    let faults = shared.faults();
    let again = |delivery: &Delivery| {
        Box::new(Delivery {
            body: delivery.body.clone(),
            waba_id: delivery.waba_id.clone(),
            phone_number_id: delivery.phone_number_id.clone(),
            field: delivery.field.clone(),
            created_ms: shared.clock.now_ms(),
            attempts: 0,
            epoch: delivery.epoch,
            copy: true,
            first: Vec::new(),
        })
    };
    if shared
        .chance
        .happens(faults.webhook_duplicate_rate, "duplicate", "", number)
    {
        shared.webhooks.push_delivery(again(&delivery));
    }
    if shared
        .chance
        .happens(faults.webhook_stale_rate, "stale", "", number)
    {
        let wait_ms = 10_000 + shared.chance.nth("stale-wait", "", number) % 50_000;
        shared.timeline.schedule(
            shared.clock.now_ms() + wait_ms,
            Event::Redeliver(again(&delivery)),
        );
    }
}

async fn post(shared: &Shared, url: &str, body: Bytes) -> FirstAttempt {
    let secret = &shared.config.app_secret;
    let request = shared
        .http
        .post(url)
        .header("content-type", "application/json")
        .header("x-hub-signature-256", sign(secret, &body))
        .header("x-hub-signature", sign_sha1(secret, &body))
        .body(body);
    match request.send().await {
        Ok(mut answer) => {
            let status = answer.status().as_u16();
            // Read to the end, so that the connection is used again.
            while let Ok(Some(_)) = answer.chunk().await {}
            FirstAttempt::Answered(status)
        }
        Err(error) => {
            let reason = std::error::Error::source(&error)
                .map_or_else(|| error.to_string(), ToString::to_string);
            FirstAttempt::Failed(reason)
        }
    }
}

/// Fields whose entries carry no `time`.
fn about_messages(field: &str) -> bool {
    field.starts_with("smb_")
        || field.starts_with("group_")
        || matches!(
            field,
            "messages" | "history" | "user_preferences" | "calls" | "standby"
        )
}
