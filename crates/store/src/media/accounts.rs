//! What a tenant's files take, and how much and how long it may keep. A tenant without a row keeps what it has,
//! for ever, under the installation's quota.

use domain::TenantId;
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, statements};

/// A tenant's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, sqlx::FromRow)]
pub struct Account {
    /// Bytes that it may keep; none: the installation's setting.
    pub quota_bytes: Option<i64>,
    /// Days after which a message's file is removed; none: never.
    pub retention_days: Option<i64>,
    /// Bytes that it keeps.
    pub bytes: i64,
    /// Files that it keeps.
    pub files: i64,
}

/// A tenant's use, for the platform.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Use {
    /// Which.
    pub tenant_id: Uuid,
    /// Its name.
    pub name: String,
    /// Bytes that it may keep; none: the installation's setting.
    pub quota_bytes: Option<i64>,
    /// Days after which a message's file is removed; none: never.
    pub retention_days: Option<i64>,
    /// Bytes that it keeps.
    pub bytes: i64,
    /// Files that it keeps.
    pub files: i64,
}

/// How long a tenant keeps files.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Retention {
    /// Which.
    pub tenant_id: Uuid,
    /// Days.
    pub days: i64,
}

statements! {
    GET = Sql::Both("SELECT quota_bytes, retention_days, bytes, files FROM media_accounts WHERE tenant_id = $1");
    CHARGE = Sql::Both("INSERT INTO media_accounts (tenant_id, bytes, files) VALUES ($1, $2, $3) \
        ON CONFLICT (tenant_id) DO UPDATE SET bytes = media_accounts.bytes + excluded.bytes, files = media_accounts.files + excluded.files \
        RETURNING quota_bytes, retention_days, bytes, files");
    SET_QUOTA = Sql::Both("INSERT INTO media_accounts (tenant_id, quota_bytes, bytes, files) VALUES ($1, $2, 0, 0) \
        ON CONFLICT (tenant_id) DO UPDATE SET quota_bytes = excluded.quota_bytes");
    SET_RETENTION = Sql::Both("INSERT INTO media_accounts (tenant_id, retention_days, bytes, files) VALUES ($1, $2, 0, 0) \
        ON CONFLICT (tenant_id) DO UPDATE SET retention_days = excluded.retention_days");
    USES = Sql::Both("SELECT t.id AS tenant_id, t.name, a.quota_bytes, a.retention_days, COALESCE(a.bytes, 0) AS bytes, COALESCE(a.files, 0) AS files \
        FROM tenants t LEFT JOIN media_accounts a ON a.tenant_id = t.id ORDER BY COALESCE(a.bytes, 0) DESC, t.id LIMIT $1");
    RETENTIONS = Sql::Both("SELECT tenant_id, retention_days AS days FROM media_accounts WHERE retention_days IS NOT NULL");
}

/// The tenant's account.
///
/// # Errors
/// When the database refuses.
pub async fn get(db: &Db, tenant: TenantId) -> Result<Account> {
    Ok(db.first(GET, args![tenant]).await?.unwrap_or_default())
}

/// The tenant's account, inside a transaction.
///
/// # Errors
/// When the database refuses.
pub async fn read(tx: &mut Tx, tenant: TenantId) -> Result<Account> {
    Ok(tx.first(GET, args![tenant]).await?.unwrap_or_default())
}

/// Adds to what the tenant keeps (or takes away) and gives the account afterwards.
///
/// # Errors
/// When the database refuses.
pub async fn charge(tx: &mut Tx, tenant: TenantId, bytes: i64, files: i64) -> Result<Account> {
    let row = tx.first(CHARGE, args![tenant, bytes, files]).await?;
    Ok(row.unwrap_or_default())
}

/// Sets how many bytes the tenant may keep.
///
/// # Errors
/// When the database refuses.
pub async fn set_quota(tx: &mut Tx, tenant: TenantId, bytes: Option<i64>) -> Result<()> {
    tx.run(SET_QUOTA, args![tenant, bytes]).await.map(drop)
}

/// Sets after how many days a message's file is removed.
///
/// # Errors
/// When the database refuses.
pub async fn set_retention(tx: &mut Tx, tenant: TenantId, days: Option<i64>) -> Result<()> {
    tx.run(SET_RETENTION, args![tenant, days]).await.map(drop)
}

/// What the tenants keep, the largest first.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_uses(db: &Db, limit: i64) -> Result<Vec<Use>> {
    db.all(USES, args![limit]).await
}

/// The tenants that keep files for a time only.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_retentions(db: &Db) -> Result<Vec<Retention>> {
    db.all(RETENTIONS, args![]).await
}
