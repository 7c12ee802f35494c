//! Another try for what was parked: when its number is assigned, at a button, or from the command line.
//!
//! A replayed item goes the same way as a new one. What can still not be understood stays parked.

use domain::ParkedId;
use store::parked::Parked;
use store::{Tx, parked, projector};

use super::normalise::{Normalised, normalise};
use super::project::{Read, project_again};
use crate::Engine;

/// What a replay did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Parked rows that found their place.
    pub settled: i64,
    /// Parked rows that stay.
    pub remaining: i64,
}

/// Rows in one transaction.
const STEP: i64 = 100;

/// Replays what is parked, oldest first: of one number, or everything.
///
/// # Errors
/// When the database cannot be reached; what was settled before stays settled.
pub async fn replay(engine: &Engine, phone_number_id: Option<&str>) -> store::Result<Replayed> {
    let mut all = Replayed::default();
    let mut after: Option<ParkedId> = None;
    loop {
        let mut tx = engine.db.begin().await?;
        let rows = parked::any_tenant_oldest(&mut tx, after, phone_number_id, STEP).await?;
        let Some(last) = rows.last() else {
            return Ok(all);
        };
        after = Some(last.id);
        let mut enqueued = false;
        for row in &rows {
            if let Some(again) = settle(engine, &mut tx, row).await? {
                enqueued |= again;
                all.settled += 1;
            } else {
                all.remaining += 1;
            }
        }
        tx.commit().await?;
        engine.wake.events.notify_waiters();
        if enqueued {
            engine.wake.sender.notify_one();
        }
    }
}

/// Replays one parked row. `None` when there is none such.
///
/// # Errors
/// When the database cannot be reached.
pub async fn replay_one(engine: &Engine, id: ParkedId) -> store::Result<Option<Replayed>> {
    let Some(row) = parked::any_tenant_get(&engine.db, id).await? else {
        return Ok(None);
    };
    let mut tx = engine.db.begin().await?;
    let settled = settle(engine, &mut tx, &row).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    engine.wake.sender.notify_one();
    let found = i64::from(settled.is_some());
    Ok(Some(Replayed {
        settled: found,
        remaining: 1 - found,
    }))
}

/// `Some(something was enqueued)` when the row found its place.
async fn settle(engine: &Engine, tx: &mut Tx, row: &Parked) -> store::Result<Option<bool>> {
    let now = engine.clock.now();
    let says = read_again(row);
    let post = Read {
        received_at: row.received_at,
        body: row.raw.clone().into(),
        says,
    };
    let replayed = project_again(tx, &post, &row.reason, now).await?;
    let (counts, stays) = (replayed.counts, replayed.stays);
    let left = if stays { 0 } else { row.items };
    if !stays {
        parked::any_tenant_done(tx, row.id, now).await?;
    }
    projector::recount(tx, counts.projected, counts.parked - left, 0).await?;
    Ok((!stays).then_some(counts.enqueued))
}

/// A parked change is read as if its entry had come again; a parked body as it is.
fn read_again(row: &Parked) -> Normalised {
    let Some(waba_id) = &row.waba_id else {
        return normalise(&row.raw, row.received_at);
    };
    let head = serde_json::json!({ "object": "whatsapp_business_account", "entry": [{ "id": waba_id, "changes": [] }] }).to_string();
    let (front, back) = head.rsplit_once("[]").unwrap_or((&head, ""));
    let mut body = Vec::with_capacity(head.len() + row.raw.len());
    body.extend_from_slice(front.as_bytes());
    body.push(b'[');
    body.extend_from_slice(&row.raw);
    body.push(b']');
    body.extend_from_slice(back.as_bytes());
    normalise(&body, row.received_at)
}
