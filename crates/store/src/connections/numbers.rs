//! Numbers of connected WABAs: registration, PIN, and what the page of a connection shows.

use domain::{TenantId, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use crate::db::{Db, DbError, Result, Sql, Tx, args, statements};
use crate::seal::{Place, Sealer};

/// A number as the page of its connection shows it. The PIN stays sealed.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ConnectedNumber {
    /// Meta's id.
    pub phone_number_id: String,
    /// The WABA that it belongs to.
    pub waba_id: String,
    /// Who has it.
    pub tenant_id: Option<Uuid>,
    /// As people read it.
    pub display_phone_number: String,
    /// The name that Meta shows.
    pub verified_name: Option<String>,
    /// `CONNECTED`, …
    pub status: Option<String>,
    /// `CONNECTED`, `DISCONNECTED`, `BANNED`, … as account events have it; none while none of them said anything.
    pub standing: Option<String>,
    /// `GREEN`, …
    pub quality_rating: Option<String>,
    /// `APPROVED`, …
    pub name_status: Option<String>,
    /// Such as `TIER_2K`.
    pub messaging_limit: Option<String>,
    /// `STANDARD`, …
    pub throughput_level: Option<String>,
    /// When we registered it (µs).
    pub registered_at: Option<i64>,
    /// Whether its PIN is kept here.
    pub has_pin: bool,
    /// When that was kept (µs).
    pub pin_set_at: Option<i64>,
    /// Whether it is in the WhatsApp Business app as well.
    pub on_business_app: Option<bool>,
}

#[derive(sqlx::FromRow)]
struct SealedPin {
    pin: Option<Vec<u8>>,
}

statements! {
    OF_WABAS = Sql::Both("SELECT phone_number_id, waba_id, tenant_id, display_phone_number, verified_name, status, standing, quality_rating, name_status, \
        messaging_limit, throughput_level, registered_at, pin IS NOT NULL AS has_pin, pin_set_at, on_business_app FROM phone_numbers WHERE waba_id = $1 ORDER BY phone_number_id");
    OF_TENANT = Sql::Both("SELECT phone_number_id, waba_id, tenant_id, display_phone_number, verified_name, status, standing, quality_rating, name_status, \
        messaging_limit, throughput_level, registered_at, pin IS NOT NULL AS has_pin, pin_set_at, on_business_app FROM phone_numbers WHERE tenant_id = $1 ORDER BY phone_number_id");
    PIN = Sql::Both("SELECT pin FROM phone_numbers WHERE phone_number_id = $1");
    SET_PIN = Sql::Both("UPDATE phone_numbers SET pin = $2, pin_set_at = $3 WHERE phone_number_id = $1");
    FORGET_OLDER_PIN = Sql::Both("UPDATE phone_numbers SET pin = NULL, pin_set_at = NULL WHERE phone_number_id = $1 AND pin IS NOT NULL AND (pin_set_at IS NULL OR pin_set_at < $2)");
    REGISTERED = Sql::Both("UPDATE phone_numbers SET registered_at = $2, status = 'CONNECTED' WHERE phone_number_id = $1");
    FACTS = Sql::Both("UPDATE phone_numbers SET name_status = $2, on_business_app = $3 WHERE phone_number_id = $1");
}

/// Every number of a WABA, whoever has it.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_of_waba(db: &Db, waba_id: &str) -> Result<Vec<ConnectedNumber>> {
    db.all(OF_WABAS, args![waba_id]).await
}

/// Every number of a WABA, whoever has it, inside a transaction.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_of_waba_in(tx: &mut Tx, waba_id: &str) -> Result<Vec<ConnectedNumber>> {
    tx.all(OF_WABAS, args![waba_id]).await
}

/// The tenant's numbers, of whichever WABA.
///
/// # Errors
/// When the database refuses.
pub async fn of_tenant(db: &Db, tenant: TenantId) -> Result<Vec<ConnectedNumber>> {
    db.all(OF_TENANT, args![tenant]).await
}

/// The PIN of a number, opened.
///
/// # Errors
/// When it does not open or the database refuses.
pub async fn any_tenant_pin(
    db: &Db,
    sealer: &Sealer,
    phone_number_id: &str,
) -> Result<Option<SecretString>> {
    let row: Option<SealedPin> = db.first(PIN, args![phone_number_id]).await?;
    row.and_then(|row| row.pin)
        .map(|sealed| {
            sealer
                .open(place(phone_number_id), &sealed)
                .map_err(|error| DbError::Corrupt(error.to_string()))
        })
        .transpose()
}

/// Keeps the PIN of a number, sealed; or forgets it.
///
/// # Errors
/// When it cannot be sealed or the database refuses.
pub async fn any_tenant_set_pin(
    tx: &mut Tx,
    sealer: &Sealer,
    phone_number_id: &str,
    pin: Option<&SecretString>,
    now: Timestamp,
) -> Result<()> {
    let sealed = pin
        .map(|pin| sealer.seal(place(phone_number_id), pin.expose_secret()))
        .transpose()
        .map_err(|error| DbError::Corrupt(error.to_string()))?;
    tx.run(SET_PIN, args![phone_number_id, sealed, now])
        .await
        .map(drop)
}

/// Forgets the PIN of a number where it was kept before a moment: somebody else changed it then.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_forget_older_pin(
    tx: &mut Tx,
    phone_number_id: &str,
    before: Timestamp,
) -> Result<()> {
    tx.run(FORGET_OLDER_PIN, args![phone_number_id, before])
        .await
        .map(drop)
}

/// Notes that Meta has registered a number.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_registered(
    tx: &mut Tx,
    phone_number_id: &str,
    now: Timestamp,
) -> Result<()> {
    tx.run(REGISTERED, args![phone_number_id, now])
        .await
        .map(drop)
}

/// Writes what the page of a connection shows beyond a number's other facts.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_set_facts(
    tx: &mut Tx,
    phone_number_id: &str,
    name_status: Option<&str>,
    on_business_app: Option<bool>,
) -> Result<()> {
    tx.run(FACTS, args![phone_number_id, name_status, on_business_app])
        .await
        .map(drop)
}

fn place(phone_number_id: &str) -> Place<'_> {
    Place {
        owner: "platform",
        table: "phone_numbers",
        column: "pin",
        row: phone_number_id,
    }
}
