//! API keys. The secret is shown once; what is kept is a SHA-256 of it. (A plain hash is right here:
//! the secret has 256 random bits, so there is nothing to guess.)

use domain::{ApiKeyId, TenantId, Timestamp};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, statements};

/// A key's row, without its hash.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ApiKey {
    /// Its id.
    #[sqlx(try_from = "Uuid")]
    pub id: ApiKeyId,
    /// The tenant it speaks for; none for the platform's keys.
    pub tenant_id: Option<Uuid>,
    /// What its maker called it.
    pub name: String,
    /// The shown beginning.
    pub prefix: String,
    /// SHA-256 of the whole key.
    pub hash: Vec<u8>,
    /// When it was made (µs).
    pub created_at: i64,
    /// When it was last used (µs), to the minute.
    pub last_used_at: Option<i64>,
    /// What it may do: words with spaces between.
    pub scopes: String,
    /// When it ends by itself (µs).
    pub expires_at: Option<i64>,
    /// The user who made it.
    pub created_by: Option<Uuid>,
}

statements! {
    INSERT = Sql::Both("INSERT INTO api_keys (id, tenant_id, name, prefix, hash, created_at, scopes, expires_at, created_by) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
    BY_PREFIX = Sql::Both("SELECT id, tenant_id, name, prefix, hash, created_at, last_used_at, scopes, expires_at, created_by FROM api_keys WHERE prefix = $1 AND revoked_at IS NULL");
    LIST = Sql::Both("SELECT id, tenant_id, name, prefix, hash, created_at, last_used_at, scopes, expires_at, created_by FROM api_keys \
        WHERE tenant_id IS NOT DISTINCT FROM $1 AND revoked_at IS NULL ORDER BY id DESC");
    REVOKE = Sql::Both("UPDATE api_keys SET revoked_at = $3 WHERE id = $2 AND tenant_id IS NOT DISTINCT FROM $1 AND revoked_at IS NULL");
    STANDS = Sql::Both("SELECT created_at FROM api_keys WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)");
    TOUCH = Sql::Both("UPDATE api_keys SET last_used_at = $2 WHERE id = $1");
}

/// Adds a key.
///
/// # Errors
/// When the database refuses.
pub async fn insert(tx: &mut Tx, key: &ApiKey) -> Result<()> {
    let args = args![
        key.id,
        key.tenant_id,
        &key.name,
        &key.prefix,
        key.hash.clone(),
        key.created_at,
        &key.scopes,
        key.expires_at,
        key.created_by,
    ];
    tx.run(INSERT, args).await.map(drop)
}

/// The key that begins so, if it was not revoked.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_by_prefix(db: &Db, prefix: &str) -> Result<Option<ApiKey>> {
    db.first(BY_PREFIX, args![prefix]).await
}

/// The keys of a tenant, or of the platform.
///
/// # Errors
/// When the database refuses.
pub async fn list(db: &Db, tenant: Option<TenantId>) -> Result<Vec<ApiKey>> {
    db.all(LIST, args![tenant]).await
}

/// Revokes a key of a tenant, or of the platform. False when there is none such.
///
/// # Errors
/// When the database refuses.
pub async fn revoke(
    tx: &mut Tx,
    tenant: Option<TenantId>,
    id: ApiKeyId,
    now: Timestamp,
) -> Result<bool> {
    Ok(tx.run(REVOKE, args![tenant, id, now]).await? == 1)
}

/// Whether a key was not revoked and has not ended.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_stands(db: &Db, id: ApiKeyId, now: Timestamp) -> Result<bool> {
    let row: Option<(i64,)> = db.first(STANDS, args![id, now]).await?;
    Ok(row.is_some())
}

/// Notes that a key was used.
///
/// # Errors
/// When the database refuses.
pub async fn touch(db: &Db, id: ApiKeyId, now: Timestamp) -> Result<()> {
    db.run(TOUCH, args![id, now]).await.map(drop)
}
