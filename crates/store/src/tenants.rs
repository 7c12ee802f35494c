//! Tenants: the businesses that use the installation.

use domain::message::UncertainPolicy;
use domain::{TenantId, Timestamp};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, statements};
use crate::page::Page;

/// A tenant's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Tenant {
    /// Its id.
    #[sqlx(try_from = "Uuid")]
    pub id: TenantId,
    /// The business's name.
    pub name: String,
    /// Language of what the product writes to the tenant's people, such as `es`.
    pub language: String,
    /// `active` or `suspended`.
    pub status: String,
    /// Text sent to new contacts; none switches the welcome off.
    pub welcome_text: Option<String>,
    /// Whether it may send from the platform's fallback number while it has none of its own.
    pub fallback_allowed: bool,
    /// What to do with sends of unknown outcome.
    pub uncertain_policy: String,
    /// The tenant's own switch: off, nothing is sent; what comes in is kept all the same.
    pub whatsapp_enabled: bool,
    /// Whether agents who see their own conversations also see those that nobody has.
    pub agents_see_unassigned: bool,
    /// When its mailings rest (JSON of `domain::quiet_hours::QuietHours`).
    pub quiet_hours: Option<String>,
    /// When it was created.
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
}

impl Tenant {
    /// A new active tenant with the careful defaults.
    pub fn new(name: &str, language: &str, now: Timestamp) -> Self {
        Self {
            id: TenantId::new(now),
            name: name.to_owned(),
            language: language.to_owned(),
            status: "active".to_owned(),
            welcome_text: None,
            fallback_allowed: false,
            uncertain_policy: UncertainPolicy::Ask.as_str().to_owned(),
            whatsapp_enabled: true,
            agents_see_unassigned: true,
            quiet_hours: None,
            created_at: now,
        }
    }
}

statements! {
    INSERT = Sql::Both("INSERT INTO tenants (id, name, language, status, welcome_text, fallback_allowed, uncertain_policy, created_at, whatsapp_enabled, agents_see_unassigned, quiet_hours) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
    GET = Sql::Both("SELECT id, name, language, status, welcome_text, fallback_allowed, uncertain_policy, whatsapp_enabled, agents_see_unassigned, quiet_hours, created_at FROM tenants WHERE id = $1");
    LIST = Sql::Both("SELECT id, name, language, status, welcome_text, fallback_allowed, uncertain_policy, whatsapp_enabled, agents_see_unassigned, quiet_hours, created_at FROM tenants \
        WHERE id < $1 ORDER BY id DESC LIMIT $2");
    ALL = Sql::Both("SELECT id, name, language, status, welcome_text, fallback_allowed, uncertain_policy, whatsapp_enabled, agents_see_unassigned, quiet_hours, created_at FROM tenants");
    UPDATE = Sql::Both("UPDATE tenants SET name = $2, language = $3, status = $4, welcome_text = $5, fallback_allowed = $6, \
        uncertain_policy = $7, whatsapp_enabled = $8, agents_see_unassigned = $9, quiet_hours = $10 WHERE id = $1");
    LOCK = Sql::Each {
        sqlite: "SELECT id, name, language, status, welcome_text, fallback_allowed, uncertain_policy, whatsapp_enabled, agents_see_unassigned, quiet_hours, created_at FROM tenants WHERE id = $1",
        postgres: "SELECT id, name, language, status, welcome_text, fallback_allowed, uncertain_policy, whatsapp_enabled, agents_see_unassigned, quiet_hours, created_at FROM tenants WHERE id = $1 FOR UPDATE",
    };
}

/// Adds a tenant.
///
/// # Errors
/// When the database refuses.
pub async fn insert(tx: &mut Tx, tenant: &Tenant) -> Result<()> {
    let args = args![
        tenant.id,
        &tenant.name,
        &tenant.language,
        &tenant.status,
        tenant.welcome_text.clone(),
        tenant.fallback_allowed,
        &tenant.uncertain_policy,
        tenant.created_at,
        tenant.whatsapp_enabled,
        tenant.agents_see_unassigned,
        tenant.quiet_hours.clone(),
    ];
    tx.run(INSERT, args).await.map(drop)
}

/// One tenant.
///
/// # Errors
/// When the database refuses.
pub async fn get(db: &Db, id: TenantId) -> Result<Option<Tenant>> {
    db.first(GET, args![id]).await
}

/// One tenant, locked against concurrent change until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn lock(tx: &mut Tx, id: TenantId) -> Result<Option<Tenant>> {
    tx.first(LOCK, args![id]).await
}

/// A page of all tenants, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_list(db: &Db, page: Page<TenantId>) -> Result<Vec<Tenant>> {
    db.all(LIST, args![page.below(), page.limit]).await
}

/// Every tenant: for the projector's rules.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_all(tx: &mut Tx) -> Result<Vec<Tenant>> {
    tx.all(ALL, args![]).await
}

/// Writes a changed tenant back.
///
/// # Errors
/// When the database refuses.
pub async fn update(tx: &mut Tx, tenant: &Tenant) -> Result<bool> {
    let args = args![
        tenant.id,
        &tenant.name,
        &tenant.language,
        &tenant.status,
        tenant.welcome_text.clone(),
        tenant.fallback_allowed,
        &tenant.uncertain_policy,
        tenant.whatsapp_enabled,
        tenant.agents_see_unassigned,
        tenant.quiet_hours.clone(),
    ];
    Ok(tx.run(UPDATE, args).await? == 1)
}
