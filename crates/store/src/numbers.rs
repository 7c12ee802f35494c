//! Business phone numbers: the pool, and who has which.

use domain::{TenantId, Timestamp};
use serde::Deserialize;
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};

/// A number's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PhoneNumber {
    /// Meta's id; unique in the installation.
    pub phone_number_id: String,
    /// The WABA that it belongs to.
    pub waba_id: String,
    /// Who has it; none while it is in the pool.
    pub tenant_id: Option<Uuid>,
    /// As people read it.
    pub display_phone_number: String,
    /// The name that Meta shows.
    pub verified_name: Option<String>,
    /// `VERIFIED`, `NOT_VERIFIED`, `EXPIRED`.
    pub code_verification_status: Option<String>,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    pub quality_rating: Option<String>,
    /// Such as `TIER_2K`.
    pub messaging_limit: Option<String>,
    /// `STANDARD`, `HIGH`, `NOT_APPLICABLE`.
    pub throughput_level: Option<String>,
    /// `CONNECTED`, …
    pub status: Option<String>,
    /// Pace in messages a second.
    pub messages_per_second: i64,
    /// Whether tenants without a number may send from it, where allowed.
    pub is_fallback: bool,
    /// Since when the tenant has it (µs).
    pub assigned_at: Option<i64>,
    /// When Meta was last asked (µs).
    pub refreshed_at: Option<i64>,
}

impl PhoneNumber {
    /// Who has it.
    pub fn tenant(&self) -> Option<TenantId> {
        self.tenant_id.map(TenantId)
    }
}

/// What Meta says about a number.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// As people read it.
    pub display_phone_number: String,
    /// The name that Meta shows.
    pub verified_name: Option<String>,
    /// `VERIFIED`, …
    pub code_verification_status: Option<String>,
    /// `GREEN`, …
    pub quality_rating: Option<String>,
    /// `TIER_2K`, …
    pub messaging_limit: Option<String>,
    /// `STANDARD`, …
    pub throughput_level: Option<String>,
    /// `CONNECTED`, …
    pub status: Option<String>,
    /// Pace that follows from the throughput level, in messages a second.
    pub messages_per_second: i64,
}

/// Where what comes for a number goes.
#[derive(Debug, Clone, Deserialize)]
pub struct Route {
    /// Meta's id.
    pub phone_number_id: String,
    /// Who has it; nobody when it is in the pool.
    pub tenant_id: Option<Uuid>,
    /// The tenant's status.
    pub tenant_status: Option<String>,
    /// What the tenant greets with; none while it has WhatsApp switched off.
    pub welcome_text: Option<String>,
}

/// Who owns a WABA; shared ones have no tenant.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct WabaOwner {
    /// Meta's id.
    pub waba_id: String,
    /// Who owns it.
    pub tenant_id: Option<Uuid>,
}

statements! {
    UPSERT_FACTS = Sql::Both("INSERT INTO phone_numbers (phone_number_id, waba_id, display_phone_number, verified_name, \
        code_verification_status, quality_rating, messaging_limit, throughput_level, status, messages_per_second, is_fallback, refreshed_at, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, FALSE, $11, $11) \
        ON CONFLICT (phone_number_id) DO UPDATE SET waba_id = excluded.waba_id, display_phone_number = excluded.display_phone_number, \
        verified_name = excluded.verified_name, code_verification_status = excluded.code_verification_status, \
        quality_rating = excluded.quality_rating, messaging_limit = excluded.messaging_limit, throughput_level = excluded.throughput_level, \
        status = excluded.status, messages_per_second = excluded.messages_per_second, refreshed_at = excluded.refreshed_at");
    INSERT_BARE = Sql::Both("INSERT INTO phone_numbers (phone_number_id, waba_id, display_phone_number, messages_per_second, is_fallback, created_at) \
        VALUES ($1, $2, $3, $4, FALSE, $5) ON CONFLICT (phone_number_id) DO NOTHING");
    LIST = Sql::Both("SELECT phone_number_id, waba_id, tenant_id, display_phone_number, verified_name, code_verification_status, quality_rating, \
        messaging_limit, throughput_level, status, messages_per_second, is_fallback, assigned_at, refreshed_at FROM phone_numbers ORDER BY phone_number_id");
    GET = Sql::Both("SELECT phone_number_id, waba_id, tenant_id, display_phone_number, verified_name, code_verification_status, quality_rating, \
        messaging_limit, throughput_level, status, messages_per_second, is_fallback, assigned_at, refreshed_at FROM phone_numbers WHERE phone_number_id = $1");
    OF_TENANT = Sql::Both("SELECT phone_number_id, waba_id, tenant_id, display_phone_number, verified_name, code_verification_status, quality_rating, \
        messaging_limit, throughput_level, status, messages_per_second, is_fallback, assigned_at, refreshed_at FROM phone_numbers WHERE tenant_id = $1 \
        ORDER BY phone_number_id");
    FALLBACK = Sql::Both("SELECT phone_number_id, waba_id, tenant_id, display_phone_number, verified_name, code_verification_status, quality_rating, \
        messaging_limit, throughput_level, status, messages_per_second, is_fallback, assigned_at, refreshed_at FROM phone_numbers WHERE is_fallback \
        ORDER BY phone_number_id LIMIT 1");
    OF_WABA = Sql::Both("SELECT phone_number_id, waba_id, tenant_id, display_phone_number, verified_name, code_verification_status, quality_rating, \
        messaging_limit, throughput_level, status, messages_per_second, is_fallback, assigned_at, refreshed_at FROM phone_numbers WHERE waba_id = $1 \
        ORDER BY phone_number_id");
    PORTFOLIO = Sql::Both("SELECT coalesce(portfolio_id, waba_id) AS portfolio FROM wabas WHERE waba_id = $1");
    SET_LIMIT = Sql::Both("UPDATE phone_numbers SET messaging_limit = $2 WHERE waba_id IN (SELECT waba_id FROM wabas WHERE coalesce(portfolio_id, waba_id) = $1)");
    SET_THROUGHPUT = Sql::Both("UPDATE phone_numbers SET messages_per_second = $2, throughput_level = $3 WHERE phone_number_id = $1");
    SET_FALLBACK = Sql::Both("UPDATE phone_numbers SET is_fallback = (phone_number_id = $1) WHERE is_fallback OR phone_number_id = $1");
    ASSIGN = Sql::Both("UPDATE phone_numbers SET tenant_id = $2, assigned_at = $3 WHERE phone_number_id = $1 AND tenant_id IS NULL");
    UNASSIGN = Sql::Both("UPDATE phone_numbers SET tenant_id = NULL, assigned_at = NULL WHERE phone_number_id = $1 AND tenant_id = $2");
    ROUTES = Sql::Each {
        sqlite: "SELECT json_group_array(json_array(n.phone_number_id, nullif(hex(t.id), ''), t.status, CASE WHEN t.whatsapp_enabled THEN t.welcome_text END)) FROM jsonb_each($1) b \
            CROSS JOIN phone_numbers n ON n.phone_number_id = b.value LEFT JOIN tenants t ON t.id = n.tenant_id",
        postgres: "SELECT json_agg(json_build_array(n.phone_number_id, t.id, t.status, CASE WHEN t.whatsapp_enabled THEN t.welcome_text END))::text \
            FROM json_array_elements_text($1::json) AS b(p) JOIN phone_numbers n ON n.phone_number_id = b.p LEFT JOIN tenants t ON t.id = n.tenant_id",
    };
    WABA_OWNERS = Sql::Both("SELECT waba_id, tenant_id FROM wabas");
}

/// Writes what Meta says about a number; a new number enters the pool.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_upsert_facts(
    db: &Db,
    phone_number_id: &str,
    waba_id: &str,
    facts: &Facts,
    now: Timestamp,
) -> Result<()> {
    db.run(UPSERT_FACTS, said(phone_number_id, waba_id, facts, now))
        .await
        .map(drop)
}

/// As [`any_tenant_upsert_facts`], inside a transaction.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_upsert_facts_in(
    tx: &mut Tx,
    phone_number_id: &str,
    waba_id: &str,
    facts: &Facts,
    now: Timestamp,
) -> Result<()> {
    tx.run(UPSERT_FACTS, said(phone_number_id, waba_id, facts, now))
        .await
        .map(drop)
}

fn said(
    phone_number_id: &str,
    waba_id: &str,
    facts: &Facts,
    now: Timestamp,
) -> Vec<crate::db::Value> {
    args![
        phone_number_id,
        waba_id,
        &facts.display_phone_number,
        facts.verified_name.clone(),
        facts.code_verification_status.clone(),
        facts.quality_rating.clone(),
        facts.messaging_limit.clone(),
        facts.throughput_level.clone(),
        facts.status.clone(),
        facts.messages_per_second,
        now,
    ]
}

/// Adds a number about which nothing is known but its id and display number; one that exists stays as it is.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_insert_bare(
    tx: &mut Tx,
    phone_number_id: &str,
    waba_id: &str,
    display: &str,
    mps: i64,
    now: Timestamp,
) -> Result<()> {
    tx.run(
        INSERT_BARE,
        args![phone_number_id, waba_id, display, mps, now],
    )
    .await
    .map(drop)
}

/// Every number of the installation.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_list(db: &Db) -> Result<Vec<PhoneNumber>> {
    db.all(LIST, args![]).await
}

/// One number, whoever has it.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_get(db: &Db, phone_number_id: &str) -> Result<Option<PhoneNumber>> {
    db.first(GET, args![phone_number_id]).await
}

/// One number, whoever has it, inside a transaction.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_get_in(tx: &mut Tx, phone_number_id: &str) -> Result<Option<PhoneNumber>> {
    tx.first(GET, args![phone_number_id]).await
}

/// The tenant's numbers.
///
/// # Errors
/// When the database refuses.
pub async fn of_tenant(db: &Db, tenant: TenantId) -> Result<Vec<PhoneNumber>> {
    db.all(OF_TENANT, args![tenant]).await
}

/// The tenant's numbers, inside a transaction.
///
/// # Errors
/// When the database refuses.
pub async fn of_tenant_in(tx: &mut Tx, tenant: TenantId) -> Result<Vec<PhoneNumber>> {
    tx.all(OF_TENANT, args![tenant]).await
}

/// The platform's fallback number, if one is set.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_fallback(db: &Db) -> Result<Option<PhoneNumber>> {
    db.first(FALLBACK, args![]).await
}

/// The numbers of a WABA, inside a transaction.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_of_waba(tx: &mut Tx, waba_id: &str) -> Result<Vec<PhoneNumber>> {
    tx.all(OF_WABA, args![waba_id]).await
}

/// Writes the messaging limit of a WABA's portfolio onto all its numbers. Gives the portfolio; none when the WABA is
/// not known.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_set_limit(
    tx: &mut Tx,
    waba_id: &str,
    limit: &str,
) -> Result<Option<String>> {
    let portfolio = tx.first::<(String,)>(PORTFOLIO, args![waba_id]).await?;
    let Some((portfolio,)) = portfolio else {
        return Ok(None);
    };
    tx.run(SET_LIMIT, args![&portfolio, limit]).await?;
    Ok(Some(portfolio))
}

/// Writes a number's throughput, in messages a second, with Meta's word for it.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_set_throughput(
    tx: &mut Tx,
    phone_number_id: &str,
    per_second: i64,
    level: &str,
) -> Result<()> {
    tx.run(SET_THROUGHPUT, args![phone_number_id, per_second, level])
        .await
        .map(drop)
}

/// Makes one number the fallback, and no other.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_set_fallback(tx: &mut Tx, phone_number_id: &str) -> Result<()> {
    tx.run(SET_FALLBACK, args![phone_number_id]).await.map(drop)
}

/// Gives a number of the pool to a tenant. False when somebody has it already.
///
/// # Errors
/// When the database refuses.
pub async fn assign(
    tx: &mut Tx,
    tenant: TenantId,
    phone_number_id: &str,
    now: Timestamp,
) -> Result<bool> {
    Ok(tx.run(ASSIGN, args![phone_number_id, tenant, now]).await? == 1)
}

/// Takes a number back into the pool. False when the tenant does not have it.
///
/// # Errors
/// When the database refuses.
pub async fn unassign(tx: &mut Tx, tenant: TenantId, phone_number_id: &str) -> Result<bool> {
    Ok(tx.run(UNASSIGN, args![phone_number_id, tenant]).await? == 1)
}

/// Who has each of these numbers, read in the transaction that will act on it.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_routes(tx: &mut Tx, phone_number_ids: &[&str]) -> Result<Vec<Route>> {
    tx.gathered(ROUTES, vec![batch(phone_number_ids)?]).await
}

/// Who owns each WABA.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_waba_owners(tx: &mut Tx) -> Result<Vec<WabaOwner>> {
    tx.all(WABA_OWNERS, args![]).await
}
