//! Connections as Meta's word and a token's end change them. What leads to a connection is elsewhere.

use domain::Timestamp;
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, statements};

/// A tenant's way to an account of its own.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Link {
    /// The connection.
    pub id: Uuid,
    /// Whose.
    pub tenant_id: Uuid,
    /// `connecting`, `connected`, `action_needed`.
    pub state: String,
    /// The cause of what is to be done.
    pub problem: Option<String>,
    /// The account.
    pub waba_id: Option<String>,
    /// The business behind the account.
    pub business_name: Option<String>,
    /// When it last became connected, or was begun (µs).
    pub connected_at: Option<i64>,
}

statements! {
    OF_WABA = Sql::Both("SELECT id, tenant_id, state, problem, waba_id, business_name, coalesce(connected_at, created_at) AS connected_at FROM connections \
        WHERE waba_id = $1 AND state <> 'disconnected' AND way <> 'shared' ORDER BY id");
    TROUBLED = Sql::Both("SELECT id, tenant_id, state, problem, waba_id, business_name, coalesce(connected_at, created_at) AS connected_at FROM connections \
        WHERE problem IS NOT NULL ORDER BY id");
    WITHOUT_TOKEN = Sql::Both("SELECT c.id, c.tenant_id, c.state, c.problem, c.waba_id, c.business_name, coalesce(c.connected_at, c.created_at) AS connected_at \
        FROM connections c JOIN wabas w ON w.waba_id = c.waba_id WHERE c.state = 'connected' AND c.way <> 'shared' AND w.access_token IS NULL ORDER BY c.id");
    CUT = Sql::Both("UPDATE connections SET state = 'disconnected', problem = NULL, disconnected_at = $2, disconnect_reason = $3, updated_at = $2 \
        WHERE id = $1 AND state <> 'disconnected'");
    FORGET_TOKEN = Sql::Both("UPDATE wabas SET access_token = NULL, token_state = 'none', token_expires_at = NULL WHERE waba_id = $1");
    SET = Sql::Both("UPDATE connections SET state = $2, problem = $3, updated_at = $4 WHERE id = $1 AND state <> 'disconnected'");
}

/// The connections by which tenants have an account of their own.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_of_waba(tx: &mut Tx, waba_id: &str) -> Result<Vec<Link>> {
    tx.all(OF_WABA, args![waba_id]).await
}

/// The connections that are said to work and have no token.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_without_token(db: &Db) -> Result<Vec<Link>> {
    db.all(WITHOUT_TOKEN, args![]).await
}

/// The connections with which somebody has to do something; also those that have ended and left something behind.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_troubled(db: &Db) -> Result<Vec<Link>> {
    db.all(TROUBLED, args![]).await
}

/// A connection is no more: its token is destroyed, everything else stays.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_cut(
    tx: &mut Tx,
    link: &Link,
    reason: &str,
    now: Timestamp,
) -> Result<bool> {
    let cut = tx.run(CUT, args![link.id, now, reason]).await? == 1;
    if let Some(waba_id) = &link.waba_id {
        tx.run(FORGET_TOKEN, args![waba_id]).await?;
    }
    Ok(cut)
}

/// Writes that somebody has to do something, or that nobody has to any more.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_set(
    tx: &mut Tx,
    link: &Link,
    state: &str,
    problem: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    tx.run(SET, args![link.id, state, problem, now])
        .await
        .map(drop)
}
