//! What could not be routed or understood: kept raw, shown to the platform, replayed.

use domain::{ParkedId, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};
use crate::page::Page;

/// A parked item's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Parked {
    /// Its id.
    #[sqlx(try_from = "Uuid")]
    pub id: ParkedId,
    /// Why, such as `unknown_number`.
    pub reason: String,
    /// Why, in a sentence.
    pub detail: Option<String>,
    /// The webhook field.
    pub field: Option<String>,
    /// The WABA it named.
    pub waba_id: Option<String>,
    /// The number it named.
    pub phone_number_id: Option<String>,
    /// The item as it came.
    pub raw: Vec<u8>,
    /// How many webhook items it holds.
    pub items: i64,
    /// When it came.
    #[sqlx(try_from = "i64")]
    pub received_at: Timestamp,
}

/// An item to park. Bytes are hex.
#[derive(Debug, Clone, Serialize)]
pub struct New {
    /// Id, 32 hex digits.
    pub id: String,
    /// Why.
    pub reason: &'static str,
    /// Why, in a sentence.
    pub detail: Option<String>,
    /// The webhook field.
    pub field: Option<String>,
    /// The WABA it named.
    pub waba_id: Option<String>,
    /// The number it named.
    pub number: Option<String>,
    /// The item as it came.
    pub raw: String,
    /// SHA-256 of reason, WABA and item: the same thing twice is parked once.
    pub digest: String,
    /// How many webhook items it holds.
    pub items: i64,
    /// When it came (µs).
    pub at: i64,
}

/// How many items wait for one reason.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Tally {
    /// Why.
    pub reason: String,
    /// How many.
    pub count: i64,
}

#[derive(sqlx::FromRow)]
struct Added {
    items: i64,
}

statements! {
    ADD = Sql::Each {
        sqlite: "INSERT INTO parked (id, reason, detail, field, waba_id, phone_number_id, raw, digest, items, received_at) \
            SELECT unhex(value->>'id'), value->>'reason', value->>'detail', value->>'field', value->>'waba_id', value->>'number', \
            unhex(value->>'raw'), unhex(value->>'digest'), value->>'items', value->>'at' FROM jsonb_each($1) WHERE true ON CONFLICT (digest) DO NOTHING RETURNING items",
        postgres: "INSERT INTO parked (id, reason, detail, field, waba_id, phone_number_id, raw, digest, items, received_at) \
            SELECT id, reason, detail, field, waba_id, number, decode(raw, 'hex'), decode(digest, 'hex'), items, at \
            FROM json_to_recordset($1::json) AS b(id uuid, reason text, detail text, field text, waba_id text, number text, raw text, digest text, items bigint, at bigint) \
            ON CONFLICT (digest) DO NOTHING RETURNING items",
    };
    LIST = Sql::Both("SELECT id, reason, detail, field, waba_id, phone_number_id, raw, items, received_at FROM parked \
        WHERE replayed_at IS NULL AND id < $1 AND (reason = $2 OR $2 IS NULL) ORDER BY id DESC LIMIT $3");
    LOCK = Sql::Each {
        sqlite: "SELECT id, reason, detail, field, waba_id, phone_number_id, raw, items, received_at FROM parked WHERE id = $1 AND replayed_at IS NULL",
        postgres: "SELECT id, reason, detail, field, waba_id, phone_number_id, raw, items, received_at FROM parked WHERE id = $1 AND replayed_at IS NULL FOR UPDATE",
    };
    OLDEST = Sql::Both("SELECT id FROM parked \
        WHERE replayed_at IS NULL AND id > $1 AND (phone_number_id = $2 OR $2 IS NULL) ORDER BY id LIMIT $3");
    TALLY = Sql::Both("SELECT reason, COUNT(*) AS count FROM parked WHERE replayed_at IS NULL GROUP BY reason ORDER BY reason");
    DONE = Sql::Both("UPDATE parked SET replayed_at = $2 WHERE id = $1 AND replayed_at IS NULL");
}

/// Parks items; answers with how many webhook items the new rows hold.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_add(tx: &mut Tx, rows: &[New]) -> Result<i64> {
    if rows.is_empty() {
        return Ok(0);
    }
    let added: Vec<Added> = tx.all(ADD, vec![batch(rows)?]).await?;
    Ok(added.iter().map(|row| row.items).sum())
}

/// A page of what waits, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_list(
    db: &Db,
    reason: Option<&str>,
    page: Page<ParkedId>,
) -> Result<Vec<Parked>> {
    db.all(LIST, args![page.below(), reason, page.limit]).await
}

/// One item that waits, locked until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_lock(tx: &mut Tx, id: ParkedId) -> Result<Option<Parked>> {
    tx.first(LOCK, args![id]).await
}

#[derive(sqlx::FromRow)]
struct Waiting {
    #[sqlx(try_from = "Uuid")]
    id: ParkedId,
}

/// What waits, oldest first, of one number or of all.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_oldest(
    db: &Db,
    after: Option<ParkedId>,
    phone_number_id: Option<&str>,
    limit: i64,
) -> Result<Vec<ParkedId>> {
    let after = after.map_or(Uuid::nil(), Uuid::from);
    let rows: Vec<Waiting> = db.all(OLDEST, args![after, phone_number_id, limit]).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// How much waits, by reason.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_tally(db: &Db) -> Result<Vec<Tally>> {
    db.all(TALLY, args![]).await
}

/// Marks an item as replayed. False when somebody else did.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_done(tx: &mut Tx, id: ParkedId, now: Timestamp) -> Result<bool> {
    Ok(tx.run(DONE, args![id, now]).await? == 1)
}
