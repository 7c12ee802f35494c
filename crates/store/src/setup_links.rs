//! Links by which a business sets itself up: single use, expiring, with the platform's branding. Only a hash of the
//! link's secret is kept.

use domain::{ConnectionId, SetupLinkId, TenantId, Timestamp};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, statements};
use crate::page::Page;

/// A link's row, without the secret.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct SetupLink {
    /// Its id.
    #[sqlx(try_from = "Uuid")]
    pub id: SetupLinkId,
    /// The tenant that connects with it; none while nobody made an account with it.
    pub tenant_id: Option<Uuid>,
    /// For whom it was made, for the platform's own list.
    pub for_whom: String,
    /// Language of the page.
    pub language: String,
    /// The name on the page.
    pub brand_name: Option<String>,
    /// `#rrggbb` of its buttons.
    pub brand_colour: Option<String>,
    /// The logo, a PNG of ours.
    pub logo: Option<Vec<u8>>,
    /// Where its user goes at the end.
    pub return_url: Option<String>,
    /// Who made it.
    pub created_by: String,
    /// When.
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
    /// When it ends by itself.
    #[sqlx(try_from = "i64")]
    pub expires_at: Timestamp,
    /// When an account was made with it (µs).
    pub account_at: Option<i64>,
    /// When a connection was made with it (µs).
    pub used_at: Option<i64>,
    /// Which.
    pub connection_id: Option<Uuid>,
    /// When it was taken back (µs).
    pub revoked_at: Option<i64>,
}

/// Where a link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It works.
    Open,
    /// A connection was made with it.
    Used,
    /// It was taken back.
    Revoked,
    /// Its time is over.
    Expired,
}

impl Standing {
    /// The word in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Used => "used",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }
}

impl SetupLink {
    /// Where it stands at this time.
    pub fn standing(&self, now: Timestamp) -> Standing {
        if self.revoked_at.is_some() {
            Standing::Revoked
        } else if self.used_at.is_some() {
            Standing::Used
        } else if self.expires_at <= now {
            Standing::Expired
        } else {
            Standing::Open
        }
    }
}

statements! {
    INSERT = Sql::Both("INSERT INTO setup_links (id, hash, tenant_id, for_whom, language, brand_name, brand_colour, logo, return_url, created_by, created_at, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)");
    BY_HASH = Sql::Both("SELECT id, tenant_id, for_whom, language, brand_name, brand_colour, logo, return_url, created_by, created_at, expires_at, account_at, used_at, connection_id, revoked_at \
        FROM setup_links WHERE hash = $1");
    LOCK = Sql::Each {
        sqlite: "SELECT id, tenant_id, for_whom, language, brand_name, brand_colour, logo, return_url, created_by, created_at, expires_at, account_at, used_at, connection_id, revoked_at \
            FROM setup_links WHERE id = $1",
        postgres: "SELECT id, tenant_id, for_whom, language, brand_name, brand_colour, logo, return_url, created_by, created_at, expires_at, account_at, used_at, connection_id, revoked_at \
            FROM setup_links WHERE id = $1 FOR UPDATE",
    };
    LIST = Sql::Both("SELECT id, tenant_id, for_whom, language, brand_name, brand_colour, logo, return_url, created_by, created_at, expires_at, account_at, used_at, connection_id, revoked_at \
        FROM setup_links WHERE id < $1 ORDER BY id DESC LIMIT $2");
    ACCOUNT = Sql::Both("UPDATE setup_links SET tenant_id = $2, account_at = $3 WHERE id = $1");
    REVOKE = Sql::Both("UPDATE setup_links SET revoked_at = $2 WHERE id = $1");
    USE_UP_THIS = Sql::Both("UPDATE setup_links SET used_at = $4, connection_id = $2 WHERE id = $3 AND tenant_id = $1 AND used_at IS NULL AND revoked_at IS NULL");
    // The oldest open link of the tenant is the one that led to the connection.
    USE_UP = Sql::Both("UPDATE setup_links SET used_at = $3, connection_id = $2 WHERE used_at IS NULL AND id = (SELECT l.id FROM setup_links l \
        WHERE l.tenant_id = $1 AND l.used_at IS NULL AND l.revoked_at IS NULL AND l.expires_at > $3 ORDER BY l.id LIMIT 1) \
        AND NOT EXISTS (SELECT 1 FROM setup_links u WHERE u.connection_id = $2)");
}

/// Adds a link.
///
/// # Errors
/// When the database refuses.
pub async fn insert(tx: &mut Tx, link: &SetupLink, hash: Vec<u8>) -> Result<()> {
    let args = args![
        link.id,
        hash,
        link.tenant_id,
        &link.for_whom,
        &link.language,
        link.brand_name.clone(),
        link.brand_colour.clone(),
        link.logo.clone(),
        link.return_url.clone(),
        &link.created_by,
        link.created_at,
        link.expires_at,
    ];
    tx.run(INSERT, args).await.map(drop)
}

/// The link of a secret, wherever it stands.
///
/// # Errors
/// When the database refuses.
pub async fn by_hash(db: &Db, hash: Vec<u8>) -> Result<Option<SetupLink>> {
    db.first(BY_HASH, args![hash]).await
}

/// A link, locked against concurrent change until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_lock(tx: &mut Tx, id: SetupLinkId) -> Result<Option<SetupLink>> {
    tx.first(LOCK, args![id]).await
}

/// A page of all links, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_list(db: &Db, page: Page<SetupLinkId>) -> Result<Vec<SetupLink>> {
    db.all(LIST, args![page.below(), page.limit]).await
}

/// Notes the account that was made with a link.
///
/// # Errors
/// When the database refuses.
pub async fn account(tx: &mut Tx, tenant: TenantId, id: SetupLinkId, now: Timestamp) -> Result<()> {
    tx.run(ACCOUNT, args![id, tenant, now]).await.map(drop)
}

/// Takes a link back.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_revoke(tx: &mut Tx, id: SetupLinkId, now: Timestamp) -> Result<()> {
    tx.run(REVOKE, args![id, now]).await.map(drop)
}

/// A connection was made: the link whose page led to it is used up. Where no page said which, it is the tenant's oldest
/// open one, and a connection uses up one in this way, however often it is made again.
///
/// # Errors
/// When the database refuses.
pub async fn use_up(
    tx: &mut Tx,
    tenant: TenantId,
    connection: ConnectionId,
    link: Option<SetupLinkId>,
    now: Timestamp,
) -> Result<bool> {
    let used = match link {
        Some(link) => {
            tx.run(USE_UP_THIS, args![tenant, connection, link, now])
                .await?
        }
        None => tx.run(USE_UP, args![tenant, connection, now]).await?,
    };
    Ok(used == 1)
}
