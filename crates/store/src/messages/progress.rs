//! How far messages have come: read, merged by `domain::status` in Rust, written back, in batches.
//!
//! On PostgreSQL the reading locks the rows, in the order of their ids, until the transaction ends: two
//! writers that merge progress never lose each other's report. On SQLite the writer is alone anyway.

use domain::status::{Failure, MessageStatus, Progress};
use domain::{MessageId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Wamid;
use crate::db::{DbError, Result, Sql, Tx, batch, statements};
use crate::dead_letters;

/// A message and its progress on file.
#[derive(Debug, Clone)]
pub struct OnFile {
    /// The caller's number for it.
    pub n: usize,
    /// Which message.
    pub id: MessageId,
    /// Whose.
    pub tenant_id: domain::TenantId,
    /// Where it stands.
    pub conversation_id: Uuid,
    /// Meta's id, once known.
    pub wamid: Option<String>,
    /// How far it has come.
    pub progress: Progress,
}

#[derive(Deserialize)]
struct Row {
    n: i64,
    id: Uuid,
    tenant_id: Uuid,
    conversation_id: Uuid,
    wamid: Option<String>,
    status: String,
    failure: Option<String>,
    pricing: Option<String>,
    sent_at: Option<i64>,
    delivered_at: Option<i64>,
    read_at: Option<i64>,
    played_at: Option<i64>,
    failed_at: Option<i64>,
}

/// A message of ours by its id, on one number.
#[derive(Debug, Clone, Serialize)]
pub struct ById<'a> {
    /// The caller's own number for it.
    pub n: usize,
    /// Message, 32 hex digits.
    pub id: String,
    /// The tenant's number, which must be the message's.
    pub number: &'a str,
}

#[derive(Serialize)]
struct Adopted<'a> {
    id: String,
    wamid: &'a str,
    /// When Meta's id was learnt: Meta has taken the message (µs).
    at: i64,
}

#[derive(Serialize)]
struct Changed<'a> {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    read_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    played_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_at: Option<i64>,
}

statements! {
    BY_WAMID = Sql::Each {
        sqlite: "SELECT json_group_array(json_array(b.value->>'n', hex(m.id), hex(m.tenant_id), hex(m.conversation_id), m.wamid, m.status, m.failure, \
            m.pricing, m.sent_at, m.delivered_at, m.read_at, m.played_at, m.failed_at)) FROM jsonb_each($1) b \
            CROSS JOIN messages m ON m.wamid = b.value->>'wamid' AND m.phone_number_id = b.value->>'number' WHERE m.direction = 'outbound'",
        postgres: "SELECT json_agg(json_build_array(n, id, tenant_id, conversation_id, wamid, status, failure, pricing, sent_at, delivered_at, read_at, \
            played_at, failed_at))::text FROM (SELECT b.n, m.id, m.tenant_id, m.conversation_id, m.wamid, m.status, m.failure, m.pricing, m.sent_at, m.delivered_at, \
            m.read_at, m.played_at, m.failed_at FROM json_to_recordset($1::json) AS b(n bigint, number text, wamid text) \
            JOIN messages m ON m.wamid = b.wamid AND m.phone_number_id = b.number WHERE m.direction = 'outbound' ORDER BY m.id FOR UPDATE OF m) AS found",
    };
    BY_ID = Sql::Each {
        sqlite: "SELECT json_group_array(json_array(b.value->>'n', hex(m.id), hex(m.tenant_id), hex(m.conversation_id), m.wamid, m.status, m.failure, \
            m.pricing, m.sent_at, m.delivered_at, m.read_at, m.played_at, m.failed_at)) FROM jsonb_each($1) b \
            CROSS JOIN messages m ON m.id = unhex(b.value->>'id') AND m.phone_number_id = b.value->>'number' WHERE m.direction = 'outbound'",
        postgres: "SELECT json_agg(json_build_array(n, id, tenant_id, conversation_id, wamid, status, failure, pricing, sent_at, delivered_at, read_at, \
            played_at, failed_at))::text FROM (SELECT b.n, m.id, m.tenant_id, m.conversation_id, m.wamid, m.status, m.failure, m.pricing, m.sent_at, m.delivered_at, \
            m.read_at, m.played_at, m.failed_at FROM json_to_recordset($1::json) AS b(n bigint, number text, id uuid) \
            JOIN messages m ON m.id = b.id AND m.phone_number_id = b.number WHERE m.direction = 'outbound' ORDER BY m.id FOR UPDATE OF m) AS found",
    };
    WRITE = Sql::Each {
        sqlite: "UPDATE messages SET status = b.value->>'status', failure = b.value->>'failure', \
            pricing = b.value->>'pricing', sent_at = b.value->>'sent_at', delivered_at = b.value->>'delivered_at', read_at = b.value->>'read_at', \
            played_at = b.value->>'played_at', failed_at = b.value->>'failed_at' FROM jsonb_each($1) b WHERE messages.id = unhex(b.value->>'id')",
        postgres: "UPDATE messages SET status = b.status, failure = b.failure, pricing = b.pricing, \
            sent_at = b.sent_at, delivered_at = b.delivered_at, read_at = b.read_at, played_at = b.played_at, failed_at = b.failed_at \
            FROM json_to_recordset($1::json) AS b(id uuid, status text, failure text, pricing text, sent_at bigint, delivered_at bigint, \
            read_at bigint, played_at bigint, failed_at bigint) WHERE messages.id = b.id",
    };
    // A statement of its own: SQLite rewrites the entry of an index when its column is merely named in the SET list,
    // and wamids stand all over theirs, so that every status would dirty one page more.
    // The plus keeps the planner from going through all that wait for a wamid.
    ADOPT = Sql::Each {
        sqlite: "UPDATE messages SET wamid = b.value->>'wamid', accepted_at = b.value->>'at' FROM jsonb_each($1) b WHERE messages.id = unhex(b.value->>'id') AND +messages.wamid IS NULL",
        postgres: "UPDATE messages SET wamid = b.wamid, accepted_at = b.at FROM json_to_recordset($1::json) AS b(id uuid, wamid text, at bigint) \
            WHERE messages.id = b.id AND messages.wamid IS NULL",
    };
}

/// Outgoing messages by wamid.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_by_wamid(tx: &mut Tx, wanted: &[Wamid<'_>]) -> Result<Vec<OnFile>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = tx.gathered(BY_WAMID, vec![batch(wanted)?]).await?;
    rows.into_iter().map(on_file).collect()
}

/// Outgoing messages by our own id, which Meta gives back as `biz_opaque_callback_data`.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_by_id(tx: &mut Tx, wanted: &[ById<'_>]) -> Result<Vec<OnFile>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = tx.gathered(BY_ID, vec![batch(wanted)?]).await?;
    rows.into_iter().map(on_file).collect()
}

/// Writes merged progress back. A wamid is written only where none is on file. What has died becomes a dead
/// letter, and what turns out to be alive is none any more.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_write<'a>(
    tx: &mut Tx,
    rows: impl IntoIterator<Item = (MessageId, Option<&'a str>, &'a Progress)>,
    now: Timestamp,
) -> Result<()> {
    let (mut changes, mut adopted) = (Vec::new(), Vec::new());
    let (mut died, mut alive) = (Vec::new(), Vec::new());
    for (id, wamid, progress) in rows {
        changes.push(changed(id, progress)?);
        adopted.extend(wamid.map(|wamid| Adopted {
            id: id.hex(),
            wamid,
            at: now.0,
        }));
        match death(id, progress, now) {
            Some(letter) => died.push(letter),
            None if progress.failed_at.is_some() => alive.push(id),
            None => {}
        }
    }
    if !changes.is_empty() {
        tx.run(WRITE, vec![batch(&changes)?]).await?;
    }
    if !adopted.is_empty() {
        tx.run(ADOPT, vec![batch(&adopted)?]).await?;
    }
    dead_letters::any_tenant_add(tx, &died).await?;
    dead_letters::any_tenant_remove(tx, alive).await
}

/// The dead letter that a message becomes.
fn death(id: MessageId, progress: &Progress, now: Timestamp) -> Option<dead_letters::New> {
    let code = progress.failure.as_ref().map_or(0, |failure| failure.code);
    dead_letters::New::of(
        id.hex(),
        progress.status?,
        code,
        progress.failed_at.unwrap_or(now),
    )
}

fn changed(id: MessageId, progress: &Progress) -> Result<Changed<'_>> {
    let failure = progress
        .failure
        .as_ref()
        .map(serde_json::to_string)
        .transpose();
    Ok(Changed {
        id: id.hex(),
        status: progress.status.map(MessageStatus::as_str),
        failure: failure.map_err(|error| DbError::Corrupt(error.to_string()))?,
        pricing: progress.pricing.as_deref(),
        sent_at: progress.sent_at.map(Timestamp::micros),
        delivered_at: progress.delivered_at.map(Timestamp::micros),
        read_at: progress.read_at.map(Timestamp::micros),
        played_at: progress.played_at.map(Timestamp::micros),
        failed_at: progress.failed_at.map(Timestamp::micros),
    })
}

fn on_file(row: Row) -> Result<OnFile> {
    let status = MessageStatus::parse(&row.status)
        .ok_or_else(|| DbError::Corrupt(format!("message status {:?}", row.status)))?;
    let failure: Option<Failure> = row
        .failure
        .as_deref()
        .map(serde_json::from_str)
        .transpose()
        .map_err(|error| DbError::Corrupt(format!("failure of a message: {error}")))?;
    Ok(OnFile {
        n: usize::try_from(row.n).unwrap_or(usize::MAX),
        id: row.id.into(),
        tenant_id: row.tenant_id.into(),
        conversation_id: row.conversation_id,
        wamid: row.wamid,
        progress: Progress {
            status: Some(status),
            sent_at: row.sent_at.map(Timestamp),
            delivered_at: row.delivered_at.map(Timestamp),
            read_at: row.read_at.map(Timestamp),
            played_at: row.played_at.map(Timestamp),
            failed_at: row.failed_at.map(Timestamp),
            failure,
            pricing: row.pricing,
        },
    })
}
