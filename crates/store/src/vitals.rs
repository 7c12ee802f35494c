//! What is looked at to know whether all is well: accounts, numbers, tokens, queues.

use domain::Timestamp;
use secrecy::SecretString;
use uuid::Uuid;

use crate::db::{Db, DbError, Result, Sql, Tx, args, statements};
use crate::seal::{Place, Sealer};

/// An account and its token.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Account {
    /// Meta's id.
    pub waba_id: String,
    /// Its name.
    pub name: String,
    /// Whose it is; none for the platform's.
    pub tenant_id: Option<Uuid>,
    /// How it stands.
    pub standing: Option<String>,
    /// Why (JSON).
    pub standing_detail: Option<String>,
    /// `valid`, `expiring`, `invalid`, `none`.
    pub token_state: Option<String>,
    /// When the token ends (µs).
    pub token_expires_at: Option<i64>,
    /// When it was last looked at (µs).
    pub token_checked_at: Option<i64>,
    /// When it was last renewed, or tried to be (µs).
    pub token_renewed_at: Option<i64>,
    /// Whether there is one.
    pub has_token: bool,
}

/// A number of an account.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Number {
    /// Meta's id.
    pub phone_number_id: String,
    /// Its account.
    pub waba_id: String,
    /// Who has it.
    pub tenant_id: Option<Uuid>,
    /// As people read it.
    pub display_phone_number: String,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    pub quality_rating: Option<String>,
    /// How it stands.
    pub standing: Option<String>,
    /// Why (JSON).
    pub standing_detail: Option<String>,
    /// What its messages wait for.
    pub hold: Option<String>,
    /// When Meta last took a message of it, to the minute (µs).
    pub sent_at: Option<i64>,
}

/// How many messages of a tenant died lately and nobody has dealt with.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Dead {
    /// Whose.
    pub tenant_id: Uuid,
    /// How many.
    pub count: i64,
}

/// What a look at a token brought.
#[derive(Debug, Clone)]
pub struct Looked {
    /// `valid`, `expiring`, `invalid`.
    pub state: &'static str,
    /// When it ends; none: never, or not known.
    pub expires_at: Option<Timestamp>,
    /// What it may do, with spaces between; none leaves what is on file.
    pub scopes: Option<String>,
    /// It did not work before, and does now.
    pub mended: bool,
}

/// An address that is not the platform's.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Callback {
    /// The account.
    pub waba_id: String,
    /// The number; none where all of the account's are meant.
    pub phone_number_id: Option<String>,
    /// The address.
    pub url: String,
}

statements! {
    CALLBACKS = Sql::Both("SELECT waba_id, NULL AS phone_number_id, override_callback AS url FROM wabas WHERE override_callback IS NOT NULL \
        UNION ALL SELECT waba_id, phone_number_id, override_callback AS url FROM phone_numbers WHERE override_callback IS NOT NULL");
    WABA_CALLBACK = Sql::Both("SELECT override_callback FROM wabas WHERE waba_id = $1");
    NUMBER_CALLBACK = Sql::Both("SELECT override_callback FROM phone_numbers WHERE phone_number_id = $1");
    SET_WABA_CALLBACK = Sql::Both("UPDATE wabas SET override_callback = $2 WHERE waba_id = $1");
    SET_NUMBER_CALLBACK = Sql::Both("UPDATE phone_numbers SET override_callback = $2 WHERE phone_number_id = $1");
    ACCOUNTS = Sql::Both("SELECT waba_id, name, tenant_id, standing, standing_detail, token_state, token_expires_at, token_checked_at, token_renewed_at, \
        access_token IS NOT NULL AS has_token FROM wabas ORDER BY waba_id");
    NUMBERS = Sql::Both("SELECT n.phone_number_id, n.waba_id, n.tenant_id, n.display_phone_number, n.quality_rating, n.standing, n.standing_detail, p.hold, \
        CASE WHEN p.sent_last_minute > 0 THEN p.counted_at END AS sent_at FROM phone_numbers n LEFT JOIN number_pace p ON p.phone_number_id = n.phone_number_id \
        ORDER BY n.phone_number_id");
    DEAD = Sql::Both("SELECT tenant_id, COUNT(*) AS count FROM dead_letters WHERE state = 'open' AND died_at >= $1 GROUP BY tenant_id HAVING COUNT(*) >= $2 \
        ORDER BY tenant_id");
    // Mailings take their time; what its number waits for is told as such.
    OLDEST = Sql::Both("SELECT MIN(CASE WHEN o.next_at > o.created_at THEN o.next_at ELSE o.created_at END) AS oldest FROM outbox o \
        LEFT JOIN number_pace p ON p.phone_number_id = o.phone_number_id WHERE o.state = 'queued' AND o.lane < 2 AND p.hold IS NULL");
    LOOKED = Sql::Both("UPDATE wabas SET token_state = $2, token_expires_at = $3, token_scopes = coalesce($4, token_scopes), token_checked_at = $5, \
        token_works_since = CASE WHEN $6 THEN $5 ELSE token_works_since END WHERE waba_id = $1 AND access_token IS NOT NULL");
    RENEWING = Sql::Both("UPDATE wabas SET token_renewed_at = $2 WHERE waba_id = $1");
    RENEWED = Sql::Both("UPDATE wabas SET access_token = $2, token_state = 'valid', token_expires_at = $3, token_checked_at = $4, token_works_since = $4 \
        WHERE waba_id = $1 AND access_token IS NOT NULL");
}

/// Every account.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_accounts(db: &Db) -> Result<Vec<Account>> {
    db.all(ACCOUNTS, args![]).await
}

/// Every number.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_numbers(db: &Db) -> Result<Vec<Number>> {
    db.all(NUMBERS, args![]).await
}

/// The tenants of which so many messages died since then.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_dead(db: &Db, since: Timestamp, least: i64) -> Result<Vec<Dead>> {
    db.all(DEAD, args![since, least]).await
}

/// Since when the oldest message waits that nothing holds (µs).
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_oldest(db: &Db) -> Result<Option<i64>> {
    let row: Option<(Option<i64>,)> = db.first(OLDEST, args![]).await?;
    Ok(row.and_then(|(oldest,)| oldest))
}

/// Where messages are posted that do not come to the platform's address.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_callbacks(db: &Db) -> Result<Vec<Callback>> {
    db.all(CALLBACKS, args![]).await
}

/// Writes an account's address; gives the one before.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_set_waba_callback(
    tx: &mut Tx,
    waba_id: &str,
    url: Option<&str>,
) -> Result<Option<String>> {
    let before: Option<(Option<String>,)> = tx.first(WABA_CALLBACK, args![waba_id]).await?;
    tx.run(SET_WABA_CALLBACK, args![waba_id, url]).await?;
    Ok(before.and_then(|(url,)| url))
}

/// Writes a number's address; gives the one before.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_set_number_callback(
    tx: &mut Tx,
    number: &str,
    url: Option<&str>,
) -> Result<Option<String>> {
    let before: Option<(Option<String>,)> = tx.first(NUMBER_CALLBACK, args![number]).await?;
    tx.run(SET_NUMBER_CALLBACK, args![number, url]).await?;
    Ok(before.and_then(|(url,)| url))
}

/// Writes what a look at a token brought.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_looked(
    tx: &mut Tx,
    waba_id: &str,
    looked: &Looked,
    now: Timestamp,
) -> Result<()> {
    let args = args![
        waba_id,
        looked.state,
        looked.expires_at,
        looked.scopes.clone(),
        now,
        looked.mended,
    ];
    tx.run(LOOKED, args).await.map(drop)
}

/// Notes that a token is being renewed, so that it is not tried again at once.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_renewing(db: &Db, waba_id: &str, now: Timestamp) -> Result<()> {
    db.run(RENEWING, args![waba_id, now]).await.map(drop)
}

/// Puts a token in the place of the one that was to end.
///
/// # Errors
/// When the token cannot be sealed or the database refuses.
pub async fn any_tenant_renewed(
    tx: &mut Tx,
    sealer: &Sealer,
    waba_id: &str,
    token: &SecretString,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<()> {
    use secrecy::ExposeSecret as _;
    let place = Place {
        owner: "platform",
        table: "wabas",
        column: "access_token",
        row: waba_id,
    };
    let sealed = sealer
        .seal(place, token.expose_secret())
        .map_err(|error| DbError::Corrupt(error.to_string()))?;
    tx.run(RENEWED, args![waba_id, sealed, expires_at, now])
        .await
        .map(drop)
}
