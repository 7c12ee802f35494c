//! Rules by which events become messages, as they were written.

use domain::{RuleId, TenantId, Timestamp};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};
use crate::page::Page;

/// A rule's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct RuleRow {
    /// Its id.
    #[sqlx(try_from = "Uuid")]
    pub id: RuleId,
    /// Whose it is.
    #[sqlx(try_from = "Uuid")]
    pub tenant_id: TenantId,
    /// What people call it.
    pub name: String,
    /// Which events.
    pub event_type: String,
    /// Whether it does anything.
    pub enabled: bool,
    /// `domain::notification::Rule` as JSON.
    pub body: String,
    /// When it was made.
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
    /// When it was last changed.
    #[sqlx(try_from = "i64")]
    pub updated_at: Timestamp,
}

statements! {
    INSERT = Sql::Both("INSERT INTO notification_rules (id, tenant_id, name, event_type, enabled, body, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
    GET = Sql::Both("SELECT id, tenant_id, name, event_type, enabled, body, created_at, updated_at FROM notification_rules WHERE tenant_id = $1 AND id = $2");
    LOCK = Sql::Each {
        sqlite: "SELECT id, tenant_id, name, event_type, enabled, body, created_at, updated_at FROM notification_rules WHERE tenant_id = $1 AND id = $2",
        postgres: "SELECT id, tenant_id, name, event_type, enabled, body, created_at, updated_at FROM notification_rules WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
    };
    UPDATE = Sql::Both("UPDATE notification_rules SET name = $3, event_type = $4, enabled = $5, body = $6, updated_at = $7 WHERE tenant_id = $1 AND id = $2");
    DELETE = Sql::Both("DELETE FROM notification_rules WHERE tenant_id = $1 AND id = $2");
    LIST = Sql::Both("SELECT id, tenant_id, name, event_type, enabled, body, created_at, updated_at FROM notification_rules WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    OF_TENANTS = Sql::Each {
        sqlite: "SELECT id, tenant_id, name, event_type, enabled, body, created_at, updated_at FROM notification_rules \
            WHERE tenant_id IN (SELECT unhex(value) FROM json_each($1)) ORDER BY id",
        postgres: "SELECT id, tenant_id, name, event_type, enabled, body, created_at, updated_at FROM notification_rules \
            WHERE tenant_id IN (SELECT value::uuid FROM json_array_elements_text($1::json)) ORDER BY id",
    };
    COUNT = Sql::Both("SELECT COUNT(*) AS count FROM notification_rules WHERE tenant_id = $1");
}

/// Adds a rule.
///
/// # Errors
/// When the database refuses.
pub async fn insert(tx: &mut Tx, row: &RuleRow) -> Result<()> {
    let given = args![
        row.id,
        row.tenant_id,
        &row.name,
        &row.event_type,
        row.enabled,
        &row.body,
        row.created_at,
        row.updated_at
    ];
    tx.run(INSERT, given).await.map(drop)
}

/// One of the tenant's rules.
///
/// # Errors
/// When the database refuses.
pub async fn get(db: &Db, tenant: TenantId, id: RuleId) -> Result<Option<RuleRow>> {
    db.first(GET, args![tenant, id]).await
}

/// The same, locked until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn lock(tx: &mut Tx, tenant: TenantId, id: RuleId) -> Result<Option<RuleRow>> {
    tx.first(LOCK, args![tenant, id]).await
}

/// Writes a changed rule back.
///
/// # Errors
/// When the database refuses.
pub async fn update(tx: &mut Tx, row: &RuleRow) -> Result<()> {
    let given = args![
        row.tenant_id,
        row.id,
        &row.name,
        &row.event_type,
        row.enabled,
        &row.body,
        row.updated_at
    ];
    tx.run(UPDATE, given).await.map(drop)
}

/// Removes a rule. What it has scheduled is not sent: the rule is looked for when it is due.
///
/// # Errors
/// When the database refuses.
pub async fn delete(tx: &mut Tx, tenant: TenantId, id: RuleId) -> Result<bool> {
    Ok(tx.run(DELETE, args![tenant, id]).await? == 1)
}

/// A page of the tenant's rules, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(db: &Db, tenant: TenantId, page: Page<RuleId>) -> Result<Vec<RuleRow>> {
    db.all(LIST, args![tenant, page.below(), page.limit]).await
}

/// Every rule of these tenants, the oldest first: for events that wait.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_of(db: &Db, tenants: &[TenantId]) -> Result<Vec<RuleRow>> {
    if tenants.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = tenants.iter().map(|id| id.hex()).collect();
    db.all(OF_TENANTS, vec![batch(&ids)?]).await
}

/// How many there are.
///
/// # Errors
/// When the database refuses.
pub async fn count(tx: &mut Tx, tenant: TenantId) -> Result<i64> {
    let row: Option<(i64,)> = tx.first(COUNT, args![tenant]).await?;
    Ok(row.map_or(0, |(count,)| count))
}
