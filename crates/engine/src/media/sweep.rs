//! What is past its time goes: files of messages older than the tenant keeps them, uploads with them, and whatever a
//! crash left half written. Every step is safe to run twice and in several processes.

use std::time::Duration;

use domain::TenantId;
use futures::TryStreamExt as _;
use store::event_log;
use store::media::{Digest, accounts, files, of_messages, uploads};

use super::queue::event;
use crate::Engine;

/// Messages whose files are given up in one transaction.
const STEP: i64 = 200;
/// What was announced so long ago and never finished was left by a crash.
const UNWRITTEN: Duration = Duration::from_secs(3_600);
/// What lies in the store without a row is left alone for so long.
const STRAY: Duration = Duration::from_secs(24 * 3_600);

/// Removes what is past its time.
///
/// # Errors
/// When the database cannot be reached.
pub async fn tidy(engine: &Engine) -> store::Result<()> {
    let now = engine.clock.now();
    for kept in accounts::any_tenant_retentions(&engine.db).await? {
        let tenant = TenantId(kept.tenant_id);
        let days = u64::try_from(kept.days).unwrap_or(u64::MAX);
        let before = now.minus(Duration::from_secs(days.saturating_mul(24 * 3_600)));
        while expire(engine, tenant, before).await? {}
    }
    files::any_tenant_leave_unwritten(&engine.db, now, now.minus(UNWRITTEN)).await?;
    uploads::any_tenant_trim_meta_ids(&engine.db, now).await?;
    remove_leaving(engine).await?;
    let queued = of_messages::any_tenant_queued(&engine.db).await?;
    for state in ["waiting", "retrying", "over_quota"] {
        let count = queued.iter().find(|tally| tally.state == state);
        let count = count.map_or(0, |tally| tally.count);
        metrics::gauge!("trunkline_media_queued", "state" => state).set(count as f64);
    }
    Ok(())
}

/// One step of a tenant's time of keeping. False when nothing is left to do.
async fn expire(
    engine: &Engine,
    tenant: TenantId,
    before: domain::Timestamp,
) -> store::Result<bool> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let old = of_messages::expire(&mut tx, tenant, before, STEP, now).await?;
    let old_uploads = uploads::expire(&mut tx, tenant, before, STEP).await?;
    let more = old.len() as i64 == STEP || old_uploads.len() as i64 == STEP;
    let mut contents: Vec<Digest> = old.iter().map(|row| row.sha256).collect();
    contents.extend(old_uploads);
    // In one order everywhere, so that two of these never wait for each other.
    contents.sort_unstable();
    contents.dedup();
    let (mut bytes, mut count) = (0, 0);
    for content in contents {
        if let Some(size) = files::leave_unused(&mut tx, tenant, content, now).await? {
            bytes += size;
            count += 1;
        }
    }
    if count > 0 {
        accounts::charge(&mut tx, tenant, -bytes, -count).await?;
    }
    let events: Vec<_> = old
        .iter()
        .map(|row| event(tenant, row.message_id, row.conversation_id, "deleted", now))
        .collect();
    event_log::append(&mut tx, &events).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    Ok(more)
}

/// Removes the bytes of what was given up.
async fn remove_leaving(engine: &Engine) -> store::Result<()> {
    loop {
        let leaving = files::any_tenant_leaving(&engine.db, STEP).await?;
        let mut removed = 0;
        for (tenant, sha256) in &leaving {
            match engine.media.files.remove(*tenant, *sha256).await {
                Ok(()) => {
                    files::gone(&engine.db, *tenant, *sha256).await?;
                    removed += 1;
                }
                Err(error) => {
                    tracing::warn!(error = %error, "a file could not be removed; it is tried again");
                }
            }
        }
        metrics::counter!("trunkline_media_removed_total").increment(removed);
        if removed == 0 || (leaving.len() as i64) < STEP {
            return Ok(());
        }
    }
}

/// Looks through the whole store for bytes that no row knows (after a database was restored from a back-up, say) and
/// removes them. Gives how many contents that were.
///
/// # Errors
/// When the store or the database cannot be reached.
pub async fn orphans(engine: &Engine) -> Result<u64, super::NotKept> {
    let now = engine.clock.now();
    let before = now.minus(STRAY);
    let mut lying = engine.media.files.all();
    let mut found = 0;
    while let Some(object) = lying.try_next().await? {
        // A row in any state knows it, and a young one may be about to get its row.
        if object.at < before
            && files::leave_stray(&engine.db, object.tenant, object.sha256, now).await?
        {
            found += 1;
        }
    }
    if found > 0 {
        tracing::warn!(files = found, "files that no message knows are removed");
        remove_leaving(engine).await?;
    }
    Ok(found)
}
