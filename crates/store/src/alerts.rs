//! What somebody should know of, and who is told.

use domain::{AlertId, TenantId, Timestamp};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, statements};
use crate::page::Page;

/// The scope of what is about the platform.
pub const PLATFORM: &str = "platform";

/// An alert's row.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Alert {
    /// Its id.
    #[sqlx(try_from = "Uuid")]
    pub id: AlertId,
    /// Whose it is; the platform's has none.
    pub tenant_id: Option<Uuid>,
    /// The tenant's id in hex, or [`PLATFORM`].
    pub scope: String,
    /// What it is, such as `token_dead`.
    pub kind: String,
    /// What it is about: an id of Meta's or of ours; empty where there is one only.
    pub subject: String,
    /// `info`, `warning`, `critical`.
    pub severity: String,
    /// How far it has come: a new stage is told again.
    pub stage: String,
    /// What the sentence is filled with (JSON object of texts).
    pub parameters: String,
    /// Since when (µs).
    pub since: i64,
    /// When it was over (µs).
    pub resolved_at: Option<i64>,
    /// When somebody put it away (µs).
    pub dismissed_at: Option<i64>,
    /// Who did.
    pub dismissed_by: Option<String>,
    /// The tenant's name.
    pub tenant_name: Option<String>,
}

/// One to raise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct New {
    /// Whose it is; none for the platform.
    pub tenant: Option<TenantId>,
    /// What it is.
    pub kind: &'static str,
    /// What it is about.
    pub subject: String,
    /// `info`, `warning`, `critical`.
    pub severity: &'static str,
    /// How far it has come.
    pub stage: String,
    /// What the sentence is filled with (JSON object of texts).
    pub parameters: String,
}

impl New {
    /// The tenant's id in hex, or [`PLATFORM`].
    pub fn scope(&self) -> String {
        scope(self.tenant)
    }
}

/// Somebody to tell.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Reader {
    /// Their address.
    pub email: String,
    /// Their language.
    pub language: String,
}

macro_rules! columns {
    () => {
        "a.id, a.tenant_id, a.scope, a.kind, a.subject, a.severity, a.stage, a.parameters, a.since, a.resolved_at, a.dismissed_at, a.dismissed_by, \
         t.name AS tenant_name FROM alerts a LEFT JOIN tenants t ON t.id = a.tenant_id"
    };
}

statements! {
    OPEN = Sql::Both(concat!("SELECT ", columns!(), " WHERE a.resolved_at IS NULL ORDER BY a.id"));
    RAISE = Sql::Both("INSERT INTO alerts (id, tenant_id, scope, kind, subject, severity, stage, parameters, since, updated_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) ON CONFLICT DO NOTHING");
    RESTAGE = Sql::Both("UPDATE alerts SET severity = $2, stage = $3, parameters = $4, updated_at = $5, told_at = NULL, dismissed_at = NULL, dismissed_by = NULL \
        WHERE id = $1 AND resolved_at IS NULL");
    RESTATE = Sql::Both("UPDATE alerts SET parameters = $2, updated_at = $3 WHERE id = $1 AND resolved_at IS NULL");
    RESOLVE = Sql::Both("UPDATE alerts SET resolved_at = $2, updated_at = $2 WHERE id = $1 AND resolved_at IS NULL");
    LIST = Sql::Both(concat!("SELECT ", columns!(), " WHERE a.scope = $1 AND ($2 OR (a.resolved_at IS NULL AND a.dismissed_at IS NULL)) AND a.id < $3 \
        ORDER BY a.id DESC LIMIT $4"));
    LIST_ALL = Sql::Both(concat!("SELECT ", columns!(), " WHERE ($1 OR (a.resolved_at IS NULL AND a.dismissed_at IS NULL)) AND a.id < $2 \
        ORDER BY a.id DESC LIMIT $3"));
    DISMISS = Sql::Both("UPDATE alerts SET dismissed_at = $3, dismissed_by = $4 WHERE id = $2 AND scope = $1 AND dismissed_at IS NULL");
    GET = Sql::Both(concat!("SELECT ", columns!(), " WHERE a.id = $2 AND a.scope = $1"));
    UNTOLD = Sql::Both(concat!("SELECT ", columns!(), " WHERE a.resolved_at IS NULL AND a.dismissed_at IS NULL AND a.told_at IS NULL ORDER BY a.id LIMIT 100"));
    TOLD = Sql::Both("UPDATE alerts SET told_at = $2 WHERE id = $1 AND told_at IS NULL");
    OWNERS = Sql::Both("SELECT u.email, u.language FROM members m JOIN users u ON u.id = m.user_id WHERE m.tenant_id = $1 AND m.role = 'owner' \
        AND u.status = 'active' ORDER BY u.email");
    ADMINISTRATORS = Sql::Both("SELECT u.email, u.language FROM users u WHERE u.platform_admin AND u.status = 'active' ORDER BY u.email");
    COUNTS = Sql::Both("SELECT severity, COUNT(*) AS count FROM alerts WHERE resolved_at IS NULL AND dismissed_at IS NULL GROUP BY severity");
}

/// The tenant's scope, or the platform's.
pub fn scope(tenant: Option<TenantId>) -> String {
    tenant.map_or_else(|| PLATFORM.to_owned(), TenantId::hex)
}

/// Everybody's alerts that are not over, dismissed or not.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_open(tx: &mut Tx) -> Result<Vec<Alert>> {
    tx.all(OPEN, args![]).await
}

/// Raises one; false when it is raised already.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_raise(tx: &mut Tx, new: &New, now: Timestamp) -> Result<bool> {
    let args = args![
        AlertId::new(now),
        new.tenant,
        new.scope(),
        new.kind,
        &new.subject,
        new.severity,
        &new.stage,
        &new.parameters,
        now,
    ];
    Ok(tx.run(RAISE, args).await? == 1)
}

/// It has come further: it is told again, also to who had put it away.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_restage(tx: &mut Tx, id: AlertId, new: &New, now: Timestamp) -> Result<()> {
    tx.run(
        RESTAGE,
        args![id, new.severity, &new.stage, &new.parameters, now],
    )
    .await
    .map(drop)
}

/// It stands as it stood, with other figures: nobody is told again.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_restate(tx: &mut Tx, id: AlertId, new: &New, now: Timestamp) -> Result<()> {
    tx.run(RESTATE, args![id, &new.parameters, now])
        .await
        .map(drop)
}

/// It is over.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_resolve(tx: &mut Tx, id: AlertId, now: Timestamp) -> Result<()> {
    tx.run(RESOLVE, args![id, now]).await.map(drop)
}

/// A page of a tenant's alerts (or, without one, of the platform's own), newest first: those that are open, or `all`.
///
/// # Errors
/// When the database refuses.
pub async fn list(db: &Db, tenant: TenantId, all: bool, page: Page<AlertId>) -> Result<Vec<Alert>> {
    db.all(
        LIST,
        args![scope(Some(tenant)), all, page.below(), page.limit],
    )
    .await
}

/// A page of everybody's alerts, newest first: those that are open, or `all`.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_list(db: &Db, all: bool, page: Page<AlertId>) -> Result<Vec<Alert>> {
    db.all(LIST_ALL, args![all, page.below(), page.limit]).await
}

/// Puts one of a tenant's (or, without one, of the platform's) away. Gives it as it was; none when there is no such.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_dismiss(
    tx: &mut Tx,
    tenant: Option<TenantId>,
    id: AlertId,
    by: &str,
    now: Timestamp,
) -> Result<Option<Alert>> {
    let scope = scope(tenant);
    let found: Option<Alert> = tx.first(GET, args![&scope, id]).await?;
    if found.is_some() {
        tx.run(DISMISS, args![&scope, id, now, by]).await?;
    }
    Ok(found)
}

/// Up to a hundred alerts of which nobody was told yet.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_untold(db: &Db) -> Result<Vec<Alert>> {
    db.all(UNTOLD, args![]).await
}

/// Notes that people are told now. False when somebody else does it.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_told(db: &Db, id: AlertId, now: Timestamp) -> Result<bool> {
    Ok(db.run(TOLD, args![id, now]).await? == 1)
}

/// The owners of a tenant, or the platform's administrators.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_readers(db: &Db, tenant: Option<TenantId>) -> Result<Vec<Reader>> {
    match tenant {
        Some(tenant) => db.all(OWNERS, args![tenant]).await,
        None => db.all(ADMINISTRATORS, args![]).await,
    }
}

/// How many are open, by severity.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_counts(db: &Db) -> Result<Vec<(String, i64)>> {
    db.all(COUNTS, args![]).await
}
