//! What somebody has paused: all of a tenant, one of its numbers, a label; or, by the platform, a tenant or a number.

use domain::{TenantId, Timestamp};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, statements};

/// What is paused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Everything of a tenant.
    Tenant(TenantId),
    /// What a tenant sends from a number.
    Number(TenantId, String),
    /// A tenant's label.
    Batch(TenantId, String),
    /// Everything of a tenant, by the platform.
    PlatformTenant(TenantId),
    /// A number, by the platform.
    PlatformNumber(String),
}

impl Scope {
    /// The word that stands in the database.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Tenant(_) => "tenant",
            Self::Number(..) => "number",
            Self::Batch(..) => "batch",
            Self::PlatformTenant(_) => "platform_tenant",
            Self::PlatformNumber(_) => "platform_number",
        }
    }

    /// Whose sends; none for all.
    pub const fn tenant(&self) -> Option<TenantId> {
        match self {
            Self::Tenant(tenant)
            | Self::Number(tenant, _)
            | Self::Batch(tenant, _)
            | Self::PlatformTenant(tenant) => Some(*tenant),
            Self::PlatformNumber(_) => None,
        }
    }

    /// The number or label.
    pub fn value(&self) -> Option<&str> {
        match self {
            Self::Number(_, value) | Self::Batch(_, value) | Self::PlatformNumber(value) => {
                Some(value)
            }
            Self::Tenant(_) | Self::PlatformTenant(_) => None,
        }
    }

    fn key(&self) -> String {
        let tenant = self.tenant().map(TenantId::hex).unwrap_or_default();
        let value = self.value().unwrap_or_default();
        format!("{}:{tenant}:{value}", self.as_str())
    }
}

/// A pause.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Pause {
    /// [`Scope::as_str`].
    pub scope: String,
    /// Whose sends; none for all.
    pub tenant_id: Option<Uuid>,
    /// The number or label.
    pub value: Option<String>,
    /// Since when.
    #[sqlx(try_from = "i64")]
    pub at: Timestamp,
    /// Who, by name.
    pub paused_by: String,
    /// Why, in their words.
    pub reason: Option<String>,
}

statements! {
    SET = Sql::Both("INSERT INTO pauses (key, scope, tenant_id, value, at, paused_by, reason) VALUES ($1, $2, $3, $4, $5, $6, $7) \
        ON CONFLICT (key) DO NOTHING");
    LIFT = Sql::Both("DELETE FROM pauses WHERE key = $1");
    ALL = Sql::Both("SELECT scope, tenant_id, value, at, paused_by, reason FROM pauses ORDER BY at");
    // With a hold on each: who lifts one waits for what is being held because of it, and lets that go as well.
    STANDING = Sql::Each {
        sqlite: "SELECT scope, tenant_id, value, at, paused_by, reason FROM pauses ORDER BY at",
        postgres: "SELECT scope, tenant_id, value, at, paused_by, reason FROM pauses ORDER BY at FOR SHARE",
    };
    OF_TENANT = Sql::Both("SELECT scope, tenant_id, value, at, paused_by, reason FROM pauses WHERE tenant_id = $1 OR scope = 'platform_number' ORDER BY at");
}

/// Pauses. False when that is paused already.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_set(
    tx: &mut Tx,
    scope: &Scope,
    by: &str,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<bool> {
    let args = args![
        scope.key(),
        scope.as_str(),
        scope.tenant(),
        scope.value(),
        now,
        by,
        reason,
    ];
    Ok(tx.run(SET, args).await? == 1)
}

/// Lifts a pause. False when there was none.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_lift(tx: &mut Tx, scope: &Scope) -> Result<bool> {
    Ok(tx.run(LIFT, args![scope.key()]).await? == 1)
}

/// Every pause.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_all(db: &Db) -> Result<Vec<Pause>> {
    db.all(ALL, args![]).await
}

/// Every pause, inside a transaction: none of them is lifted before that has ended.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_all_in(tx: &mut Tx) -> Result<Vec<Pause>> {
    tx.all(STANDING, args![]).await
}

/// What concerns a tenant: its own pauses, and the platform's.
///
/// # Errors
/// When the database refuses.
pub async fn of_tenant(db: &Db, tenant: TenantId) -> Result<Vec<Pause>> {
    db.all(OF_TENANT, args![tenant]).await
}
