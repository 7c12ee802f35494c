//! Messages that did not arrive: failed, expired or cancelled, until somebody has dealt with them.
//!
//! A row is written where the message's status is ([`crate::messages::progress::any_tenant_write`]), in the
//! same transaction, and only for messages that die. A failure that turns out to have been none (a phone
//! showed the message after all) takes its row away again.

use domain::status::MessageStatus;
use domain::{MessageId, Sight, TenantId, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};
use crate::page::Page;
use crate::sight::{self, seen_in};

/// Counts stop here: a badge says "999+", and nobody waits for a long count.
pub const COUNTED: i64 = 1_000;

/// Somebody has to look at it.
pub const OPEN: &str = "open";
/// It was sent again, dismissed, or cancelled by a person in the first place.
pub const DONE: &str = "done";

/// A dead letter. Ids are 32 hex digits, times µs.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct New {
    pub(crate) id: String,
    /// `failed`, `expired`, `cancelled`.
    pub(crate) status: &'static str,
    pub(crate) code: i64,
    pub(crate) state: &'static str,
    pub(crate) at: i64,
}

impl New {
    /// What a message becomes in a status; none while it lives. What a person cancelled needs nobody's attention.
    pub(crate) fn of(id: String, status: MessageStatus, code: i64, at: Timestamp) -> Option<Self> {
        let state = match status {
            MessageStatus::Failed | MessageStatus::Expired => OPEN,
            MessageStatus::Cancelled => DONE,
            MessageStatus::Received
            | MessageStatus::Queued
            | MessageStatus::Sending
            | MessageStatus::Uncertain
            | MessageStatus::Accepted
            | MessageStatus::Sent
            | MessageStatus::Delivered
            | MessageStatus::Read
            | MessageStatus::Played => return None,
        };
        Some(Self {
            id,
            status: status.as_str(),
            code,
            state,
            at: at.0,
        })
    }
}

#[derive(Serialize)]
struct Id {
    id: String,
}

/// A dead letter's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct DeadLetter {
    /// The message.
    #[sqlx(try_from = "Uuid")]
    pub message_id: MessageId,
    /// [`OPEN`] or [`DONE`].
    pub state: String,
    /// When it died.
    #[sqlx(try_from = "i64")]
    pub died_at: Timestamp,
    /// With whom: the contact's name, if known.
    pub contact_name: Option<String>,
    /// With whom: digits, if known.
    pub contact_phone: Option<String>,
}

/// How many dead letters have a code.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ByCode {
    /// `failed`, `expired`, `cancelled`.
    pub status: String,
    /// Meta's code; 0 where the product itself gave the message up.
    pub code: i64,
    /// How many.
    pub count: i64,
    /// When the newest of them died (µs).
    pub newest: i64,
}

/// The newest failure of a number with a code.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Late {
    /// Meta's id of the number.
    pub phone_number_id: String,
    /// Meta's code.
    pub code: i64,
    /// When it died (µs).
    pub newest: i64,
    /// The number's WABA.
    pub waba_id: Option<String>,
}

/// What a list may be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// [`OPEN`] or [`DONE`].
    pub state: Option<String>,
    /// `failed`, `expired`, `cancelled`.
    pub status: Option<String>,
    /// Meta's code.
    pub code: Option<i64>,
    /// From which number.
    pub phone_number_id: Option<String>,
    /// Meta's message type.
    pub kind: Option<String>,
    /// The label that the sender gave.
    pub batch: Option<String>,
    /// Died not before.
    pub from: Option<Timestamp>,
    /// Died not after.
    pub to: Option<Timestamp>,
}

/// The conditions of [`Filter`], `$2` to `$9`, and of what is seen, `$10` to `$12`.
macro_rules! narrowed {
    () => {
        concat!("d.tenant_id = $1 AND (d.state = $2 OR CAST($2 AS TEXT) IS NULL) AND (d.status = $3 OR CAST($3 AS TEXT) IS NULL) \
         AND (d.code = $4 OR CAST($4 AS BIGINT) IS NULL) AND (d.phone_number_id = $5 OR CAST($5 AS TEXT) IS NULL) \
         AND (d.type = $6 OR CAST($6 AS TEXT) IS NULL) AND (d.batch = $7 OR CAST($7 AS TEXT) IS NULL) \
         AND (d.died_at >= $8 OR CAST($8 AS BIGINT) IS NULL) AND (d.died_at <= $9 OR CAST($9 AS BIGINT) IS NULL) AND ",
         seen_in!("d.conversation_id", "$10", "$11", "$12"))
    };
}

statements! {
    ADD = Sql::Each {
        sqlite: "INSERT INTO dead_letters (message_id, tenant_id, conversation_id, phone_number_id, type, status, code, batch, state, died_at) \
            SELECT m.id, m.tenant_id, m.conversation_id, m.phone_number_id, m.type, b.value->>'status', b.value->>'code', m.batch, b.value->>'state', b.value->>'at' \
            FROM jsonb_each($1) b CROSS JOIN messages m ON m.id = unhex(b.value->>'id') WHERE m.status = b.value->>'status' ON CONFLICT (message_id) DO NOTHING",
        postgres: "INSERT INTO dead_letters (message_id, tenant_id, conversation_id, phone_number_id, type, status, code, batch, state, died_at) \
            SELECT m.id, m.tenant_id, m.conversation_id, m.phone_number_id, m.type, b.status, b.code, m.batch, b.state, b.at \
            FROM json_to_recordset($1::json) AS b(id uuid, status text, code bigint, state text, at bigint) JOIN messages m ON m.id = b.id \
            WHERE m.status = b.status ON CONFLICT (message_id) DO NOTHING",
    };
    REMOVE = Sql::Each {
        sqlite: "DELETE FROM dead_letters WHERE message_id IN (SELECT unhex(value->>'id') FROM jsonb_each($1))",
        postgres: "DELETE FROM dead_letters USING json_to_recordset($1::json) AS b(id uuid) WHERE dead_letters.message_id = b.id",
    };
    CLOSE = Sql::Each {
        sqlite: concat!("UPDATE dead_letters SET state = 'done' WHERE tenant_id = $2 AND state = 'open' \
            AND message_id IN (SELECT unhex(value->>'id') FROM jsonb_each($1)) AND ", seen_in!("dead_letters.conversation_id", "$3", "$4", "$5")),
        postgres: concat!("UPDATE dead_letters SET state = 'done' FROM json_to_recordset($1::json) AS b(id uuid) \
            WHERE dead_letters.message_id = b.id AND dead_letters.tenant_id = $2 AND dead_letters.state = 'open' AND ",
            seen_in!("dead_letters.conversation_id", "$3", "$4", "$5")),
    };
    CLOSE_ALL = Sql::Both(concat!("UPDATE dead_letters AS d SET state = 'done' WHERE d.state = 'open' AND ", narrowed!()));
    LIST = Sql::Both(concat!("SELECT d.message_id, d.state, d.died_at, c.name AS contact_name, c.phone AS contact_phone \
        FROM dead_letters d JOIN messages m ON m.id = d.message_id LEFT JOIN contacts c ON c.id = m.contact_id \
        WHERE m.status IN ('failed', 'expired', 'cancelled') AND ",
        narrowed!(), " AND d.message_id < $13 ORDER BY d.message_id DESC LIMIT $14"));
    COUNT = Sql::Both(concat!("SELECT COUNT(*) FROM (SELECT 1 AS one FROM dead_letters d WHERE ", narrowed!(), " LIMIT $13) AS counted"));
    BY_CODE = Sql::Both(concat!("SELECT d.status, d.code, COUNT(*) AS count, MAX(d.died_at) AS newest FROM dead_letters d WHERE ",
        narrowed!(), " GROUP BY d.status, d.code ORDER BY count DESC, d.code LIMIT 100"));
    BATCHES = Sql::Both("SELECT DISTINCT batch FROM dead_letters WHERE tenant_id = $1 AND batch IS NOT NULL ORDER BY batch LIMIT 200");
    LATE = Sql::Both("SELECT d.phone_number_id, d.code, MAX(d.died_at) AS newest, MAX(n.waba_id) AS waba_id FROM dead_letters d \
        LEFT JOIN phone_numbers n ON n.phone_number_id = d.phone_number_id WHERE d.died_at >= $1 AND d.status = 'failed' GROUP BY d.phone_number_id, d.code");
    OPEN_OF_ALL = Sql::Both("SELECT COUNT(*) FROM dead_letters WHERE state = 'open'");
}

impl Filter {
    fn args(&self, tenant: TenantId, sight: Sight) -> Vec<crate::db::Value> {
        let mut args = args![
            tenant,
            self.state.clone(),
            self.status.clone(),
            self.code,
            self.phone_number_id.clone(),
            self.kind.clone(),
            self.batch.clone(),
            self.from.map(Timestamp::micros),
            self.to.map(Timestamp::micros),
        ];
        args.extend(sight::args(sight));
        args
    }
}

/// Adds messages that have died; those that had died before stay as they were.
pub(crate) async fn any_tenant_add(tx: &mut Tx, rows: &[New]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.run(ADD, vec![batch(rows)?]).await.map(drop)
}

/// Removes messages that arrived after all.
pub(crate) async fn any_tenant_remove(
    tx: &mut Tx,
    ids: impl IntoIterator<Item = MessageId>,
) -> Result<()> {
    let ids: Vec<_> = ids.into_iter().map(|id| Id { id: id.hex() }).collect();
    if ids.is_empty() {
        return Ok(());
    }
    tx.run(REMOVE, vec![batch(&ids)?]).await.map(drop)
}

/// Marks dead letters that are seen as dealt with; gives how many were open.
///
/// # Errors
/// When the database refuses.
pub async fn close(tx: &mut Tx, tenant: TenantId, sight: Sight, ids: &[MessageId]) -> Result<u64> {
    if ids.is_empty() {
        return Ok(0);
    }
    let ids: Vec<_> = ids.iter().map(|id| Id { id: id.hex() }).collect();
    let mut args = vec![batch(&ids)?];
    args.extend(args![tenant]);
    args.extend(sight::args(sight));
    tx.run(CLOSE, args).await
}

/// Marks everything that a filter admits as dealt with; gives how many were open.
///
/// # Errors
/// When the database refuses.
pub async fn close_all(
    tx: &mut Tx,
    tenant: TenantId,
    sight: Sight,
    filter: &Filter,
) -> Result<u64> {
    tx.run(CLOSE_ALL, filter.args(tenant, sight)).await
}

/// A page of the tenant's dead letters, newest message first.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    db: &Db,
    tenant: TenantId,
    sight: Sight,
    filter: &Filter,
    page: Page<MessageId>,
) -> Result<Vec<DeadLetter>> {
    let mut args = filter.args(tenant, sight);
    args.extend(args![page.below(), page.limit]);
    db.all(LIST, args).await
}

/// How many there are, counted up to `most`.
///
/// # Errors
/// When the database refuses.
pub async fn count(
    db: &Db,
    tenant: TenantId,
    sight: Sight,
    filter: &Filter,
    most: i64,
) -> Result<i64> {
    let mut args = filter.args(tenant, sight);
    args.extend(args![most]);
    let row: Option<(i64,)> = db.first(COUNT, args).await?;
    Ok(row.map_or(0, |(count,)| count))
}

/// How many there are of each code, most first.
///
/// # Errors
/// When the database refuses.
pub async fn by_code(
    db: &Db,
    tenant: TenantId,
    sight: Sight,
    filter: &Filter,
) -> Result<Vec<ByCode>> {
    db.all(BY_CODE, filter.args(tenant, sight)).await
}

/// The labels that dead letters of the tenant have.
///
/// # Errors
/// When the database refuses.
pub async fn batches(db: &Db, tenant: TenantId) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = db.all(BATCHES, args![tenant]).await?;
    Ok(rows.into_iter().map(|(batch,)| batch).collect())
}

/// What has failed since a moment, by number and code.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_late(db: &Db, since: Timestamp) -> Result<Vec<Late>> {
    db.all(LATE, args![since]).await
}

/// How many are open on the whole installation.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_open(db: &Db) -> Result<i64> {
    let row: Option<(i64,)> = db.first(OPEN_OF_ALL, args![]).await?;
    Ok(row.map_or(0, |(count,)| count))
}
