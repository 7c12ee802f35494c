//! How accounts and numbers stand with Meta, aspect by aspect, and what follows from it for their rows.

use domain::Timestamp;
use serde::Serialize;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};

/// An aspect of an account or of one of its numbers.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow, Serialize)]
pub struct Standing {
    /// The account.
    pub waba_id: String,
    /// The number; empty where the whole account is meant.
    pub phone_number_id: String,
    /// What it is about, such as `ban` or `access`.
    pub aspect: String,
    /// How it stands; `OK` when nothing is wrong.
    pub state: String,
    /// What Meta said with it (JSON).
    pub detail: String,
    /// When it happened, by Meta's word (µs).
    pub told_at: i64,
    /// When it is over by itself (µs).
    pub ends_at: Option<i64>,
}

/// What follows for a row from all its aspects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Such as `CONNECTED` or `BANNED`.
    pub standing: String,
    /// Why, and for how long (JSON).
    pub detail: String,
}

/// An account, or one of its numbers, as it is on file.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct OnFile {
    /// The number; none for the account itself.
    pub phone_number_id: Option<String>,
    /// As people read it.
    pub display_phone_number: Option<String>,
    /// How it stood.
    pub standing: Option<String>,
    /// Why.
    pub standing_detail: Option<String>,
    /// Whose it is.
    pub tenant_id: Option<uuid::Uuid>,
}

#[derive(sqlx::FromRow)]
struct WabaId {
    waba_id: String,
}

statements! {
    // What happened later stands, in whatever order the webhooks come.
    TELL = Sql::Each {
        sqlite: "INSERT INTO standings (waba_id, phone_number_id, aspect, state, detail, told_at, ends_at) \
            SELECT value->>'waba_id', value->>'phone_number_id', value->>'aspect', value->>'state', value->>'detail', value->>'told_at', value->>'ends_at' \
            FROM jsonb_each($1) WHERE TRUE ON CONFLICT (waba_id, phone_number_id, aspect) DO UPDATE SET state = excluded.state, \
            detail = excluded.detail, told_at = excluded.told_at, ends_at = excluded.ends_at WHERE excluded.told_at >= standings.told_at",
        postgres: "INSERT INTO standings (waba_id, phone_number_id, aspect, state, detail, told_at, ends_at) \
            SELECT waba_id, phone_number_id, aspect, state, detail, told_at, ends_at FROM json_to_recordset($1::json) AS b(waba_id text, \
            phone_number_id text, aspect text, state text, detail text, told_at bigint, ends_at bigint) \
            ON CONFLICT (waba_id, phone_number_id, aspect) DO UPDATE SET state = excluded.state, \
            detail = excluded.detail, told_at = excluded.told_at, ends_at = excluded.ends_at WHERE excluded.told_at >= standings.told_at",
    };
    OF_WABA = Sql::Both("SELECT waba_id, phone_number_id, aspect, state, detail, told_at, ends_at FROM standings WHERE waba_id = $1 \
        ORDER BY phone_number_id, aspect");
    ALL = Sql::Both("SELECT waba_id, phone_number_id, aspect, state, detail, told_at, ends_at FROM standings WHERE state NOT IN ('OK', 'NONE') \
        ORDER BY waba_id, phone_number_id, aspect");
    ENDED = Sql::Both("SELECT DISTINCT waba_id FROM standings WHERE ends_at <= $1 AND state <> 'OK' ORDER BY waba_id");
    END = Sql::Both("UPDATE standings SET state = 'OK', ends_at = NULL WHERE waba_id = $1 AND ends_at <= $2");
    ROWS = Sql::Both("SELECT NULL AS phone_number_id, NULL AS display_phone_number, standing, standing_detail, tenant_id FROM wabas WHERE waba_id = $1 \
        UNION ALL SELECT phone_number_id, display_phone_number, standing, standing_detail, tenant_id FROM phone_numbers WHERE waba_id = $1");
    SET_WABA = Sql::Both("UPDATE wabas SET standing = $2, standing_detail = $3 WHERE waba_id = $1");
    SET_NUMBER = Sql::Both("UPDATE phone_numbers SET standing = $2, standing_detail = $3 WHERE phone_number_id = $1");
    SET_REVIEW = Sql::Both("UPDATE wabas SET review_status = $2 WHERE waba_id = $1");
    SET_NAME = Sql::Both("UPDATE phone_numbers SET name_status = $2, verified_name = CASE WHEN $2 = 'APPROVED' THEN coalesce($3, verified_name) \
        ELSE verified_name END WHERE phone_number_id = $1");
    UNHOLD = Sql::Both("UPDATE outbox SET state = 'queued', hold = NULL, hold_until = NULL WHERE state = 'held' AND hold = 'account' AND phone_number_id = $1");
}

/// Notes how something stands, unless what happened later is known already.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_tell(tx: &mut Tx, rows: &[Standing]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.run(TELL, vec![batch(rows)?]).await.map(drop)
}

/// Every aspect of an account and its numbers.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_of_waba(tx: &mut Tx, waba_id: &str) -> Result<Vec<Standing>> {
    tx.all(OF_WABA, args![waba_id]).await
}

/// Every aspect of an account and its numbers, for reading.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_look(db: &Db, waba_id: &str) -> Result<Vec<Standing>> {
    db.all(OF_WABA, args![waba_id]).await
}

/// Every aspect in which something is to be said.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_all(db: &Db) -> Result<Vec<Standing>> {
    db.all(ALL, args![]).await
}

/// The accounts of which something has ended by itself.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_ended(db: &Db, now: Timestamp) -> Result<Vec<String>> {
    let rows: Vec<WabaId> = db.all(ENDED, args![now]).await?;
    Ok(rows.into_iter().map(|row| row.waba_id).collect())
}

/// What has ended by itself is over.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_end(tx: &mut Tx, waba_id: &str, now: Timestamp) -> Result<()> {
    tx.run(END, args![waba_id, now]).await.map(drop)
}

/// The account and its numbers as they are on file; empty when the account is not known.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_rows(tx: &mut Tx, waba_id: &str) -> Result<Vec<OnFile>> {
    tx.all(ROWS, args![waba_id]).await
}

/// Writes how an account stands.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_set_waba(tx: &mut Tx, waba_id: &str, outcome: &Outcome) -> Result<()> {
    tx.run(SET_WABA, args![waba_id, &outcome.standing, &outcome.detail])
        .await
        .map(drop)
}

/// Writes how a number stands; what was held for that is looked at again. Gives how many that were.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_set_number(tx: &mut Tx, number: &str, outcome: &Outcome) -> Result<u64> {
    tx.run(
        SET_NUMBER,
        args![number, &outcome.standing, &outcome.detail],
    )
    .await?;
    tx.run(UNHOLD, args![number]).await
}

/// Writes what Meta decided about an account.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_set_review(tx: &mut Tx, waba_id: &str, decision: &str) -> Result<()> {
    tx.run(SET_REVIEW, args![waba_id, decision]).await.map(drop)
}

/// Writes what Meta decided about a number's name; an approved one is the number's name from now on.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_set_name(
    tx: &mut Tx,
    number: &str,
    status: &str,
    name: Option<&str>,
) -> Result<()> {
    tx.run(SET_NAME, args![number, status, name])
        .await
        .map(drop)
}
