//! A run at work: one step after the other, each noted before Meta is asked and after it has answered. Whoever comes
//! after a crash finds the step `running`, looks at Meta what has been done already, and goes on.

use std::time::Duration;

use domain::connection::{ConnectionState, RunState, Step, StepState};
use domain::{RunId, Timestamp};
use serde_json::json;
use store::connections::runs::{self, Outcome, pause};
use store::connections::{self, Connection};
use store::{DbError, Tx, event_log, jobs, setup_links};

use super::cause::{Cause, Stop};
use super::work::{Ended, Work};
use super::{
    claim_waba, exchange_code, inspect_token, read_facts, register_number, share_credit, subscribe,
    sync_phone, sync_templates, verify,
};
use crate::Engine;

/// A code lives for 30 seconds: it is tried again at least so often.
const CODE_PAUSE: Duration = Duration::from_secs(4);
/// After this many tries of one step the run fails with the passing cause: about ten minutes.
const MOST_TRIES: i64 = 18;

/// Does what is left of a run. Passing trouble puts a job for later into the same lane.
///
/// # Errors
/// When the database cannot be reached; the run is tried again.
pub(crate) async fn go_on(engine: &Engine, id: RunId) -> store::Result<()> {
    for step in Step::ALL {
        match advance(engine, id, *step).await? {
            Next::Go => {}
            Next::Stopped => return Ok(()),
        }
    }
    finish(engine, id).await
}

/// Whether the step after this one may begin.
pub(super) enum Next {
    /// It may.
    Go,
    /// Nothing more is to be done now.
    Stopped,
}

/// Does one step, unless it is over.
pub(super) async fn advance(engine: &Engine, id: RunId, step: Step) -> store::Result<Next> {
    let Some(mut work) = loaded(Work::load(engine, id).await)? else {
        return Ok(Next::Stopped);
    };
    if !work.run.is_running() {
        return Ok(Next::Stopped);
    }
    let row = work.steps.iter().find(|row| row.step == step.as_str());
    let Some(row) = row.filter(|row| !row.is_over()) else {
        return Ok(Next::Go);
    };
    let attempt = row.attempts + 1;
    if !note_begin(&work, step).await? {
        return Ok(Next::Stopped);
    }
    let outcome = carry_out(&mut work, step).await;
    match outcome {
        Ok(ended) => {
            let state = if ended.skipped {
                StepState::Skipped
            } else {
                StepState::Done
            };
            let outcome = Outcome {
                state,
                cause: ended.cause.map(|cause| cause.as_str().to_owned()),
                detail: ended.detail,
                result: ended.result,
            };
            let noted = note_end(&work, step, &outcome, After::GoOn).await?;
            Ok(if noted { Next::Go } else { Next::Stopped })
        }
        Err(Stop::Again {
            cause,
            detail,
            wait,
        }) if attempt < MOST_TRIES => {
            let longest = if step == Step::ExchangeCode {
                CODE_PAUSE
            } else {
                Duration::MAX
            };
            let wait = wait.unwrap_or_default().max(pause(attempt).min(longest));
            tracing::info!(run = %id, step = step.as_str(), attempt, cause = cause.as_str(), wait.ms = wait.as_millis() as u64, "a step of a connection is tried again");
            let outcome = stopped(StepState::Pending, cause, detail);
            note_end(&work, step, &outcome, After::Later(wait)).await?;
            Ok(Next::Stopped)
        }
        Err(Stop::Again { cause, detail, .. } | Stop::Failed { cause, detail }) => {
            tracing::warn!(run = %id, step = step.as_str(), cause = cause.as_str(), detail = %detail, "a connection stopped");
            let outcome = stopped(StepState::Failed, cause, detail);
            note_end(&work, step, &outcome, After::Fail(cause)).await?;
            Ok(Next::Stopped)
        }
        Err(Stop::Gone) => Ok(Next::Stopped),
        Err(Stop::Store(error)) => Err(error),
    }
}

fn loaded(work: Result<Option<Work>, Stop>) -> store::Result<Option<Work>> {
    match work {
        Ok(work) => Ok(work),
        Err(Stop::Store(error)) => Err(error),
        Err(other) => Err(DbError::Corrupt(format!("{other:?}"))),
    }
}

fn stopped(state: StepState, cause: Cause, detail: String) -> Outcome {
    Outcome {
        state,
        cause: Some(cause.as_str().to_owned()),
        detail: Some(detail),
        result: None,
    }
}

/// Looks whether Meta has it already, and does it if not.
async fn carry_out(work: &mut Work, step: Step) -> Result<Ended, Stop> {
    let done = match step {
        Step::ExchangeCode => exchange_code::done(work).await?,
        Step::Subscribe => subscribe::done(work).await?,
        // These look within: what they ask Meta for decides what they do.
        Step::InspectToken
        | Step::ClaimWaba
        | Step::ShareCredit
        | Step::RegisterNumber
        | Step::ReadFacts
        | Step::SyncTemplates
        | Step::SyncPhone
        | Step::Verify => None,
    };
    if let Some(done) = done {
        return Ok(done);
    }
    match step {
        Step::ExchangeCode => exchange_code::act(work).await,
        Step::InspectToken => inspect_token::act(work).await,
        Step::ClaimWaba => claim_waba::act(work).await,
        Step::Subscribe => subscribe::act(work).await,
        Step::ShareCredit => share_credit::act(work).await,
        Step::RegisterNumber => register_number::act(work).await,
        Step::ReadFacts => read_facts::act(work).await,
        Step::SyncTemplates => sync_templates::act(work).await,
        Step::SyncPhone => sync_phone::act(work).await,
        Step::Verify => verify::act(work).await,
    }
}

async fn note_begin(work: &Work, step: Step) -> store::Result<bool> {
    let Some(mut tx) = begun(work.begin().await)? else {
        return Ok(false);
    };
    let now = work.engine.clock.now();
    runs::begin_step(&mut tx, work.run.id, step, now).await?;
    let told = Some((step, StepState::Running));
    tell(&mut tx, &work.connection, Some(work.run.id), told, now).await?;
    tx.commit().await?;
    work.engine.wake.events.notify_waiters();
    Ok(true)
}

fn begun(tx: Result<Tx, Stop>) -> store::Result<Option<Tx>> {
    match tx {
        Ok(tx) => Ok(Some(tx)),
        Err(Stop::Gone) => Ok(None),
        Err(Stop::Store(error)) => Err(error),
        Err(other) => Err(DbError::Corrupt(format!("{other:?}"))),
    }
}

enum After {
    GoOn,
    Later(Duration),
    Fail(Cause),
}

/// Notes what a step came to, and in the same transaction what follows. False when the run is not at work any more.
async fn note_end(work: &Work, step: Step, outcome: &Outcome, after: After) -> store::Result<bool> {
    let Some(mut tx) = begun(work.begin().await)? else {
        return Ok(false);
    };
    let (now, run) = (work.engine.clock.now(), work.run.id);
    runs::end_step(&mut tx, run, step, outcome, now).await?;
    let locked = connections::lock(&mut tx, work.connection.tenant_id, work.connection.id).await?;
    let mut connection = locked.unwrap_or_else(|| work.connection.clone());
    match after {
        After::GoOn => {}
        After::Later(wait) => {
            let (lane, payload) = (work.connection.id.to_string(), run.to_string());
            let later = now.plus(wait);
            // The one that looks after a code's exchange may wait already.
            if !jobs::postpone(&mut tx, &lane, &payload, later).await? {
                jobs::add(&mut tx, crate::jobs::CONNECT, &lane, &payload, later, now).await?;
            }
        }
        After::Fail(cause) => {
            runs::set_state(
                &mut tx,
                run,
                RunState::Failed,
                Some(cause.as_str()),
                Some(now),
            )
            .await?;
            // Fresh access to something that works has failed before anything was touched, or a further number has:
            // it works as before.
            let further = step == Step::RegisterNumber && work.claims.further.is_some();
            let untouched = step <= Step::ClaimWaba || further;
            if !(untouched && connection.is(ConnectionState::Connected)) {
                connection.set_state(ConnectionState::ActionNeeded);
                connection.problem = Some(cause.as_str().to_owned());
                connections::update(&mut tx, &connection, now).await?;
            }
        }
    }
    let told = Some((step, outcome.state));
    tell(&mut tx, &connection, Some(run), told, now).await?;
    tx.commit().await?;
    work.engine.wake.events.notify_waiters();
    Ok(true)
}

/// Every step is over.
async fn finish(engine: &Engine, id: RunId) -> store::Result<()> {
    let Some(work) = loaded(Work::load(engine, id).await)? else {
        return Ok(());
    };
    let Some(mut tx) = begun(work.begin().await)? else {
        return Ok(());
    };
    let now = engine.clock.now();
    runs::forget_all(&mut tx, work.connection.id).await?;
    runs::set_state(&mut tx, id, RunState::Done, None, Some(now)).await?;
    let locked = connections::lock(&mut tx, work.connection.tenant_id, work.connection.id).await?;
    let Some(mut row) = locked else {
        return Ok(());
    };
    let verdict = verify::verdict(&work);
    row.set_state(if verdict.stops {
        ConnectionState::ActionNeeded
    } else {
        ConnectionState::Connected
    });
    row.problem = verdict.problem;
    row.connected_at = row.connected_at.or(Some(now.0));
    row.disconnected_at = None;
    row.disconnect_reason = None;
    connections::update(&mut tx, &row, now).await?;
    let link = work.claims.setup_link;
    if !verdict.stops && (link.is_some() || !work.claims.by_link) {
        // A setup link that led here has done its work.
        setup_links::use_up(&mut tx, row.tenant_id, row.id, link, now).await?;
    }
    if let Some(waba_id) = &row.waba_id {
        crate::global_templates::spread_in(&mut tx, None, Some(waba_id), now).await?;
        // What was told of an end before is over: Meta has just shown that there is access.
        let changed = crate::health::standing::proven(&mut tx, waba_id, now).await?;
        event_log::append(&mut tx, &changed).await?;
    }
    tell(&mut tx, &row, Some(id), None, now).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    engine.wake.sender.notify_one();
    engine.wake.health.notify_one();
    engine.wake.jobs.notify_one();
    tracing::info!(connection = %row.id, way = %row.way, state = %row.state, "a connection is made");
    Ok(())
}

/// Tells everybody who listens. Last in a transaction.
pub(super) async fn tell(
    tx: &mut Tx,
    connection: &Connection,
    run: Option<RunId>,
    step: Option<(Step, StepState)>,
    now: Timestamp,
) -> store::Result<()> {
    let mut data = json!({
        "connection_id": connection.id.to_string(),
        "state": connection.state,
    });
    if let Some(run) = run {
        data["run_id"] = json!(run.to_string());
    }
    if let Some((step, state)) = step {
        data["step"] = json!(step.as_str());
        data["step_state"] = json!(state.as_str());
    }
    let tenant = connection.tenant_id;
    let event = event_log::of(tenant, "connection.changed", data.to_string(), now);
    event_log::append(tx, &[event]).await
}
