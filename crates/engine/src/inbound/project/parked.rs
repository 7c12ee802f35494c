//! What could not be routed or understood: kept with its own text and a reason.

use domain::{ParkedId, Timestamp};
use sha2::{Digest as _, Sha256};
use store::{Tx, parked};

use super::{Counts, Read};
use crate::inbound::Change;

/// Collects what is parked in a batch.
pub(crate) struct Parking {
    rows: Vec<parked::New>,
    /// For each row, which bytes in memory it was made of: tells another item of the same change from
    /// the same change delivered twice in one batch.
    sources: Vec<usize>,
    repeated: i64,
    now: Timestamp,
}

impl Parking {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            rows: Vec::new(),
            sources: Vec::new(),
            repeated: 0,
            now,
        }
    }

    /// Parks a whole body that could not be read, or could be read in part only.
    pub(crate) fn body(&mut self, post: &Read, (reason, why, items): &(&'static str, String, i64)) {
        self.put(reason, why, *items, None, &post.body, post.received_at);
    }

    /// Parks a change.
    pub(crate) fn change(
        &mut self,
        change: &Change,
        received_at: Timestamp,
        reason: &'static str,
        why: &str,
        items: i64,
    ) {
        self.put(reason, why, items, Some(change), &change.raw, received_at);
    }

    fn put(
        &mut self,
        reason: &'static str,
        why: &str,
        items: i64,
        change: Option<&Change>,
        raw: &[u8],
        received_at: Timestamp,
    ) {
        let waba = change.map_or("", |change| change.waba_id.as_str());
        let digest = Sha256::new()
            .chain_update(reason)
            .chain_update([0])
            .chain_update(waba)
            .chain_update([0])
            .chain_update(raw)
            .finalize();
        let digest = hex::encode(digest);
        if let Some(at) = self.rows.iter().position(|row| row.digest == digest) {
            // Several items of one change wait in one row; the same change delivered again is a duplicate.
            if self.sources[at] == raw.as_ptr() as usize {
                self.rows[at].items += items;
            } else {
                self.repeated += items;
            }
            return;
        }
        self.sources.push(raw.as_ptr() as usize);
        self.rows.push(parked::New {
            id: ParkedId::new(self.now).hex(),
            reason,
            detail: Some(why.to_owned()),
            field: change.map(|change| change.field.clone()),
            waba_id: change.map(|change| change.waba_id.clone()),
            number: change.and_then(|change| change.number.clone()),
            raw: hex::encode(raw),
            digest,
            items,
            at: received_at.0,
        });
    }

    /// Whether something was parked for this reason.
    pub(crate) fn has(&self, reason: &str) -> bool {
        self.rows.iter().any(|row| row.reason == reason)
    }

    pub(crate) async fn write(&self, tx: &mut Tx, counts: &mut Counts) -> store::Result<()> {
        let all: i64 = self.rows.iter().map(|row| row.items).sum();
        let added = parked::any_tenant_add(tx, &self.rows).await?;
        counts.parked += added;
        counts.duplicates += all - added + self.repeated;
        for row in &self.rows {
            metrics::counter!("trunkline_parked_total", "reason" => row.reason).increment(1);
        }
        Ok(())
    }
}
