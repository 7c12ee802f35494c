//! Background jobs at work. Each kind is one arm here and one function that is safe to run twice.

use std::time::Duration;

use store::jobs::{self, Job};
use tokio_util::sync::CancellationToken;

use crate::Engine;
use crate::inbound::replay::replay;

/// Replays what is parked for a number; the payload is the phone_number_id.
pub const REPLAY_NUMBER: &str = "replay_number";

/// How long a job may run before another worker may take it.
const LEASE: Duration = Duration::from_secs(300);
/// How often the table is looked at when no bell rings.
const POLL: Duration = Duration::from_secs(1);

/// Runs until `stop`.
pub async fn run(engine: Engine, stop: CancellationToken) {
    let holder = format!("{:032x}", rand::random::<u128>());
    while !stop.is_cancelled() {
        match step(&engine, &holder).await {
            Ok(true) => {}
            Ok(false) => {
                tokio::select! {
                    () = engine.wake.jobs.notified() => {}
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
}

/// Runs the jobs that are due. False when there were none.
///
/// # Errors
/// When the database cannot be reached.
pub async fn step(engine: &Engine, holder: &str) -> store::Result<bool> {
    let due = jobs::claim(&engine.db, holder, engine.clock.now(), LEASE, 8).await?;
    for job in &due {
        match work(engine, job).await {
            Ok(()) => {
                let mut tx = engine.db.begin().await?;
                jobs::done(&mut tx, job.id, holder).await?;
                tx.commit().await?;
            }
            Err(error) => {
                tracing::warn!(job = %job.kind, attempt = job.attempts, error = %error, "a job failed and will be tried again");
                jobs::failed(&engine.db, job, holder, &error, engine.clock.now()).await?;
            }
        }
    }
    Ok(!due.is_empty())
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
        other => Err(format!(
            "no part of this version does jobs of the kind {other:?}"
        )),
    }
}
