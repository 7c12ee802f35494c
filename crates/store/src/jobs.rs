//! Background jobs: committed with the change that needs them, leased, serial within a lane, tried
//! again with growing pauses, and kept as `dead` when they never succeed.

use std::time::Duration;

use domain::{JobId, Timestamp};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};

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
    ADD_ONCE = Sql::Both("INSERT INTO jobs (id, kind, lane, payload, state, attempts, run_at, created_at) SELECT $1, $2, $3, $4, 'waiting', 0, $5, $6 \
        WHERE NOT EXISTS (SELECT 1 FROM jobs k WHERE k.lane = $3 AND k.kind = $2 AND k.payload = $4 AND k.state = 'waiting' AND k.attempts = 0)");
    // A job is due when its time has come, or when the lease of whoever ran it has ended; and when no
    // older job of its lane is still there.
    // Sharing templates may be a thousand jobs, and nobody waits for them: they come last.
    DUE = Sql::Each {
        sqlite: "SELECT id, kind, lane, payload, attempts + 1 AS attempts FROM jobs j WHERE ((state = 'waiting' AND run_at <= $1) OR (state = 'running' AND lease_until <= $1)) \
            AND NOT EXISTS (SELECT 1 FROM jobs older WHERE older.lane = j.lane AND older.id < j.id AND older.state <> 'dead') ORDER BY kind = 'share_templates', id LIMIT $2",
        postgres: "SELECT id, kind, lane, payload, attempts + 1 AS attempts FROM jobs j WHERE ((state = 'waiting' AND run_at <= $1) OR (state = 'running' AND lease_until <= $1)) \
            AND NOT EXISTS (SELECT 1 FROM jobs older WHERE older.lane = j.lane AND older.id < j.id AND older.state <> 'dead') ORDER BY kind = 'share_templates', id LIMIT $2 FOR UPDATE SKIP LOCKED",
    };
    CLAIM = Sql::Both("UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = $2, claimed_by = $3 WHERE id = $1");
    RENEW = Sql::Both("UPDATE jobs SET lease_until = $3 WHERE id = $1 AND claimed_by = $2 AND state = 'running'");
    MOVE = Sql::Both("UPDATE jobs SET run_at = $3 WHERE lane = $1 AND payload = $2 AND state = 'waiting'");
    HURRY = Sql::Both("UPDATE jobs SET run_at = $3 WHERE lane = $1 AND payload = $2 AND state = 'waiting' AND run_at > $3");
    HASTEN = Sql::Each {
        sqlite: "UPDATE jobs SET run_at = $2 WHERE state = 'waiting' AND run_at > $2 AND lane IN (SELECT value->>'lane' FROM jsonb_each($1))",
        postgres: "UPDATE jobs SET run_at = $2 WHERE state = 'waiting' AND run_at > $2 AND lane IN (SELECT b.lane FROM json_to_recordset($1::json) AS b(lane text))",
    };
    ENSURE = Sql::Each {
        sqlite: "INSERT INTO jobs (id, kind, lane, payload, state, attempts, run_at, created_at) SELECT unhex(b.value->>'id'), $2, b.value->>'lane', b.value->>'payload', 'waiting', 0, $3, $4 \
            FROM jsonb_each($1) b WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.lane = b.value->>'lane' AND j.state = 'waiting')",
        postgres: "INSERT INTO jobs (id, kind, lane, payload, state, attempts, run_at, created_at) SELECT b.id, $2, b.lane, b.payload, 'waiting', 0, $3, $4 \
            FROM json_to_recordset($1::json) AS b(id uuid, lane text, payload text) WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.lane = b.lane AND j.state = 'waiting')",
    };
    REST = Sql::Both("UPDATE jobs SET run_at = $2 WHERE kind = $1 AND state = 'waiting' AND run_at < $2");
    DONE = Sql::Both("DELETE FROM jobs WHERE id = $1 AND claimed_by = $2");
    OF_KIND = Sql::Both("SELECT payload FROM jobs WHERE kind = $1 AND state <> 'dead'");
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

/// Adds a job unless the same one waits already. False when it does.
///
/// # Errors
/// When the database refuses.
pub async fn add_once(
    tx: &mut Tx,
    kind: &str,
    lane: &str,
    payload: &str,
    run_at: Timestamp,
    now: Timestamp,
) -> Result<bool> {
    let args = args![JobId::new(now), kind, lane, payload, run_at, now];
    Ok(tx.run(ADD_ONCE, args).await? == 1)
}

/// What the jobs of a kind that are still to be done are about.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_payloads(tx: &mut Tx, kind: &str) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = tx.all(OF_KIND, args![kind]).await?;
    Ok(rows.into_iter().map(|(payload,)| payload).collect())
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

/// Keeps a claimed job for longer. False when somebody else has it.
///
/// # Errors
/// When the database refuses.
pub async fn renew(
    db: &Db,
    id: JobId,
    holder: &str,
    now: Timestamp,
    lease: Duration,
) -> Result<bool> {
    Ok(db.run(RENEW, args![id, holder, now.plus(lease)]).await? == 1)
}

/// Moves a waiting job to another time. False when there is none.
///
/// # Errors
/// When the database refuses.
pub async fn postpone(tx: &mut Tx, lane: &str, payload: &str, run_at: Timestamp) -> Result<bool> {
    Ok(tx.run(MOVE, args![lane, payload, run_at]).await? > 0)
}

/// Lets one job wait in each of these lanes, at that time or earlier: for lanes in which every job does all that is to
/// be done. One that is at work does not count, because it may have looked before.
///
/// # Errors
/// When the database refuses.
pub async fn ensure(
    tx: &mut Tx,
    kind: &str,
    lanes: &[Lane<'_>],
    run_at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    if lanes.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = lanes
        .iter()
        .map(|lane| Ensured {
            id: JobId::new(now).hex(),
            lane: &lane.lane,
            payload: lane.payload,
        })
        .collect();
    let rows = batch(&rows)?;
    let mut hasten = vec![rows.clone()];
    hasten.extend(args![run_at]);
    tx.run(HASTEN, hasten).await?;
    let mut add = vec![rows];
    add.extend(args![kind, run_at, now]);
    tx.run(ENSURE, add).await.map(drop)
}

/// A lane and what its job is given.
#[derive(Debug, Clone)]
pub struct Lane<'a> {
    /// The lane.
    pub lane: String,
    /// The payload.
    pub payload: &'a str,
}

#[derive(serde::Serialize)]
struct Ensured<'a> {
    id: String,
    lane: &'a str,
    payload: &'a str,
}

/// Lets all waiting jobs of a kind rest until then.
///
/// # Errors
/// When the database refuses.
pub async fn rest(tx: &mut Tx, kind: &str, until: Timestamp) -> Result<()> {
    tx.run(REST, args![kind, until]).await.map(drop)
}

/// Makes a waiting job due now.
///
/// # Errors
/// When the database refuses.
pub async fn hurry(db: &Db, lane: &str, payload: &str, now: Timestamp) -> Result<()> {
    db.run(HURRY, args![lane, payload, now]).await.map(drop)
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
