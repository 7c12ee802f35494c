//! Webhook changes about accounts, numbers, templates, calls and groups, kept as history.

use domain::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};

/// A change to keep. Ids and digests are hex.
#[derive(Debug, Clone, Serialize)]
pub struct New {
    /// Id, 32 hex digits.
    pub id: String,
    /// Whose it is, where the number or WABA belongs to a tenant.
    pub tenant: Option<String>,
    /// The WABA that it is about; where none is named, what the entry named.
    pub waba_id: String,
    /// The number that the change named.
    pub number: Option<String>,
    /// The webhook field.
    pub field: String,
    /// The `event` inside, where there is one.
    pub event: Option<String>,
    /// The change as it came.
    pub raw: String,
    /// SHA-256 of WABA, time and change: the same thing twice is kept once.
    pub digest: String,
    /// When it happened (µs).
    pub occurred_at: i64,
    /// Now (µs).
    pub at: i64,
}

/// A change's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct AccountEvent {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub tenant_id: Option<Uuid>,
    /// The WABA.
    pub waba_id: String,
    /// The number.
    pub phone_number_id: Option<String>,
    /// The webhook field.
    pub field: String,
    /// The `event` inside.
    pub event: Option<String>,
    /// The change as it came.
    pub raw: String,
    /// When it happened.
    #[sqlx(try_from = "i64")]
    pub occurred_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Id {
    id: Uuid,
}

#[derive(sqlx::FromRow)]
struct Count {
    count: i64,
}

statements! {
    ADD = Sql::Each {
        sqlite: "INSERT INTO account_events (id, tenant_id, waba_id, phone_number_id, field, event, raw, digest, occurred_at, created_at) \
            SELECT unhex(value->>'id'), unhex(value->>'tenant'), value->>'waba_id', value->>'number', value->>'field', value->>'event', \
            value->>'raw', unhex(value->>'digest'), value->>'occurred_at', value->>'at' FROM jsonb_each($1) WHERE true ON CONFLICT (digest) DO NOTHING RETURNING id",
        postgres: "INSERT INTO account_events (id, tenant_id, waba_id, phone_number_id, field, event, raw, digest, occurred_at, created_at) \
            SELECT id, tenant, waba_id, number, field, event, raw, decode(digest, 'hex'), occurred_at, at \
            FROM json_to_recordset($1::json) AS b(id uuid, tenant uuid, waba_id text, number text, field text, event text, raw text, digest text, \
            occurred_at bigint, at bigint) ON CONFLICT (digest) DO NOTHING RETURNING id",
    };
    LIST = Sql::Both("SELECT id, tenant_id, waba_id, phone_number_id, field, event, raw, occurred_at FROM account_events \
        WHERE id < $1 ORDER BY id DESC LIMIT $2");
    OF_ACCOUNT = Sql::Both("SELECT id, tenant_id, waba_id, phone_number_id, field, event, raw, occurred_at FROM account_events \
        WHERE waba_id = $2 AND tenant_id = $1 AND id < $3 ORDER BY id DESC LIMIT $4");
    COUNT = Sql::Both("SELECT COUNT(*) AS count FROM account_events");
}

/// Keeps changes; gives the ids of those that were new.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_add(tx: &mut Tx, rows: &[New]) -> Result<Vec<Uuid>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let added: Vec<Id> = tx.all(ADD, vec![batch(rows)?]).await?;
    Ok(added.into_iter().map(|row| row.id).collect())
}

/// A page of what happened to an account, the newest first.
///
/// # Errors
/// When the database refuses.
pub async fn of_account(
    db: &Db,
    tenant: domain::TenantId,
    waba_id: &str,
    page: crate::page::Page<domain::AccountEventId>,
) -> Result<Vec<AccountEvent>> {
    db.all(OF_ACCOUNT, args![tenant, waba_id, page.below(), page.limit])
        .await
}

/// The newest changes.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_list(
    db: &Db,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<AccountEvent>> {
    db.all(LIST, args![after.unwrap_or(crate::page::LAST_ID), limit])
        .await
}

/// How many there are.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_count(db: &Db) -> Result<i64> {
    Ok(db
        .first::<Count>(COUNT, args![])
        .await?
        .map_or(0, |row| row.count))
}
