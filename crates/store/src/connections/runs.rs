//! Attempts to connect, and their steps.

use std::time::Duration;

use domain::connection::{RunKind, RunState, Step, StepState};
use domain::{ConnectionId, RunId, TenantId, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use crate::db::{Db, DbError, Result, Sql, Tx, args, statements};
use crate::seal::{Place, Sealer};

/// A run's row. Code and token stay sealed.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Run {
    /// Its id.
    #[sqlx(try_from = "Uuid")]
    pub id: RunId,
    /// Of which connection.
    #[sqlx(try_from = "Uuid")]
    pub connection_id: ConnectionId,
    /// Whose it is.
    #[sqlx(try_from = "Uuid")]
    pub tenant_id: TenantId,
    /// A word of [`RunKind`].
    pub kind: String,
    /// A word of [`RunState`].
    pub state: String,
    /// What the browser said (JSON): a claim until Meta has shown it.
    pub claims: String,
    /// Why it stopped.
    pub cause: Option<String>,
    /// Who began it, by name.
    pub started_by: String,
    /// When (µs).
    pub started_at: i64,
    /// When it ended (µs).
    pub ended_at: Option<i64>,
}

impl Run {
    /// One that is begun now.
    pub fn new(
        (tenant, connection): (TenantId, ConnectionId),
        kind: RunKind,
        claims: String,
        started_by: &str,
        now: Timestamp,
    ) -> Self {
        Self {
            id: RunId::new(now),
            connection_id: connection,
            tenant_id: tenant,
            kind: kind.as_str().to_owned(),
            state: RunState::Running.as_str().to_owned(),
            claims,
            cause: None,
            started_by: started_by.to_owned(),
            started_at: now.0,
            ended_at: None,
        }
    }

    /// Whether it is at work.
    pub fn is_running(&self) -> bool {
        self.state == RunState::Running.as_str()
    }
}

/// A step's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct StepRow {
    /// A word of [`Step`].
    pub step: String,
    /// A word of [`StepState`].
    pub state: String,
    /// How often it was begun.
    pub attempts: i64,
    /// Why it stopped, or why it is tried again.
    pub cause: Option<String>,
    /// What happened, for a person.
    pub detail: Option<String>,
    /// What later steps need of it (JSON).
    pub result: Option<String>,
    /// When it was first begun (µs).
    pub began_at: Option<i64>,
    /// When it ended (µs).
    pub ended_at: Option<i64>,
}

impl StepRow {
    /// Whether nothing is left to do.
    pub fn is_over(&self) -> bool {
        [StepState::Done, StepState::Skipped]
            .map(StepState::as_str)
            .contains(&self.state.as_str())
    }
}

/// What a step came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Where it stands.
    pub state: StepState,
    /// Why it stopped, or why it is tried again.
    pub cause: Option<String>,
    /// What happened, for a person.
    pub detail: Option<String>,
    /// What later steps need of it (JSON).
    pub result: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Sealed {
    code: Option<Vec<u8>>,
    token: Option<Vec<u8>>,
}

statements! {
    INSERT = Sql::Both("INSERT INTO onboarding_runs (id, connection_id, tenant_id, kind, state, claims, code_digest, code, token, cause, started_by, started_at, ended_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING");
    INSERT_STEP = Sql::Both("INSERT INTO onboarding_steps (run_id, position, step, state, attempts) VALUES ($1, $2, $3, $4, 0)");
    GET = Sql::Both("SELECT id, connection_id, tenant_id, kind, state, claims, cause, started_by, started_at, ended_at FROM onboarding_runs WHERE id = $1");
    LOCK = Sql::Each {
        sqlite: "SELECT id, connection_id, tenant_id, kind, state, claims, cause, started_by, started_at, ended_at FROM onboarding_runs WHERE id = $1",
        postgres: "SELECT id, connection_id, tenant_id, kind, state, claims, cause, started_by, started_at, ended_at FROM onboarding_runs WHERE id = $1 FOR UPDATE",
    };
    OF_CODE = Sql::Both("SELECT id, connection_id, tenant_id, kind, state, claims, cause, started_by, started_at, ended_at FROM onboarding_runs WHERE code_digest = $1");
    OF_CONNECTION = Sql::Both("SELECT id, connection_id, tenant_id, kind, state, claims, cause, started_by, started_at, ended_at FROM onboarding_runs \
        WHERE tenant_id = $1 AND connection_id = $2 ORDER BY id DESC LIMIT $3");
    STEPS = Sql::Both("SELECT step, state, attempts, cause, detail, result, began_at, ended_at FROM onboarding_steps WHERE run_id = $1 ORDER BY position");
    SECRETS = Sql::Both("SELECT code, token FROM onboarding_runs WHERE id = $1");
    KEEP_TOKEN = Sql::Both("UPDATE onboarding_runs SET token = $2, code = NULL WHERE id = $1");
    FORGET = Sql::Both("UPDATE onboarding_runs SET token = NULL, code = NULL WHERE id = $1");
    FORGET_ALL = Sql::Both("UPDATE onboarding_runs SET token = NULL, code = NULL WHERE connection_id = $1 AND (token IS NOT NULL OR code IS NOT NULL)");
    FORGET_OLD = Sql::Both("UPDATE onboarding_runs SET token = NULL, code = NULL WHERE (token IS NOT NULL OR code IS NOT NULL) AND ended_at < $1");
    SET_STATE = Sql::Both("UPDATE onboarding_runs SET state = $2, cause = $3, ended_at = $4 WHERE id = $1");
    CANCEL = Sql::Both("UPDATE onboarding_runs SET state = 'cancelled', ended_at = $2, code = NULL, token = NULL \
        WHERE connection_id = $1 AND state IN ('running', 'waiting')");
    BEGIN_STEP = Sql::Both("UPDATE onboarding_steps SET state = 'running', attempts = attempts + 1, began_at = COALESCE(began_at, $3) WHERE run_id = $1 AND step = $2");
    END_STEP = Sql::Both("UPDATE onboarding_steps SET state = $3, cause = $4, detail = $5, result = COALESCE($6, result), ended_at = $7 WHERE run_id = $1 AND step = $2");
}

/// Adds a run with its steps, all pending. False when its code was given to a run before.
///
/// # Errors
/// When a secret cannot be sealed or the database refuses.
pub async fn insert(
    tx: &mut Tx,
    sealer: &Sealer,
    run: &Run,
    steps: &[Step],
    code: Option<(&str, &SecretString)>,
    token: Option<&SecretString>,
) -> Result<bool> {
    let (digest, code) = code.unzip();
    let code = code
        .map(|code| seal(sealer, run, "code", code))
        .transpose()?;
    let token = token
        .map(|token| seal(sealer, run, "token", token))
        .transpose()?;
    let args = args![
        run.id,
        run.connection_id,
        run.tenant_id,
        &run.kind,
        &run.state,
        &run.claims,
        digest,
        code,
        token,
        run.cause.clone(),
        &run.started_by,
        run.started_at,
        run.ended_at,
    ];
    if tx.run(INSERT, args).await? == 0 {
        return Ok(false);
    }
    for (position, step) in (0_i64..).zip(steps) {
        let pending = StepState::Pending.as_str();
        tx.run(INSERT_STEP, args![run.id, position, step.as_str(), pending])
            .await?;
    }
    Ok(true)
}

/// The run that was begun with a code, whosever it is.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_of_code(db: &Db, digest: &str) -> Result<Option<Run>> {
    db.first(OF_CODE, args![digest]).await
}

/// One, whosever it is.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_get(db: &Db, id: RunId) -> Result<Option<Run>> {
    db.first(GET, args![id]).await
}

/// One, whosever it is, locked against concurrent change until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_lock(tx: &mut Tx, id: RunId) -> Result<Option<Run>> {
    tx.first(LOCK, args![id]).await
}

/// The latest runs of a connection, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    db: &Db,
    tenant: TenantId,
    connection: ConnectionId,
    limit: i64,
) -> Result<Vec<Run>> {
    db.all(OF_CONNECTION, args![tenant, connection, limit])
        .await
}

/// The newest run of a connection, inside a transaction.
///
/// # Errors
/// When the database refuses.
pub async fn latest_in(
    tx: &mut Tx,
    tenant: TenantId,
    connection: ConnectionId,
) -> Result<Option<Run>> {
    tx.first(OF_CONNECTION, args![tenant, connection, 1_i64])
        .await
}

/// The steps of a run, in their order.
///
/// # Errors
/// When the database refuses.
pub async fn steps(db: &Db, run: RunId) -> Result<Vec<StepRow>> {
    db.all(STEPS, args![run]).await
}

/// The steps of a run, in their order, inside a transaction.
///
/// # Errors
/// When the database refuses.
pub async fn steps_in(tx: &mut Tx, run: RunId) -> Result<Vec<StepRow>> {
    tx.all(STEPS, args![run]).await
}

/// The code that has not been exchanged yet, opened.
///
/// # Errors
/// When it does not open or the database refuses.
pub async fn code(db: &Db, sealer: &Sealer, run: &Run) -> Result<Option<SecretString>> {
    let row: Option<Sealed> = db.first(SECRETS, args![run.id]).await?;
    open(sealer, run, "code", row.and_then(|row| row.code))
}

/// The token that belongs to no WABA yet, opened.
///
/// # Errors
/// When it does not open or the database refuses.
pub async fn token(db: &Db, sealer: &Sealer, run: &Run) -> Result<Option<SecretString>> {
    let row: Option<Sealed> = db.first(SECRETS, args![run.id]).await?;
    open(sealer, run, "token", row.and_then(|row| row.token))
}

/// The token that belongs to no WABA yet, opened, inside a transaction.
///
/// # Errors
/// When it does not open or the database refuses.
pub async fn token_in(tx: &mut Tx, sealer: &Sealer, run: &Run) -> Result<Option<SecretString>> {
    let row: Option<Sealed> = tx.first(SECRETS, args![run.id]).await?;
    open(sealer, run, "token", row.and_then(|row| row.token))
}

/// Keeps the token that the code became, and forgets the code.
///
/// # Errors
/// When it cannot be sealed or the database refuses.
pub async fn keep_token(
    tx: &mut Tx,
    sealer: &Sealer,
    run: &Run,
    token: &SecretString,
) -> Result<()> {
    let sealed = seal(sealer, run, "token", token)?;
    tx.run(KEEP_TOKEN, args![run.id, sealed]).await.map(drop)
}

/// Forgets code and token.
///
/// # Errors
/// When the database refuses.
pub async fn forget(tx: &mut Tx, run: RunId) -> Result<()> {
    tx.run(FORGET, args![run]).await.map(drop)
}

/// Forgets codes and tokens of all runs of a connection: none of them is gone on with any more.
///
/// # Errors
/// When the database refuses.
pub async fn forget_all(tx: &mut Tx, connection: ConnectionId) -> Result<()> {
    tx.run(FORGET_ALL, args![connection]).await.map(drop)
}

/// Forgets codes and tokens of runs that ended before a moment: nobody has gone on with them.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_trim(db: &Db, before: Timestamp) -> Result<u64> {
    db.run(FORGET_OLD, args![before]).await
}

/// Moves a run.
///
/// # Errors
/// When the database refuses.
pub async fn set_state(
    tx: &mut Tx,
    run: RunId,
    state: RunState,
    cause: Option<&str>,
    ended_at: Option<Timestamp>,
) -> Result<()> {
    tx.run(SET_STATE, args![run, state.as_str(), cause, ended_at])
        .await
        .map(drop)
}

/// Ends what is still open of a connection: another run takes its place, or nobody wants it any more.
///
/// # Errors
/// When the database refuses.
pub async fn cancel(tx: &mut Tx, connection: ConnectionId, now: Timestamp) -> Result<()> {
    tx.run(CANCEL, args![connection, now]).await.map(drop)
}

/// Notes that a step is begun, before Meta is asked for anything.
///
/// # Errors
/// When the database refuses.
pub async fn begin_step(tx: &mut Tx, run: RunId, step: Step, now: Timestamp) -> Result<()> {
    tx.run(BEGIN_STEP, args![run, step.as_str(), now])
        .await
        .map(drop)
}

/// Notes what a step came to.
///
/// # Errors
/// When the database refuses.
pub async fn end_step(
    tx: &mut Tx,
    run: RunId,
    step: Step,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<()> {
    let over = !matches!(outcome.state, StepState::Pending | StepState::Running);
    let args = args![
        run,
        step.as_str(),
        outcome.state.as_str(),
        outcome.cause.clone(),
        outcome.detail.clone(),
        outcome.result.clone(),
        over.then_some(now),
    ];
    tx.run(END_STEP, args).await.map(drop)
}

/// How long a step waits before its `attempts`th try: a quarter of a second, doubling up to a minute.
pub fn pause(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, 9)).unwrap_or(1) - 1;
    Duration::from_millis((250 << doublings).min(60_000))
}

fn place<'a>(owner: &'a str, column: &'a str, row: &'a str) -> Place<'a> {
    Place {
        owner,
        table: "onboarding_runs",
        column,
        row,
    }
}

fn seal(sealer: &Sealer, run: &Run, column: &str, secret: &SecretString) -> Result<Vec<u8>> {
    let (owner, row) = (run.tenant_id.hex(), run.id.hex());
    sealer
        .seal(place(&owner, column, &row), secret.expose_secret())
        .map_err(|error| DbError::Corrupt(error.to_string()))
}

fn open(
    sealer: &Sealer,
    run: &Run,
    column: &str,
    sealed: Option<Vec<u8>>,
) -> Result<Option<SecretString>> {
    let (owner, row) = (run.tenant_id.hex(), run.id.hex());
    sealed
        .map(|sealed| {
            sealer
                .open(place(&owner, column, &row), &sealed)
                .map_err(|error| DbError::Corrupt(error.to_string()))
        })
        .transpose()
}
