//! Background jobs at work. Each kind is one arm here and one function that is safe to run twice.

use std::collections::HashSet;
use std::time::Duration;

use domain::JobId;
use store::jobs::{self, Job};
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::Engine;
use crate::inbound::replay::replay;
use crate::onboarding;

/// Replays what is parked for a number; the payload is the phone_number_id.
pub const REPLAY_NUMBER: &str = "replay_number";

/// Goes on with a run of a connection; the payload is the run.
pub const CONNECT: &str = "connect";

/// Tells Meta that a connection has ended; the payload is the connection.
pub const DISCONNECT: &str = "disconnect";

/// Brings an account the global templates that it is to have; the payload is the account.
pub const SHARE_TEMPLATES: &str = "share_templates";

/// How long after the end of a process another one takes its jobs over.
const LEASE: Duration = Duration::from_secs(12);
/// How often a job at work renews its lease.
const RENEWAL: Duration = Duration::from_secs(3);
/// How often the table is looked at when no bell rings.
const POLL: Duration = Duration::from_secs(1);
/// Jobs at work at the same time, of different lanes.
const AT_ONCE: usize = 8;
/// How long jobs at work may take at an orderly stop.
const GRACE: Duration = Duration::from_secs(10);

/// Runs until `stop`.
pub async fn run(engine: Engine, stop: CancellationToken) {
    let holder = format!("{:032x}", rand::random::<u128>());
    let mut at_work = AtWork::default();
    while !stop.is_cancelled() {
        match begin(&engine, &holder, &mut at_work).await {
            Ok(true) => {}
            Ok(false) => {
                tokio::select! {
                    () = engine.wake.jobs.notified() => {}
                    Some(ended) = at_work.tasks.join_next() => at_work.ended(ended),
                    () = tokio::time::sleep(POLL) => {}
                    () = stop.cancelled() => {}
                }
            }
            Err(error) => {
                tracing::error!(error = %error, "cannot look for jobs");
                stop.run_until_cancelled(tokio::time::sleep(POLL)).await;
            }
        }
    }
    let rest = async { while at_work.tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, rest).await.is_err() {
        // Their leases end, and whoever comes next goes on: every job is safe to run twice.
        tracing::warn!("jobs were at work at the stop and are done again later");
    }
}

/// What this process has claimed and not finished.
#[derive(Default)]
struct AtWork {
    tasks: JoinSet<JobId>,
    ids: HashSet<JobId>,
}

impl AtWork {
    fn ended(&mut self, ended: Result<JobId, JoinError>) {
        match ended {
            Ok(id) => drop(self.ids.remove(&id)),
            Err(error) => {
                tracing::error!(error = %error, "a job broke off");
                self.ids.clear();
            }
        }
    }
}

/// Begins the jobs that are due. False when there were none, or no room.
async fn begin(engine: &Engine, holder: &str, at_work: &mut AtWork) -> store::Result<bool> {
    while let Some(ended) = at_work.tasks.try_join_next() {
        at_work.ended(ended);
    }
    let room = i64::try_from(AT_ONCE.saturating_sub(at_work.tasks.len())).unwrap_or(0);
    if room == 0 {
        return Ok(false);
    }
    let due = jobs::claim(&engine.db, holder, engine.clock.now(), LEASE, room).await?;
    let mut begun = false;
    for job in due {
        // A clock that was moved lets leases end early; the job is still at work here.
        if !at_work.ids.insert(job.id) {
            continue;
        }
        begun = true;
        let (engine, holder) = (engine.clone(), holder.to_owned());
        at_work.tasks.spawn(async move {
            let id = job.id;
            if let Err(error) = one(&engine, &job, &holder).await {
                tracing::error!(job = %job.kind, error = %error, "what became of a job cannot be written down");
            }
            id
        });
    }
    Ok(begun)
}

/// Does one job, with its lease renewed meanwhile.
async fn one(engine: &Engine, job: &Job, holder: &str) -> store::Result<()> {
    let renewal = async {
        loop {
            tokio::time::sleep(RENEWAL).await;
            let now = engine.clock.now();
            if let Err(error) = jobs::renew(&engine.db, job.id, holder, now, LEASE).await {
                tracing::warn!(error = %error, "the lease of a job was not renewed");
            }
        }
    };
    let outcome = tokio::select! {
        outcome = work(engine, job) => outcome,
        () = renewal => return Ok(()),
    };
    match outcome {
        Ok(()) => {
            let mut tx = engine.db.begin().await?;
            jobs::done(&mut tx, job.id, holder).await?;
            tx.commit().await?;
            // What stood behind it in its lane is due now.
            engine.wake.jobs.notify_one();
        }
        Err(error) => {
            tracing::warn!(job = %job.kind, attempt = job.attempts, error = %error, "a job failed and will be tried again");
            jobs::failed(&engine.db, job, holder, &error, engine.clock.now()).await?;
        }
    }
    Ok(())
}

async fn work(engine: &Engine, job: &Job) -> Result<(), String> {
    match job.kind.as_str() {
        REPLAY_NUMBER => {
            let done = replay(engine, Some(&job.payload))
                .await
                .map_err(|error| error.to_string())?;
            if done.settled + done.remaining > 0 {
                tracing::info!(phone_number_id = %job.payload, settled = done.settled, remaining = done.remaining, "parked webhooks replayed");
            }
            Ok(())
        }
        CONNECT => {
            let run = job.payload.parse().map_err(|error| format!("{error}"))?;
            onboarding::go_on(engine, run)
                .await
                .map_err(|error| error.to_string())
        }
        DISCONNECT => {
            let connection = job.payload.parse().map_err(|error| format!("{error}"))?;
            onboarding::take_leave(engine, connection, job.attempts).await
        }
        SHARE_TEMPLATES => crate::global_templates::share(engine, &job.payload)
            .await
            .map_err(|error| error.to_string()),
        crate::templates::SYNC => crate::templates::sync(engine, &job.payload)
            .await
            .map(drop)
            .map_err(|error| error.to_string()),
        other => Err(format!(
            "no part of this version does jobs of the kind {other:?}"
        )),
    }
}
