//! WABAs of tenants' own: who has one, what Meta says about it, and the token that reaches it.

use domain::connection::TokenState;
use domain::{TenantId, Timestamp};
use secrecy::SecretString;
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, statements};
use crate::seal::Sealer;
use crate::wabas::sealed;

/// What is known of a WABA and its token.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Account {
    /// Meta's id.
    pub waba_id: String,
    /// Who has it.
    pub tenant_id: Option<Uuid>,
    /// Its name.
    pub name: String,
    /// A word of [`TokenState`].
    pub token_state: Option<String>,
    /// When the token ends (µs); none: never, or not known.
    pub token_expires_at: Option<i64>,
    /// When Meta was last asked about it (µs).
    pub token_checked_at: Option<i64>,
    /// What the token may do, with spaces between.
    pub token_scopes: Option<String>,
    /// The portfolio that owns it.
    pub business_id: Option<String>,
    /// In which Meta bills it.
    pub currency: Option<String>,
}

/// What `debug_token` said.
#[derive(Debug, Clone)]
pub struct Debugged {
    /// When it ends; none: never.
    pub expires_at: Option<Timestamp>,
    /// What it may do, with spaces between.
    pub scopes: String,
}

/// What Meta says about a WABA.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Its name.
    pub name: Option<String>,
    /// The portfolio that owns it.
    pub business_id: Option<String>,
    /// In which Meta bills it.
    pub currency: Option<String>,
    /// Meta's number of its time zone.
    pub timezone_id: Option<String>,
    /// Of its templates.
    pub template_namespace: Option<String>,
    /// `PENDING`, `APPROVED`, `REJECTED`.
    pub review_status: Option<String>,
}

statements! {
    GET = Sql::Both("SELECT waba_id, tenant_id, name, token_state, token_expires_at, token_checked_at, token_scopes, business_id, currency FROM wabas WHERE waba_id = $1");
    // The caller holds the lock on the connection that is about to have it.
    CLAIM = Sql::Both("INSERT INTO wabas (waba_id, tenant_id, name, access_token, token_state, token_expires_at, token_scopes, token_checked_at, token_works_since, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8) ON CONFLICT (waba_id) DO UPDATE SET tenant_id = excluded.tenant_id, name = excluded.name, \
        access_token = excluded.access_token, token_state = excluded.token_state, token_expires_at = excluded.token_expires_at, \
        token_scopes = excluded.token_scopes, token_checked_at = excluded.token_checked_at, \
        token_works_since = excluded.token_works_since, token_warned_days = NULL");
    FACTS = Sql::Both("UPDATE wabas SET name = COALESCE($2, name), business_id = COALESCE($3, business_id), portfolio_id = COALESCE($3, portfolio_id), \
        currency = COALESCE($4, currency), timezone_id = COALESCE($5, timezone_id), template_namespace = COALESCE($6, template_namespace), \
        review_status = COALESCE($7, review_status) WHERE waba_id = $1");
    DESTROY = Sql::Both("UPDATE wabas SET access_token = NULL, token_state = 'none', token_expires_at = NULL, token_scopes = NULL, token_warned_days = NULL WHERE waba_id = $1");
}

/// What is known of a WABA.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_get(db: &Db, waba_id: &str) -> Result<Option<Account>> {
    db.first(GET, args![waba_id]).await
}

/// What is known of a WABA, inside a transaction.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_get_in(tx: &mut Tx, waba_id: &str) -> Result<Option<Account>> {
    tx.first(GET, args![waba_id]).await
}

/// Makes a WABA the tenant's, with the token that reaches it. The caller has seen that no other tenant's connection
/// has it.
///
/// # Errors
/// When the token cannot be sealed or the database refuses.
pub async fn claim(
    tx: &mut Tx,
    sealer: &Sealer,
    tenant: TenantId,
    (waba_id, name): (&str, &str),
    token: &SecretString,
    debugged: &Debugged,
    now: Timestamp,
) -> Result<()> {
    let args = args![
        waba_id,
        tenant,
        name,
        sealed(sealer, waba_id, token)?,
        TokenState::Valid.as_str(),
        debugged.expires_at,
        &debugged.scopes,
        now,
    ];
    tx.run(CLAIM, args).await.map(drop)
}

/// Writes what Meta says about a WABA; what it does not say stays.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_set_facts(tx: &mut Tx, waba_id: &str, facts: &Facts) -> Result<()> {
    let args = args![
        waba_id,
        facts.name.clone(),
        facts.business_id.clone(),
        facts.currency.clone(),
        facts.timezone_id.clone(),
        facts.template_namespace.clone(),
        facts.review_status.clone(),
    ];
    tx.run(FACTS, args).await.map(drop)
}

/// Destroys the token of a WABA.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_destroy(tx: &mut Tx, waba_id: &str) -> Result<()> {
    tx.run(DESTROY, args![waba_id]).await.map(drop)
}
