//! Background jobs: committed with the change that needs them, leased, serial within a lane, tried
//! again with growing pauses, and kept as `dead` when they never succeed.

use std::time::Duration;

use domain::{JobId, Timestamp};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, statements};

/// A claimed job.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Job {
    /// Its id.
    #[sqlx(try_from = "Uuid")]
    pub id: JobId,
    /// Which work.
    pub kind: String,
    /// Jobs of one lane run one after the other, in the order in which they were added.
    pub lane: String,
    /// What the work needs (JSON).
    pub payload: String,
    /// How often it was tried, this time included.
    pub attempts: i64,
}

/// How many jobs are in a state.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Tally {
    /// `waiting`, `running`, `dead`.
    pub state: String,
    /// How many.
    pub count: i64,
}

/// After this many tries a job is dead.
pub const MAX_ATTEMPTS: i64 = 12;

/// The pause before the next try: 1 s doubling to an hour.
pub fn pause(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, 12)).unwrap_or(1) - 1;
    Duration::from_secs((1 << doublings).min(3_600))
}

statements! {
    ADD = Sql::Both("INSERT INTO jobs (id, kind, lane, payload, state, attempts, run_at, created_at) VALUES ($1, $2, $3, $4, 'waiting', 0, $5, $6)");
    // A job is due when its time has come, or when the lease of whoever ran it has ended; and when no
    // older job of its lane is still there.
    DUE = Sql::Each {
        sqlite: "SELECT id, kind, lane, payload, attempts + 1 AS attempts FROM jobs j WHERE ((state = 'waiting' AND run_at <= $1) OR (state = 'running' AND lease_until <= $1)) \
            AND NOT EXISTS (SELECT 1 FROM jobs older WHERE older.lane = j.lane AND older.id < j.id AND older.state <> 'dead') ORDER BY id LIMIT $2",
        postgres: "SELECT id, kind, lane, payload, attempts + 1 AS attempts FROM jobs j WHERE ((state = 'waiting' AND run_at <= $1) OR (state = 'running' AND lease_until <= $1)) \
            AND NOT EXISTS (SELECT 1 FROM jobs older WHERE older.lane = j.lane AND older.id < j.id AND older.state <> 'dead') ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED",
    };
    CLAIM = Sql::Both("UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = $2, claimed_by = $3 WHERE id = $1");
    DONE = Sql::Both("DELETE FROM jobs WHERE id = $1 AND claimed_by = $2");
    TALLY = Sql::Both("SELECT state, COUNT(*) AS count FROM jobs GROUP BY state ORDER BY state");
    FAILED = Sql::Both("UPDATE jobs SET state = $3, run_at = $4, lease_until = NULL, claimed_by = NULL, last_error = $5 WHERE id = $1 AND claimed_by = $2");
}

/// Adds a job inside the transaction that needs it.
///
/// # Errors
/// When the database refuses.
pub async fn add(
    tx: &mut Tx,
    kind: &str,
    lane: &str,
    payload: &str,
    run_at: Timestamp,
    now: Timestamp,
) -> Result<JobId> {
    let id = JobId::new(now);
    tx.run(ADD, args![id, kind, lane, payload, run_at, now])
        .await?;
    Ok(id)
}

/// Claims due jobs for `holder` until `now + lease`.
///
/// # Errors
/// When the database refuses.
pub async fn claim(
    db: &Db,
    holder: &str,
    now: Timestamp,
    lease: Duration,
    limit: i64,
) -> Result<Vec<Job>> {
    let mut tx = db.begin().await?;
    let due: Vec<Job> = tx.all(DUE, args![now, limit]).await?;
    for job in &due {
        tx.run(CLAIM, args![job.id, now.plus(lease), holder])
            .await?;
    }
    tx.commit().await?;
    Ok(due)
}

/// Removes a finished job, in the transaction that holds its effect where there is one. False when the
/// lease had ended and somebody else has it: roll back.
///
/// # Errors
/// When the database refuses.
pub async fn done(tx: &mut Tx, id: JobId, holder: &str) -> Result<bool> {
    Ok(tx.run(DONE, args![id, holder]).await? == 1)
}

/// Puts a job back for another try, or declares it dead.
///
/// # Errors
/// When the database refuses.
pub async fn failed(db: &Db, job: &Job, holder: &str, error: &str, now: Timestamp) -> Result<()> {
    let state = if job.attempts >= MAX_ATTEMPTS {
        "dead"
    } else {
        "waiting"
    };
    db.run(
        FAILED,
        args![job.id, holder, state, now.plus(pause(job.attempts)), error],
    )
    .await
    .map(drop)
}

/// How many jobs there are, by state.
///
/// # Errors
/// When the database refuses.
pub async fn tally(db: &Db) -> Result<Vec<Tally>> {
    db.all(TALLY, args![]).await
}
