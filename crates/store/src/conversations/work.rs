//! Who has a conversation and whether it is done: the steps of the transactions in `engine::inbox`.

use domain::{ContactId, ConversationId, Sight, TenantId, Timestamp, UserId};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, statements};

/// What the work is about, locked until the transaction ends.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Held {
    /// Which conversation.
    #[sqlx(try_from = "Uuid")]
    pub id: ConversationId,
    /// Whose.
    #[sqlx(try_from = "Uuid")]
    pub tenant_id: TenantId,
    /// With whom.
    #[sqlx(try_from = "Uuid")]
    pub contact_id: ContactId,
    /// The tenant's number.
    pub phone_number_id: String,
    /// `open`, `closed`, `snoozed`.
    pub status: String,
    /// When a snoozed one comes back (µs).
    pub snoozed_until: Option<i64>,
    /// The colleague who has it.
    pub assigned_to: Option<Uuid>,
    /// Since when (µs).
    pub assigned_at: Option<i64>,
}

/// Somebody to whom a conversation could be given.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Colleague {
    /// Their name.
    pub name: String,
    /// `active` or `disabled`: of the user.
    pub status: String,
    /// Their role in the tenant.
    pub role: String,
}

statements! {
    LOCK = Sql::Each {
        sqlite: "SELECT id, tenant_id, contact_id, phone_number_id, status, snoozed_until, assigned_to, assigned_at FROM conversations WHERE tenant_id = $1 AND id = $2",
        postgres: "SELECT id, tenant_id, contact_id, phone_number_id, status, snoozed_until, assigned_to, assigned_at FROM conversations WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
    };
    // The locks keep somebody who is being removed or disabled from getting one more.
    COLLEAGUE = Sql::Each {
        sqlite: "SELECT u.name, u.status, m.role FROM members m JOIN users u ON u.id = m.user_id WHERE m.tenant_id = $1 AND m.user_id = $2",
        postgres: "SELECT u.name, u.status, m.role FROM members m JOIN users u ON u.id = m.user_id WHERE m.tenant_id = $1 AND m.user_id = $2 FOR SHARE OF m, u",
    };
    WRITE = Sql::Both("UPDATE conversations SET status = $3, snoozed_until = $4, assigned_to = $5, assigned_at = $6 \
        WHERE tenant_id = $1 AND id = $2");
    // Rows are locked in the order of their ids, as whoever locks several of them does.
    HELD_BY = Sql::Each {
        sqlite: "SELECT id, tenant_id, contact_id, phone_number_id, status, snoozed_until, assigned_to, assigned_at FROM conversations \
            WHERE tenant_id = $1 AND assigned_to = $2 ORDER BY id",
        postgres: "SELECT id, tenant_id, contact_id, phone_number_id, status, snoozed_until, assigned_to, assigned_at FROM conversations \
            WHERE tenant_id = $1 AND assigned_to = $2 ORDER BY id FOR UPDATE",
    };
    UNASSIGN_ALL = Sql::Both("UPDATE conversations SET assigned_to = NULL, assigned_at = NULL WHERE tenant_id = $1 AND assigned_to = $2");
    DUE = Sql::Both("SELECT id FROM conversations WHERE snoozed_until IS NOT NULL AND snoozed_until <= $1 LIMIT 1");
    WAKE = Sql::Each {
        sqlite: "UPDATE conversations SET status = 'open', snoozed_until = NULL \
            WHERE id IN (SELECT id FROM conversations WHERE snoozed_until IS NOT NULL AND snoozed_until <= $1 ORDER BY snoozed_until LIMIT $2) \
            RETURNING id, tenant_id, contact_id, phone_number_id, status, snoozed_until, assigned_to, assigned_at",
        postgres: "UPDATE conversations SET status = 'open', snoozed_until = NULL \
            WHERE id IN (SELECT id FROM conversations WHERE snoozed_until IS NOT NULL AND snoozed_until <= $1 ORDER BY snoozed_until LIMIT $2 \
            FOR UPDATE SKIP LOCKED) \
            RETURNING id, tenant_id, contact_id, phone_number_id, status, snoozed_until, assigned_to, assigned_at",
    };
}

/// One conversation, where it is seen, locked against concurrent change until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn lock(
    tx: &mut Tx,
    tenant: TenantId,
    sight: Sight,
    id: ConversationId,
) -> Result<Option<Held>> {
    let held: Option<Held> = tx.first(LOCK, args![tenant, id]).await?;
    Ok(held.filter(|held| sight.sees(held.assigned_to.map(UserId))))
}

/// A member of the tenant, who stays one until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn colleague(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<Option<Colleague>> {
    tx.first(COLLEAGUE, args![tenant, user]).await
}

/// Writes a changed conversation back.
///
/// # Errors
/// When the database refuses.
pub async fn write(tx: &mut Tx, tenant: TenantId, held: &Held) -> Result<()> {
    let args = args![
        tenant,
        held.id,
        &held.status,
        held.snoozed_until,
        held.assigned_to,
        held.assigned_at
    ];
    tx.run(WRITE, args).await.map(drop)
}

/// Takes every conversation from a colleague who cannot answer any more, and gives them as they were.
///
/// # Errors
/// When the database refuses.
pub async fn unassign_all(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<Vec<Held>> {
    let held: Vec<Held> = tx.all(HELD_BY, args![tenant, user]).await?;
    if !held.is_empty() {
        tx.run(UNASSIGN_ALL, args![tenant, user]).await?;
    }
    Ok(held)
}

/// Whether a snoozed conversation of any tenant should come back: asked often, so it only reads.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_due(db: &Db, now: Timestamp) -> Result<bool> {
    let due: Option<(Uuid,)> = db.first(DUE, args![now]).await?;
    Ok(due.is_some())
}

/// Opens snoozed conversations of all tenants whose time has come, at most `limit`.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_wake(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<Held>> {
    tx.all(WAKE, args![now, limit]).await
}
