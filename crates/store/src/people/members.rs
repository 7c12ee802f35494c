//! What users are in tenants.

use domain::access::Role;
use domain::sight::{Reach, Sight};
use domain::{TenantId, Timestamp, UserId};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, statements};

/// What a member is in a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Their role.
    pub role: Role,
    /// Whose conversations they see.
    pub conversations: Reach,
}

impl From<Role> for Standing {
    fn from(role: Role) -> Self {
        Self {
            role,
            conversations: Reach::All,
        }
    }
}

/// A member of a tenant, with what colleagues read.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Member {
    /// Who.
    #[sqlx(try_from = "Uuid")]
    pub user_id: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// `owner`, `manager`, `agent`, `viewer`.
    pub role: String,
    /// `all` or `own`: whose conversations they see, as long as they are no manager.
    pub conversations: String,
    /// `active` or `disabled`: of the user.
    pub status: String,
    /// When one of their sessions was last used (µs, to the minute).
    pub last_seen_at: Option<i64>,
    /// Since when they belong here.
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
}

/// A tenant that a user belongs to.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Membership {
    /// Which.
    #[sqlx(try_from = "Uuid")]
    pub tenant_id: TenantId,
    /// Its name.
    pub tenant_name: String,
    /// `active` or `suspended`.
    pub tenant_status: String,
    /// The user's role there.
    pub role: String,
    /// `all` or `own`: whose conversations they see, as long as they are no manager.
    pub conversations: String,
    /// Whether the tenant's agents see conversations that nobody has.
    pub agents_see_unassigned: bool,
}

impl Membership {
    /// Which conversations the user sees there. Words of another version of the program show the least.
    pub fn sight(&self, user: UserId) -> Sight {
        let role = self.role.parse().unwrap_or(Role::Viewer);
        let reach = self.conversations.parse().unwrap_or(Reach::Own);
        Sight::of(role, reach, user, self.agents_see_unassigned)
    }
}

statements! {
    ADD = Sql::Both("INSERT INTO members (tenant_id, user_id, role, created_at, conversations) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING");
    LIST = Sql::Both("SELECT m.user_id, u.name, u.email, m.role, m.conversations, u.status, \
        (SELECT MAX(s.last_seen_at) FROM sessions s WHERE s.user_id = u.id) AS last_seen_at, m.created_at \
        FROM members m JOIN users u ON u.id = m.user_id WHERE m.tenant_id = $1 ORDER BY u.name, m.user_id");
    GET = Sql::Both("SELECT m.user_id, u.name, u.email, m.role, m.conversations, u.status, \
        (SELECT MAX(s.last_seen_at) FROM sessions s WHERE s.user_id = u.id) AS last_seen_at, m.created_at \
        FROM members m JOIN users u ON u.id = m.user_id WHERE m.tenant_id = $1 AND m.user_id = $2");
    // Locks all owners of the tenant in the order of their ids, so that two cannot leave at the same moment.
    OWNERS = Sql::Each {
        sqlite: "SELECT m.user_id FROM members m JOIN users u ON u.id = m.user_id WHERE m.tenant_id = $1 AND m.role = 'owner' AND u.status = 'active' ORDER BY m.user_id",
        postgres: "SELECT m.user_id FROM members m JOIN users u ON u.id = m.user_id WHERE m.tenant_id = $1 AND m.role = 'owner' AND u.status = 'active' ORDER BY m.user_id FOR UPDATE OF m",
    };
    SET_STANDING = Sql::Both("UPDATE members SET role = $3, conversations = $4 WHERE tenant_id = $1 AND user_id = $2");
    REMOVE = Sql::Both("DELETE FROM members WHERE tenant_id = $1 AND user_id = $2");
    OF_USER = Sql::Both("SELECT m.tenant_id, t.name AS tenant_name, t.status AS tenant_status, m.role, m.conversations, t.agents_see_unassigned \
        FROM members m JOIN tenants t ON t.id = m.tenant_id WHERE m.user_id = $1 ORDER BY t.name, t.id");
}

/// Adds a member. False when they are one already.
///
/// # Errors
/// When the database refuses.
pub async fn add(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    standing: Standing,
    now: Timestamp,
) -> Result<bool> {
    let args = args![
        tenant,
        user,
        standing.role.as_str(),
        now,
        standing.conversations.as_str()
    ];
    Ok(tx.run(ADD, args).await? == 1)
}

/// Everybody in a tenant, by name.
///
/// # Errors
/// When the database refuses.
pub async fn list(db: &Db, tenant: TenantId) -> Result<Vec<Member>> {
    db.all(LIST, args![tenant]).await
}

/// One member.
///
/// # Errors
/// When the database refuses.
pub async fn get(db: &Db, tenant: TenantId, user: UserId) -> Result<Option<Member>> {
    db.first(GET, args![tenant, user]).await
}

/// The tenant's active owners, locked until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn lock_owners(tx: &mut Tx, tenant: TenantId) -> Result<Vec<UserId>> {
    let rows: Vec<(Uuid,)> = tx.all(OWNERS, args![tenant]).await?;
    Ok(rows.into_iter().map(|(id,)| UserId(id)).collect())
}

/// Changes what a member is. False when there is no such member.
///
/// # Errors
/// When the database refuses.
pub async fn set_standing(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    standing: Standing,
) -> Result<bool> {
    let args = args![
        tenant,
        user,
        standing.role.as_str(),
        standing.conversations.as_str()
    ];
    Ok(tx.run(SET_STANDING, args).await? == 1)
}

/// Removes a member. False when there is none such.
///
/// # Errors
/// When the database refuses.
pub async fn remove(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<bool> {
    Ok(tx.run(REMOVE, args![tenant, user]).await? == 1)
}

/// Where a user belongs, by the tenant's name.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_of_user(db: &Db, user: UserId) -> Result<Vec<Membership>> {
    db.all(OF_USER, args![user]).await
}
