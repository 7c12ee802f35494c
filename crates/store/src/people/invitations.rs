//! Invitations: into a tenant with a role, or into the platform's administration.

use domain::{InvitationId, TenantId, Timestamp, UserId};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, statements};

/// An invitation's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Invitation {
    /// Its id.
    #[sqlx(try_from = "Uuid")]
    pub id: InvitationId,
    /// Into which tenant; none for the platform's administration.
    pub tenant_id: Option<Uuid>,
    /// For whom; none where whoever has the link may type their address (the first administrator).
    pub email: Option<String>,
    /// As what, in a tenant.
    pub role: Option<String>,
    /// `all` or `own`: whose conversations they will see there.
    pub conversations: String,
    /// When it ends by itself.
    #[sqlx(try_from = "i64")]
    pub expires_at: Timestamp,
    /// When it was used (µs).
    pub accepted_at: Option<i64>,
    /// When it was made.
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
}

statements! {
    INSERT = Sql::Both("INSERT INTO invitations (id, tenant_id, email, role, hash, created_by, expires_at, created_at, conversations) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
    BY_HASH = Sql::Both("SELECT id, tenant_id, email, role, conversations, expires_at, accepted_at, created_at FROM invitations \
        WHERE hash = $1 AND expires_at > $2 AND accepted_at IS NULL");
    OPEN = Sql::Both("SELECT id, tenant_id, email, role, conversations, expires_at, accepted_at, created_at FROM invitations \
        WHERE tenant_id IS NOT DISTINCT FROM $1 AND expires_at > $2 AND accepted_at IS NULL ORDER BY id DESC");
    ALL_OPEN = Sql::Both("SELECT id, tenant_id, email, role, conversations, expires_at, accepted_at, created_at FROM invitations \
        WHERE expires_at > $1 AND accepted_at IS NULL ORDER BY id DESC LIMIT 200");
    ACCEPT = Sql::Both("UPDATE invitations SET accepted_at = $2 WHERE id = $1 AND accepted_at IS NULL");
    REVOKE = Sql::Both("DELETE FROM invitations WHERE id = $2 AND tenant_id IS NOT DISTINCT FROM $1 AND accepted_at IS NULL \
        RETURNING id, tenant_id, email, role, conversations, expires_at, accepted_at, created_at");
    REVOKE_ANY = Sql::Both("DELETE FROM invitations WHERE id = $1 AND accepted_at IS NULL \
        RETURNING id, tenant_id, email, role, conversations, expires_at, accepted_at, created_at");
    REPLACE = Sql::Both("DELETE FROM invitations WHERE tenant_id IS NOT DISTINCT FROM $1 AND email IS NOT DISTINCT FROM $2 AND accepted_at IS NULL");
    REVOKE_BY = Sql::Both("DELETE FROM invitations WHERE created_by = $2 AND tenant_id IS NOT DISTINCT FROM $1 AND accepted_at IS NULL");
    REVOKE_ALL_BY = Sql::Both("DELETE FROM invitations WHERE created_by = $1 AND accepted_at IS NULL");
    TRIM = Sql::Both("DELETE FROM invitations WHERE expires_at <= $1");
}

/// Adds an invitation; an open one for the same address and place gives way to it.
///
/// # Errors
/// When the database refuses.
pub async fn insert(
    tx: &mut Tx,
    invitation: &Invitation,
    hash: Vec<u8>,
    created_by: Option<Uuid>,
) -> Result<()> {
    let (tenant, email) = (invitation.tenant_id, invitation.email.clone());
    tx.run(REPLACE, args![tenant, email.clone()]).await?;
    let args = args![
        invitation.id,
        tenant,
        email,
        invitation.role.clone(),
        hash,
        created_by,
        invitation.expires_at,
        invitation.created_at,
        &invitation.conversations,
    ];
    tx.run(INSERT, args).await.map(drop)
}

/// The open invitation of a link.
///
/// # Errors
/// When the database refuses.
pub async fn by_hash(db: &Db, hash: Vec<u8>, now: Timestamp) -> Result<Option<Invitation>> {
    db.first(BY_HASH, args![hash, now]).await
}

/// Open invitations into a tenant, or into the platform's administration; newest first.
///
/// # Errors
/// When the database refuses.
pub async fn open(db: &Db, tenant: Option<TenantId>, now: Timestamp) -> Result<Vec<Invitation>> {
    db.all(OPEN, args![tenant, now]).await
}

/// The newest open invitations of the whole installation, 200 at the most.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_open(db: &Db, now: Timestamp) -> Result<Vec<Invitation>> {
    db.all(ALL_OPEN, args![now]).await
}

/// Uses an invitation up. False when somebody was quicker.
///
/// # Errors
/// When the database refuses.
pub async fn accept(tx: &mut Tx, id: InvitationId, now: Timestamp) -> Result<bool> {
    Ok(tx.run(ACCEPT, args![id, now]).await? == 1)
}

/// Takes back an open invitation, and gives it as it was.
///
/// # Errors
/// When the database refuses.
pub async fn revoke(
    tx: &mut Tx,
    tenant: Option<TenantId>,
    id: InvitationId,
) -> Result<Option<Invitation>> {
    tx.first(REVOKE, args![tenant, id]).await
}

/// Takes back what somebody invited into a tenant who may not invite there any more.
///
/// # Errors
/// When the database refuses.
pub async fn revoke_by(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<()> {
    tx.run(REVOKE_BY, args![tenant, user]).await.map(drop)
}

/// Takes back everything that somebody invited.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_revoke_by(tx: &mut Tx, user: UserId) -> Result<()> {
    tx.run(REVOKE_ALL_BY, args![user]).await.map(drop)
}

/// Takes back an open invitation of anybody, and gives it as it was.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_revoke(tx: &mut Tx, id: InvitationId) -> Result<Option<Invitation>> {
    tx.first(REVOKE_ANY, args![id]).await
}

/// Removes what has ended by itself.
///
/// # Errors
/// When the database refuses.
pub async fn trim(db: &Db, now: Timestamp) -> Result<u64> {
    db.run(TRIM, args![now]).await
}
