//! Another try for what was parked: when its number is assigned, at a button, or from the command line.
//!
//! A replayed item goes the same way as a new one. What can still not be understood stays parked.

use bytes::Bytes;
use domain::ParkedId;
use store::parked::Parked;
use store::{parked, projector};

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

/// Rows looked at at once.
const STEP: i64 = 100;

/// Replays what is parked, oldest first: of one number, or everything. Each row is a transaction of its
/// own, so one that the database refuses stays parked and keeps no other from its place.
///
/// # Errors
/// When the database cannot be reached; what was settled before stays settled.
pub async fn replay(engine: &Engine, phone_number_id: Option<&str>) -> store::Result<Replayed> {
    let mut all = Replayed::default();
    let mut after: Option<ParkedId> = None;
    loop {
        let ids = parked::any_tenant_oldest(&engine.db, after, phone_number_id, STEP).await?;
        let Some(last) = ids.last() else {
            return Ok(all);
        };
        after = Some(*last);
        for id in &ids {
            match settle_or_leave(engine, *id).await? {
                Some(true) => all.settled += 1,
                Some(false) => all.remaining += 1,
                None => {}
            }
        }
    }
}

/// Replays one parked row. `None` when there is none such (any more).
///
/// # Errors
/// When the database cannot be reached.
pub async fn replay_one(engine: &Engine, id: ParkedId) -> store::Result<Option<Replayed>> {
    let settled = settle_or_leave(engine, id).await?.map(i64::from);
    Ok(settled.map(|settled| Replayed {
        settled,
        remaining: 1 - settled,
    }))
}

/// [`settle`]; a row that the database refuses stays parked.
async fn settle_or_leave(engine: &Engine, id: ParkedId) -> store::Result<Option<bool>> {
    let mut outcome = settle(engine, id).await;
    if outcome.as_ref().is_err_and(store::DbError::is_passing) {
        // Somebody made the same contact or conversation meanwhile: now it is found.
        outcome = settle(engine, id).await;
    }
    match outcome {
        Err(error) if error.is_refusal() || error.is_conflict() => {
            tracing::error!(error = %error, parked = %id, "a parked webhook cannot be projected and stays parked");
            Ok(Some(false))
        }
        outcome => outcome,
    }
}

/// Whether the row found its place; `None` when somebody else has settled it.
async fn settle(engine: &Engine, id: ParkedId) -> store::Result<Option<bool>> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    // The projector's row first, as the projector does it: so the two never wait for each other in a circle.
    projector::recount(&mut tx, 0, 0, 0).await?;
    let Some(row) = parked::any_tenant_lock(&mut tx, id).await? else {
        return Ok(None);
    };
    let body = Bytes::from(row.raw.clone());
    let post = Read {
        received_at: row.received_at,
        says: read_again(&row, &body),
        body,
    };
    let replayed = project_again(&mut tx, &post, &row.reason, now).await?;
    let (counts, stays) = (replayed.counts, replayed.stays);
    let left = if stays { 0 } else { row.items };
    if !stays {
        parked::any_tenant_done(&mut tx, row.id, now).await?;
    }
    projector::recount(&mut tx, counts.projected, counts.parked - left, 0).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    if counts.enqueued {
        engine.wake.sender.notify_one();
    }
    Ok(Some(!stays))
}

/// A parked change is read as if its entry had come again; a parked body as it is.
fn read_again(row: &Parked, raw: &Bytes) -> Normalised {
    let Some(waba_id) = &row.waba_id else {
        return normalise(raw, row.received_at);
    };
    let head = serde_json::json!({ "object": "whatsapp_business_account", "entry": [{ "id": waba_id, "changes": [] }] }).to_string();
    let (front, back) = head.rsplit_once("[]").unwrap_or((&head, ""));
    let mut body = Vec::with_capacity(head.len() + raw.len());
    body.extend_from_slice(front.as_bytes());
    body.push(b'[');
    body.extend_from_slice(raw);
    body.push(b']');
    body.extend_from_slice(back.as_bytes());
    normalise(&body.into(), row.received_at)
}
