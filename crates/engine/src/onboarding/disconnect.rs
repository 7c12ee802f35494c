//! Ending a connection: sends stop at once, what was written stays, and then, away from the request, Meta is told and
//! the token destroyed.

use std::time::Duration;

use domain::connection::{ConnectionState, Step, StepState};
use domain::{ConnectionId, RunId, TenantId};
use meta::errors::Verdict;
use meta::graph::GraphCallError;
use secrecy::SecretString;
use serde_json::json;
use store::audit::{self, Act, Target, Who};
use store::connections::runs::{self, Run, StepRow};
use store::connections::{self, Connection, numbers, tokens};
use store::{Tx, jobs, tenants, vitals, wabas};

use super::cause::Cause;
use super::run::tell;
use crate::Engine;

/// A call to Meta that was under way at the end has come to something by then.
const SECOND_LOOK: Duration = Duration::from_secs(120);
/// The newest runs that are asked whether they ended in the middle.
const RUNS: i64 = 20;

/// Why nothing was ended.
#[derive(Debug, thiserror::Error)]
pub enum DisconnectError {
    /// No such connection.
    #[error("there is no such connection")]
    NoConnection,
    /// The database refused.
    #[error(transparent)]
    Store(#[from] store::DbError),
}

/// Ends a connection. Ending it again changes nothing.
///
/// # Errors
/// [`DisconnectError`]; then nothing changed.
pub async fn disconnect(
    engine: &Engine,
    tenant: TenantId,
    id: ConnectionId,
    reason: &str,
    who: &Who,
) -> Result<(), DisconnectError> {
    let now = engine.clock.now();
    let known = connections::get(&engine.db, tenant, id).await?;
    let known = known.ok_or(DisconnectError::NoConnection)?;
    let cut_short = was_cut_short(engine, &known, None).await?;
    let mut tx = engine.db.begin().await?;
    tenants::lock(&mut tx, tenant)
        .await?
        .ok_or(DisconnectError::NoConnection)?;
    let row = connections::lock(&mut tx, tenant, id).await?;
    let mut row = row.ok_or(DisconnectError::NoConnection)?;
    if row.is(ConnectionState::Disconnected) {
        return Ok(());
    }
    let before = json!({ "state": row.state, "way": row.way, "waba_id": row.waba_id });
    let sharing = cut_short || is_sharing(&mut tx, tenant, id).await?;
    runs::cancel(&mut tx, id, now).await?;
    runs::forget_all(&mut tx, id).await?;
    row.set_state(ConnectionState::Disconnected);
    row.problem = None;
    row.disconnected_at = Some(now.0);
    row.disconnect_reason = Some(reason.to_owned());
    connections::update(&mut tx, &row, now).await?;
    let mut own = Vec::new();
    if let Some(waba) = &row.waba_id {
        let all = numbers::any_tenant_of_waba_in(&mut tx, waba).await?;
        own = all
            .into_iter()
            .filter(|number| number.tenant_id == Some(tenant.into()))
            .collect();
        for number in &own {
            store::numbers::unassign(&mut tx, tenant, &number.phone_number_id).await?;
        }
    }
    let lane = id.to_string();
    jobs::add(&mut tx, crate::jobs::DISCONNECT, &lane, &lane, now, now).await?;
    if sharing {
        // Meta may carry the call out after the first look.
        let late = now.plus(SECOND_LOOK);
        jobs::add(&mut tx, crate::jobs::DISCONNECT, &lane, &lane, late, now).await?;
    }
    let act = Act {
        tenant: Some(tenant),
        action: "connection.disconnect",
        target: Target {
            kind: "connection",
            id: Some(lane.clone()),
            name: row.business_name.as_deref(),
        },
        before: Some(before),
        after: Some(json!({ "state": row.state, "reason": reason })),
    };
    audit::append(&mut tx, who, act, now).await?;
    for number in &own {
        let id = &number.phone_number_id;
        crate::outbound::settle::fail_queued(engine, &mut tx, tenant, id).await?;
    }
    tell(&mut tx, &row, None, None, now).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    engine.wake.jobs.notify_one();
    Ok(())
}

/// Whether the run at work may be having Meta share the line of credit.
async fn is_sharing(tx: &mut Tx, tenant: TenantId, id: ConnectionId) -> store::Result<bool> {
    let run = runs::latest_in(tx, tenant, id).await?;
    let Some(run) = run.filter(Run::is_running) else {
        return Ok(false);
    };
    Ok(runs::steps_in(tx, run.id).await?.iter().any(was_sharing))
}

/// A run that ended while Meta was asked to share the line of credit does not know what came of it.
fn was_sharing(step: &StepRow) -> bool {
    step.step == Step::ShareCredit.as_str() && step.attempts > 0 && !step.is_over()
}

/// Tells Meta and destroys the token. Safe to run twice.
///
/// # Errors
/// A sentence, when Meta cannot be told yet; it is tried again.
pub(crate) async fn take_leave(
    engine: &Engine,
    id: ConnectionId,
    attempt: i64,
) -> Result<(), String> {
    let text = |error: store::DbError| error.to_string();
    let row = connections::any_tenant_get(&engine.db, id)
        .await
        .map_err(text)?;
    // Whoever connected again meanwhile keeps what they have.
    let Some(row) = row.filter(|row| row.is(ConnectionState::Disconnected)) else {
        return Ok(());
    };
    let Some(waba) = row.waba_id.clone() else {
        return Ok(());
    };
    let elsewhere = connections::any_tenant_of_waba(&engine.db, &waba)
        .await
        .map_err(text)?;
    if elsewhere.is_none() {
        let patient = attempt < 6;
        if let Err(error) = unsubscribe(engine, &waba).await.map_err(text)?
            && is_passing(&error)
            && patient
        {
            return Err(error.to_string());
        }
    }
    let revoked = give_back(engine, &row).await;
    let mut tx = engine.db.begin().await.map_err(text)?;
    let holder = connections::any_tenant_of_waba_in(&mut tx, &waba)
        .await
        .map_err(text)?;
    if holder.is_none() {
        tokens::any_tenant_destroy(&mut tx, &waba)
            .await
            .map_err(text)?;
        // With the subscription went its address.
        vitals::any_tenant_set_waba_callback(&mut tx, &waba, None)
            .await
            .map_err(text)?;
    }
    let locked = connections::lock(&mut tx, row.tenant_id, id)
        .await
        .map_err(text)?;
    if locked
        .as_ref()
        .is_some_and(|row| row.is(ConnectionState::Disconnected))
    {
        runs::forget_all(&mut tx, id).await.map_err(text)?;
    }
    if let Some(mut row) = locked.filter(|row| row.is(ConnectionState::Disconnected)) {
        if revoked.is_ok() {
            row.allocation_id = None;
            row.problem = None;
        } else {
            row.problem = Some(Cause::CreditNotRevoked.as_str().to_owned());
        }
        let now = engine.clock.now();
        connections::update(&mut tx, &row, now)
            .await
            .map_err(text)?;
        tell(&mut tx, &row, None, None, now).await.map_err(text)?;
    }
    tx.commit().await.map_err(text)?;
    engine.wake.events.notify_waiters();
    revoked
}

async fn unsubscribe(engine: &Engine, waba: &str) -> store::Result<Result<(), GraphCallError>> {
    let Some(token) = wabas::any_tenant_token(&engine.db, &engine.sealer, waba).await? else {
        return Ok(Ok(()));
    };
    Ok(engine.graph.unsubscribe_app(&token, waba).await)
}

fn is_passing(error: &GraphCallError) -> bool {
    match error {
        GraphCallError::Transport(_) | GraphCallError::NotMeta { .. } => true,
        GraphCallError::NotAllowed(_) => false,
        GraphCallError::Refused(error) => matches!(
            error.row().verdict,
            Verdict::Retry(_) | Verdict::SlowDown(_)
        ),
    }
}

/// The line of credit comes back, unless another WABA of the same portfolio lives on it.
async fn give_back(engine: &Engine, row: &Connection) -> Result<(), String> {
    let text = |error: store::DbError| error.to_string();
    let unseen = was_cut_short(engine, row, None).await.map_err(text)?;
    if row.allocation_id.is_none() && !unseen {
        return Ok(());
    }
    let known = engine.platform.now();
    let Some(system) = &known.system_user_token else {
        return Err(
            "the platform has no system user token to take its credit back with".to_owned(),
        );
    };
    let mut all: Vec<_> = row.allocation_id.iter().cloned().collect();
    if unseen && let (Some(line), Some(receiver)) = (&known.credit_line_id, &row.business_id) {
        let there = engine.graph.allocations(system, line, receiver).await;
        let there = there.map_err(|error| error.to_string())?;
        let live = there.into_iter().filter(|one| !one.is_revoked());
        all.extend(live.filter_map(|one| one.id));
        all.dedup();
    }
    for allocation in &all {
        let sharers = connections::any_tenant_sharers(&engine.db, allocation, row.id).await;
        if sharers.map_err(text)? == 0 {
            revoke(engine, system, allocation)
                .await
                .map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

/// Whether the newest run that asked Meta to share the line of credit ended before it knew whether it had. One that
/// shared it later has looked at Meta, and the allocation that it found is in the row; on another way none looks.
pub(super) async fn was_cut_short(
    engine: &Engine,
    row: &Connection,
    except: Option<RunId>,
) -> store::Result<bool> {
    let all = runs::list(&engine.db, row.tenant_id, row.id, RUNS).await?;
    for run in all.iter().filter(|run| Some(run.id) != except) {
        let steps = runs::steps(&engine.db, run.id).await?;
        let asked = |step: &&StepRow| {
            step.step == Step::ShareCredit.as_str()
                && step.attempts > 0
                && step.state != StepState::Skipped.as_str()
        };
        let share = steps.iter().find(asked);
        if let Some(share) = share {
            return Ok(was_sharing(share));
        }
    }
    Ok(false)
}

async fn revoke(
    engine: &Engine,
    system: &SecretString,
    allocation: &str,
) -> Result<(), GraphCallError> {
    if engine
        .graph
        .allocation(system, allocation)
        .await?
        .is_revoked()
    {
        return Ok(());
    }
    engine.graph.revoke_allocation(system, allocation).await
}
