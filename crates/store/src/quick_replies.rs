//! Texts that a tenant's people type often, called by a shortcut.

use domain::{QuickReplyId, TenantId, Timestamp};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, statements};

/// A quick reply's row.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct QuickReply {
    /// Its id.
    #[sqlx(try_from = "Uuid")]
    pub id: QuickReplyId,
    /// What is typed after `/`; unique in the tenant.
    pub shortcut: String,
    /// What it stands for.
    pub text: String,
    /// When it was last changed.
    #[sqlx(try_from = "i64")]
    pub updated_at: Timestamp,
}

statements! {
    LIST = Sql::Both("SELECT id, shortcut, text, updated_at FROM quick_replies WHERE tenant_id = $1 ORDER BY shortcut");
    COUNT = Sql::Both("SELECT COUNT(*) FROM quick_replies WHERE tenant_id = $1");
    LOCK = Sql::Each {
        sqlite: "SELECT id, shortcut, text, updated_at FROM quick_replies WHERE tenant_id = $1 AND id = $2",
        postgres: "SELECT id, shortcut, text, updated_at FROM quick_replies WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
    };
    INSERT = Sql::Both("INSERT INTO quick_replies (id, tenant_id, shortcut, text, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT DO NOTHING");
    UPDATE = Sql::Both("UPDATE quick_replies SET shortcut = $3, text = $4, updated_at = $5 WHERE tenant_id = $1 AND id = $2");
    DELETE = Sql::Both("DELETE FROM quick_replies WHERE tenant_id = $1 AND id = $2");
}

/// All of a tenant's, by shortcut.
///
/// # Errors
/// When the database refuses.
pub async fn list(db: &Db, tenant: TenantId) -> Result<Vec<QuickReply>> {
    db.all(LIST, args![tenant]).await
}

/// How many a tenant has.
///
/// # Errors
/// When the database refuses.
pub async fn count(tx: &mut Tx, tenant: TenantId) -> Result<i64> {
    let row: Option<(i64,)> = tx.first(COUNT, args![tenant]).await?;
    Ok(row.map_or(0, |(count,)| count))
}

/// One, locked against concurrent change until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn lock(tx: &mut Tx, tenant: TenantId, id: QuickReplyId) -> Result<Option<QuickReply>> {
    tx.first(LOCK, args![tenant, id]).await
}

/// Adds one. False when the shortcut is taken.
///
/// # Errors
/// When the database refuses.
pub async fn insert(tx: &mut Tx, tenant: TenantId, row: &QuickReply) -> Result<bool> {
    let args = args![row.id, tenant, &row.shortcut, &row.text, row.updated_at];
    Ok(tx.run(INSERT, args).await? == 1)
}

/// Writes a changed one back.
///
/// # Errors
/// A conflict when the shortcut is taken; else when the database refuses.
pub async fn update(tx: &mut Tx, tenant: TenantId, row: &QuickReply) -> Result<()> {
    let args = args![tenant, row.id, &row.shortcut, &row.text, row.updated_at];
    tx.run(UPDATE, args).await.map(drop)
}

/// Removes one. False when there is none such.
///
/// # Errors
/// When the database refuses.
pub async fn delete(tx: &mut Tx, tenant: TenantId, id: QuickReplyId) -> Result<bool> {
    Ok(tx.run(DELETE, args![tenant, id]).await? == 1)
}
