//! Which accounts are to have which global templates. Called with everything that changes it, inside its transaction:
//! a roll-out, a tenant that is chosen, a number that is assigned, a connection that is made. Housekeeping calls it
//! for everything now and then, as the net below.

use std::collections::BTreeSet;

use domain::{GlobalTemplateId, Timestamp};
use store::global_templates::{acts, placements};
use store::jobs::{self, Lane};
use store::templates::Template;
use store::{Tx, event_log};

use super::changed;
use crate::Engine;

/// How long Meta's longest limit looks back, and how long its hourly ones.
const MONTH: std::time::Duration = std::time::Duration::from_secs(31 * 24 * 3_600);
const HOUR: std::time::Duration = std::time::Duration::from_secs(2 * 3_600);

/// Puts what accounts are to have into the table, of one global template or of all, in one account or in all, and gives
/// those accounts a job. True when there is something to do. Ring the jobs' bell afterwards.
///
/// # Errors
/// When the database refuses.
pub async fn spread_in(
    tx: &mut Tx,
    global: Option<GlobalTemplateId>,
    waba_id: Option<&str>,
    now: Timestamp,
) -> store::Result<bool> {
    let wabas = placements::any_tenant_spread(tx, global, waba_id, now).await?;
    due(tx, &wabas, now, now).await?;
    Ok(!wabas.is_empty())
}

/// Gives these accounts a job at that time or earlier.
pub(super) async fn due(
    tx: &mut Tx,
    wabas: &[String],
    run_at: Timestamp,
    now: Timestamp,
) -> store::Result<()> {
    let lanes: Vec<_> = wabas
        .iter()
        .map(|waba| Lane {
            lane: lane(waba),
            payload: waba,
        })
        .collect();
    jobs::ensure(tx, crate::jobs::SHARE_TEMPLATES, &lanes, run_at, now).await
}

/// One account does one thing after the other.
fn lane(waba_id: &str) -> String {
    format!("global_templates:{waba_id}")
}

/// Meta has said something about templates: what waited for a review goes on, and whoever watches a roll-out hears of
/// it. Gives the events, to be appended at the end of the transaction. The jobs find what is due when they look next.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn heard(
    tx: &mut Tx,
    changes: &[(Template, Template)],
    now: Timestamp,
) -> store::Result<Vec<event_log::New>> {
    let mut globals = BTreeSet::new();
    let mut wabas = BTreeSet::new();
    for (before, after) in changes {
        let Some(global) = after.global_id else {
            continue;
        };
        globals.insert(GlobalTemplateId(global));
        if before.status != after.status {
            wabas.insert(after.waba_id.clone());
        }
    }
    let mut reviewed = Vec::new();
    for waba in wabas {
        if placements::any_tenant_reviewed(tx, &waba, now).await? {
            reviewed.push(waba);
        }
    }
    due(tx, &reviewed, now, now).await?;
    Ok(globals.into_iter().map(|id| changed(id, now)).collect())
}

/// The net: what accounts are to have and do not, and work whose job is gone.
///
/// # Errors
/// When the database refuses.
pub async fn reconcile(engine: &Engine) -> store::Result<()> {
    let now = engine.clock.now();
    acts::trim(&engine.db, now.minus(MONTH), now.minus(HOUR)).await?;
    let mut tx = engine.db.begin().await?;
    spread_in(&mut tx, None, None, now).await?;
    for (waba, next_at) in placements::any_tenant_unsettled(&mut tx).await? {
        due(&mut tx, &[waba], Timestamp(next_at).max(now), now).await?;
    }
    tx.commit().await?;
    engine.wake.jobs.notify_one();
    Ok(())
}
