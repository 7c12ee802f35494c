//! WhatsApp Business Accounts and the sealed tokens that reach them.

use domain::{TenantId, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use crate::db::{Db, DbError, Result, Sql, Tx, args, statements};
use crate::seal::{Place, Sealer};

/// A WABA's row. The token stays sealed.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Waba {
    /// Meta's id.
    pub waba_id: String,
    /// The tenant that owns it; none for the platform's shared ones.
    pub tenant_id: Option<Uuid>,
    /// Its name.
    pub name: String,
    /// How many numbers it may have, as Meta last told.
    pub numbers_limit: Option<i64>,
    /// How many numbers its whole portfolio may have, as Meta last told.
    pub portfolio_numbers_limit: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Sealed {
    access_token: Option<Vec<u8>>,
}

statements! {
    UPSERT = Sql::Both("INSERT INTO wabas (waba_id, tenant_id, name, access_token, created_at) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (waba_id) DO UPDATE SET name = excluded.name, access_token = COALESCE(excluded.access_token, wabas.access_token)");
    PORTFOLIO = Sql::Both("SELECT coalesce(portfolio_id, waba_id) AS portfolio FROM wabas WHERE waba_id = $1");
    OWNER = Sql::Both("SELECT tenant_id FROM wabas WHERE waba_id = $1");
    LIST = Sql::Both("SELECT waba_id, tenant_id, name, numbers_limit, portfolio_numbers_limit FROM wabas ORDER BY waba_id");
    // What Meta told later stands, in whatever order the webhooks come.
    LIMIT = Sql::Both("UPDATE wabas SET numbers_limit = $2, portfolio_numbers_limit = $3 WHERE waba_id = $1 \
        AND NOT EXISTS (SELECT 1 FROM account_events e WHERE e.waba_id = $1 AND e.field = 'business_capability_update' AND e.occurred_at > $4)");
    DESTROY_PLATFORMS = Sql::Both("UPDATE wabas SET access_token = NULL, token_state = 'none', token_expires_at = NULL, token_scopes = NULL, \
        token_warned_days = NULL WHERE tenant_id IS NULL AND access_token IS NOT NULL");
    TOKEN = Sql::Both("SELECT access_token FROM wabas WHERE waba_id = $1");
}

/// Adds a WABA, or changes its name and (where one is given) its token.
///
/// # Errors
/// When the token cannot be sealed or the database refuses.
pub async fn upsert(
    db: &Db,
    sealer: &Sealer,
    waba_id: &str,
    owner: Option<TenantId>,
    name: &str,
    token: Option<&SecretString>,
    now: Timestamp,
) -> Result<()> {
    let sealed = token
        .map(|token| sealed(sealer, waba_id, token))
        .transpose()?;
    db.run(UPSERT, args![waba_id, owner, name, sealed, now])
        .await
        .map(drop)
}

/// Whose messaging limit counts for a WABA: its portfolio's, or its own while no portfolio is known.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_portfolio(db: &Db, waba_id: &str) -> Result<Option<String>> {
    Ok(db
        .first::<(String,)>(PORTFOLIO, args![waba_id])
        .await?
        .map(|(portfolio,)| portfolio))
}

/// Notes how many numbers Meta allows, in the WABA and in its portfolio, as it told at that time; the change is in
/// the history already.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_limit(
    tx: &mut Tx,
    waba_id: &str,
    in_waba: Option<i64>,
    in_portfolio: Option<i64>,
    told_at: Timestamp,
) -> Result<()> {
    tx.run(LIMIT, args![waba_id, in_waba, in_portfolio, told_at])
        .await
        .map(drop)
}

/// The tenant that owns a WABA; none for a shared one, and for one that is not known.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_owner(db: &Db, waba_id: &str) -> Result<Option<TenantId>> {
    let row: Option<(Option<Uuid>,)> = db.first(OWNER, args![waba_id]).await?;
    Ok(row.and_then(|(owner,)| owner).map(TenantId))
}

/// Every WABA.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_list(db: &Db) -> Result<Vec<Waba>> {
    db.all(LIST, args![]).await
}

/// The token that reaches a WABA, opened.
///
/// # Errors
/// When it does not open or the database refuses.
pub async fn any_tenant_token(
    db: &Db,
    sealer: &Sealer,
    waba_id: &str,
) -> Result<Option<SecretString>> {
    let row: Option<Sealed> = db.first(TOKEN, args![waba_id]).await?;
    row.and_then(|row| row.access_token)
        .map(|sealed| {
            sealer
                .open(place(waba_id), &sealed)
                .map_err(|error| DbError::Corrupt(error.to_string()))
        })
        .transpose()
}

/// Destroys the tokens of the platform's own WABAs.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_destroy_platforms(tx: &mut Tx) -> Result<()> {
    tx.run(DESTROY_PLATFORMS, args![]).await.map(drop)
}

/// A token as it is kept.
pub(crate) fn sealed(sealer: &Sealer, waba_id: &str, token: &SecretString) -> Result<Vec<u8>> {
    sealer
        .seal(place(waba_id), token.expose_secret())
        .map_err(|error| DbError::Corrupt(error.to_string()))
}

/// A token belongs to the WABA, whoever is assigned its numbers.
fn place(waba_id: &str) -> Place<'_> {
    Place {
        owner: "platform",
        table: "wabas",
        column: "access_token",
        row: waba_id,
    }
}
