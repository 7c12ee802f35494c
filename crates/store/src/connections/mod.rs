//! The ways in which tenants are connected to WhatsApp: a row for each WABA of a tenant's own. A number of the
//! platform's own WABA needs no row; it is a tenant's by assignment.

pub mod numbers;
pub mod runs;
pub mod tokens;

use domain::connection::{BillingMode, ConnectionState, Way};
use domain::{ConnectionId, TenantId, Timestamp};
use uuid::Uuid;

use crate::db::{Db, DbError, Result, Sql, Tx, args, statements};
use crate::jobs;

/// A connection's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Connection {
    /// Its id.
    #[sqlx(try_from = "Uuid")]
    pub id: ConnectionId,
    /// Whose it is.
    #[sqlx(try_from = "Uuid")]
    pub tenant_id: TenantId,
    /// A word of [`Way`].
    pub way: String,
    /// A word of [`ConnectionState`].
    pub state: String,
    /// Meta's id of the WABA; none until Meta has shown that the token reaches it.
    pub waba_id: Option<String>,
    /// The portfolio that owns the WABA.
    pub business_id: Option<String>,
    /// Its name.
    pub business_name: Option<String>,
    /// Whether the numbers are used with the WhatsApp Business app as well.
    pub coexistence: bool,
    /// A word of [`BillingMode`].
    pub billing_mode: String,
    /// How the platform's line of credit reaches the portfolio.
    pub allocation_id: Option<String>,
    /// Why somebody has to do something: a cause.
    pub problem: Option<String>,
    /// When it was begun (µs).
    pub created_at: i64,
    /// When it was last changed (µs).
    pub updated_at: i64,
    /// Since when it works (µs).
    pub connected_at: Option<i64>,
    /// When it ended (µs).
    pub disconnected_at: Option<i64>,
    /// Why it ended.
    pub disconnect_reason: Option<String>,
}

impl Connection {
    /// One that is begun now.
    pub fn new(tenant: TenantId, way: Way, coexistence: bool, now: Timestamp) -> Self {
        Self {
            id: ConnectionId::new(now),
            tenant_id: tenant,
            way: way.as_str().to_owned(),
            state: ConnectionState::Connecting.as_str().to_owned(),
            waba_id: None,
            business_id: None,
            business_name: None,
            coexistence,
            billing_mode: way.usual_billing().as_str().to_owned(),
            allocation_id: None,
            problem: None,
            created_at: now.0,
            updated_at: now.0,
            connected_at: None,
            disconnected_at: None,
            disconnect_reason: None,
        }
    }

    /// Its way.
    ///
    /// # Errors
    /// When another version of the program wrote it.
    pub fn way(&self) -> Result<Way> {
        self.way
            .parse()
            .map_err(|error: domain::connection::Unknown| DbError::Corrupt(error.to_string()))
    }

    /// Sets by which way it goes. Who is billed follows, unless somebody chose otherwise.
    ///
    /// # Errors
    /// When a stored word is not known.
    pub fn set_way(&mut self, way: Way) -> Result<()> {
        if self.way()?.usual_billing().as_str() == self.billing_mode {
            self.set_billing(way.usual_billing());
        }
        way.as_str().clone_into(&mut self.way);
        Ok(())
    }

    /// Whether it stands there.
    pub fn is(&self, state: ConnectionState) -> bool {
        self.state == state.as_str()
    }

    /// Moves it.
    pub fn set_state(&mut self, state: ConnectionState) {
        state.as_str().clone_into(&mut self.state);
    }

    /// Sets who is billed.
    pub fn set_billing(&mut self, mode: BillingMode) {
        mode.as_str().clone_into(&mut self.billing_mode);
    }
}

/// Which connections an administrator wants to see; what is absent fits everything.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// A word of [`Way`].
    pub way: Option<String>,
    /// A word of [`ConnectionState`].
    pub state: Option<String>,
    /// Whose.
    pub tenant: Option<TenantId>,
}

statements! {
    INSERT = Sql::Both("INSERT INTO connections (id, tenant_id, way, state, waba_id, business_id, business_name, coexistence, billing_mode, allocation_id, \
        problem, created_at, updated_at, connected_at, disconnected_at, disconnect_reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)");
    UPDATE = Sql::Both("UPDATE connections SET way = $3, state = $4, waba_id = $5, business_id = $6, business_name = $7, coexistence = $8, billing_mode = $9, \
        allocation_id = $10, problem = $11, updated_at = $12, connected_at = $13, disconnected_at = $14, disconnect_reason = $15 WHERE tenant_id = $2 AND id = $1");
    GET = Sql::Both("SELECT id, tenant_id, way, state, waba_id, business_id, business_name, coexistence, billing_mode, allocation_id, problem, created_at, \
        updated_at, connected_at, disconnected_at, disconnect_reason FROM connections WHERE tenant_id = $1 AND id = $2");
    ANY_GET = Sql::Both("SELECT id, tenant_id, way, state, waba_id, business_id, business_name, coexistence, billing_mode, allocation_id, problem, created_at, \
        updated_at, connected_at, disconnected_at, disconnect_reason FROM connections WHERE id = $1");
    LOCK = Sql::Each {
        sqlite: "SELECT id, tenant_id, way, state, waba_id, business_id, business_name, coexistence, billing_mode, allocation_id, problem, created_at, \
            updated_at, connected_at, disconnected_at, disconnect_reason FROM connections WHERE tenant_id = $1 AND id = $2",
        postgres: "SELECT id, tenant_id, way, state, waba_id, business_id, business_name, coexistence, billing_mode, allocation_id, problem, created_at, \
            updated_at, connected_at, disconnected_at, disconnect_reason FROM connections WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
    };
    LIST = Sql::Both("SELECT id, tenant_id, way, state, waba_id, business_id, business_name, coexistence, billing_mode, allocation_id, problem, created_at, \
        updated_at, connected_at, disconnected_at, disconnect_reason FROM connections WHERE tenant_id = $1 ORDER BY id DESC");
    ANY_LIST = Sql::Both("SELECT id, tenant_id, way, state, waba_id, business_id, business_name, coexistence, billing_mode, allocation_id, problem, created_at, \
        updated_at, connected_at, disconnected_at, disconnect_reason FROM connections WHERE id < $1 AND (CAST($2 AS TEXT) IS NULL OR way = $2) \
        AND (CAST($3 AS TEXT) IS NULL OR state = $3) AND ($4 OR tenant_id = $5) ORDER BY id DESC LIMIT $6");
    OF_WABA = Sql::Both("SELECT id, tenant_id, way, state, waba_id, business_id, business_name, coexistence, billing_mode, allocation_id, problem, created_at, \
        updated_at, connected_at, disconnected_at, disconnect_reason FROM connections WHERE waba_id = $1 AND state <> 'disconnected' AND way <> 'shared'");
    LEFT = Sql::Both("SELECT id FROM connections WHERE waba_id = $1 AND id <> $2 AND state = 'disconnected'");
    HAS = Sql::Both("SELECT COUNT(*) FROM connections WHERE tenant_id = $1 AND waba_id = $2 AND way <> 'shared' AND state <> 'disconnected'");
    HAD = Sql::Both("SELECT COUNT(*) FROM connections WHERE tenant_id = $1 AND waba_id = $2 AND way <> 'shared' AND state = 'disconnected'");
    SHARES = Sql::Both("SELECT COUNT(*) FROM connections WHERE allocation_id = $1 AND id <> $2 AND state <> 'disconnected'");
}

/// Adds one.
///
/// # Errors
/// A conflict when its WABA is connected already; else when the database refuses.
pub async fn insert(tx: &mut Tx, row: &Connection) -> Result<()> {
    let args = args![
        row.id,
        row.tenant_id,
        &row.way,
        &row.state,
        row.waba_id.clone(),
        row.business_id.clone(),
        row.business_name.clone(),
        row.coexistence,
        &row.billing_mode,
        row.allocation_id.clone(),
        row.problem.clone(),
        row.created_at,
        row.updated_at,
        row.connected_at,
        row.disconnected_at,
        row.disconnect_reason.clone(),
    ];
    tx.run(INSERT, args).await.map(drop)
}

/// Writes a changed one back.
///
/// # Errors
/// A conflict when its WABA is connected elsewhere; else when the database refuses.
pub async fn update(tx: &mut Tx, row: &Connection, now: Timestamp) -> Result<()> {
    let args = args![
        row.id,
        row.tenant_id,
        &row.way,
        &row.state,
        row.waba_id.clone(),
        row.business_id.clone(),
        row.business_name.clone(),
        row.coexistence,
        &row.billing_mode,
        row.allocation_id.clone(),
        row.problem.clone(),
        now,
        row.connected_at,
        row.disconnected_at,
        row.disconnect_reason.clone(),
    ];
    tx.run(UPDATE, args).await.map(drop)
}

/// One.
///
/// # Errors
/// When the database refuses.
pub async fn get(db: &Db, tenant: TenantId, id: ConnectionId) -> Result<Option<Connection>> {
    db.first(GET, args![tenant, id]).await
}

/// One, locked against concurrent change until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn lock(tx: &mut Tx, tenant: TenantId, id: ConnectionId) -> Result<Option<Connection>> {
    tx.first(LOCK, args![tenant, id]).await
}

/// All of a tenant's, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(db: &Db, tenant: TenantId) -> Result<Vec<Connection>> {
    db.all(LIST, args![tenant]).await
}

/// All of a tenant's, newest first, inside a transaction.
///
/// # Errors
/// When the database refuses.
pub async fn list_in(tx: &mut Tx, tenant: TenantId) -> Result<Vec<Connection>> {
    tx.all(LIST, args![tenant]).await
}

/// One, whosever it is.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_get(db: &Db, id: ConnectionId) -> Result<Option<Connection>> {
    db.first(ANY_GET, args![id]).await
}

/// The connection that has a WABA now, whosever it is.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_of_waba(db: &Db, waba_id: &str) -> Result<Option<Connection>> {
    db.first(OF_WABA, args![waba_id]).await
}

/// The connection that has a WABA now, whosever it is, inside a transaction.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_of_waba_in(tx: &mut Tx, waba_id: &str) -> Result<Option<Connection>> {
    tx.first(OF_WABA, args![waba_id]).await
}

/// Whether Meta is still to be told (by a job of this kind) that another connection to a WABA has ended.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_is_leaving(
    tx: &mut Tx,
    job: &str,
    waba_id: &str,
    but: ConnectionId,
) -> Result<bool> {
    let left: Vec<(Uuid,)> = tx.all(LEFT, args![waba_id, but]).await?;
    if left.is_empty() {
        return Ok(false);
    }
    let left: Vec<_> = left
        .into_iter()
        .map(|(id,)| ConnectionId(id).to_string())
        .collect();
    let waiting = jobs::any_tenant_payloads(tx, job).await?;
    Ok(waiting.iter().any(|payload| left.contains(payload)))
}

/// Whether a tenant had a connection to a WABA and has none now.
///
/// # Errors
/// When the database refuses.
pub async fn has_left(tx: &mut Tx, tenant: TenantId, waba_id: &str) -> Result<bool> {
    let count = |row: Option<(i64,)>| row.map_or(0, |(count,)| count);
    let had = count(tx.first(HAD, args![tenant, waba_id]).await?);
    let has = count(tx.first(HAS, args![tenant, waba_id]).await?);
    Ok(had > 0 && has == 0)
}

/// How many other connections live on an allocation of credit.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_sharers(db: &Db, allocation: &str, but: ConnectionId) -> Result<i64> {
    let row: Option<(i64,)> = db.first(SHARES, args![allocation, but]).await?;
    Ok(row.map_or(0, |(count,)| count))
}

/// A page of everybody's, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_list(
    db: &Db,
    wanted: &Wanted,
    page: crate::page::Page<ConnectionId>,
) -> Result<Vec<Connection>> {
    let args = args![
        page.below(),
        wanted.way.clone(),
        wanted.state.clone(),
        wanted.tenant.is_none(),
        wanted.tenant,
        page.limit,
    ];
    db.all(ANY_LIST, args).await
}
