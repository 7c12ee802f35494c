//! Messages of both directions. [`list`] pages them, [`progress`] says how far they have come.

pub mod count;
pub mod list;
pub mod places;
pub mod progress;
pub mod retries;

pub use list::{Filter, list};

use domain::status::MessageStatus;
use domain::{ConversationId, MessageId, Sight, TenantId, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};
use crate::dead_letters;
use crate::sight::{self, seen_in};

/// A message's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Message {
    /// Its id.
    #[sqlx(try_from = "Uuid")]
    pub id: MessageId,
    /// The conversation that it stands in.
    #[sqlx(try_from = "Uuid")]
    pub conversation_id: ConversationId,
    /// With whom.
    pub contact_id: Uuid,
    /// The tenant's number.
    pub phone_number_id: String,
    /// `inbound`, `outbound`, or `internal`: notes and activity, which never leave.
    pub direction: String,
    /// Who caused it.
    pub origin: String,
    /// Meta's message type.
    #[sqlx(rename = "type")]
    pub kind: String,
    /// Meta's id, once known.
    pub wamid: Option<String>,
    /// Searchable text.
    pub text: Option<String>,
    /// One line.
    pub preview: String,
    /// What Meta sent, or what Meta is sent (JSON).
    pub content: String,
    /// The wamid that it answers.
    pub reply_to: Option<String>,
    /// How far it has come.
    pub status: String,
    /// Why it failed (JSON of `domain::status::Failure`).
    pub failure: Option<String>,
    /// Meta's pricing block (JSON).
    pub pricing: Option<String>,
    /// µs.
    pub sent_at: Option<i64>,
    /// µs.
    pub delivered_at: Option<i64>,
    /// µs.
    pub read_at: Option<i64>,
    /// µs.
    pub played_at: Option<i64>,
    /// µs.
    pub failed_at: Option<i64>,
    /// When it was written.
    #[sqlx(try_from = "i64")]
    pub occurred_at: Timestamp,
    /// When we had it.
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
    /// The user who wrote it, where it was one.
    pub author_id: Option<Uuid>,
    /// Their name.
    pub author_name: Option<String>,
    /// When Meta took it (µs).
    pub accepted_at: Option<i64>,
    /// The label under which it was sent.
    pub batch: Option<String>,
    /// The message that this one sends again.
    pub retry_of: Option<Uuid>,
    /// The message that sends this one again.
    pub retried_as: Option<Uuid>,
    /// When it was cancelled or expired (µs).
    pub ended_at: Option<i64>,
    /// Where it stands in the queue: `queued`, `held`, `sending`, `uncertain`; none when it has left it.
    pub queue_state: Option<String>,
    /// What holds it ([`crate::outbox::look::Hold`]): its own, or its number's.
    pub hold: Option<String>,
    /// Until when (µs); none when somebody has to act.
    pub hold_until: Option<i64>,
    /// What was said about it, where that tells more than the word.
    pub hold_said: Option<String>,
}

impl Message {
    /// The status as people see it: the queue knows more than the message while that has not left.
    #[must_use]
    pub fn shown_status(&self) -> &str {
        match (self.status.as_str(), self.queue_state.as_deref()) {
            ("queued", Some(state @ ("held" | "sending"))) => state,
            // It was decided to send it once more.
            ("uncertain", Some(state @ ("queued" | "held" | "sending"))) => state,
            (status, _) => status,
        }
    }
}

/// A message to add. Ids are 32 hex digits, times µs.
#[derive(Debug, Clone, Serialize)]
pub struct New {
    /// Id.
    pub id: String,
    /// Tenant.
    pub tenant: String,
    /// Conversation.
    pub conversation: String,
    /// Contact.
    pub contact: String,
    /// The tenant's number.
    pub number: String,
    /// Direction.
    pub direction: &'static str,
    /// Origin.
    pub origin: &'static str,
    /// Meta's message type.
    pub kind: String,
    /// Meta's id; none before Meta has answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wamid: Option<String>,
    /// Searchable text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// One line.
    pub preview: String,
    /// JSON text.
    pub content: String,
    /// The wamid that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// Status.
    pub status: &'static str,
    /// When it was written.
    pub occurred_at: i64,
    /// Now.
    pub at: i64,
    /// The user who wrote it, where it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// The label under which it is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
    /// The message that this one sends again, 32 hex digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_of: Option<String>,
    /// How it is to leave (JSON text), where that is not as its type usually does; see [`retries::terms`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<String>,
}

/// A wamid on a number.
#[derive(Debug, Clone, Serialize)]
pub struct Wamid<'a> {
    /// The caller's own number for it.
    pub n: usize,
    /// The tenant's number.
    pub number: &'a str,
    /// Meta's id.
    pub wamid: &'a str,
}

/// The caller's number for something that exists.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Known {
    /// As given.
    pub n: i64,
}

/// The columns of [`Message`], and what they are read from.
macro_rules! columns {
    () => {
        "m.id, m.conversation_id, m.contact_id, m.phone_number_id, m.direction, m.origin, m.type, m.wamid, m.text, m.preview, m.content, \
         m.reply_to, m.status, m.failure, m.pricing, m.sent_at, m.delivered_at, m.read_at, m.played_at, m.failed_at, m.occurred_at, \
         m.created_at, m.author_id, u.name AS author_name, m.accepted_at, m.batch, m.retry_of, m.retried_as, m.ended_at, \
         CASE WHEN o.state IS NULL OR o.state <> 'queued' THEN o.state WHEN p.hold IS NOT NULL OR p.slowed_until IS NOT NULL THEN 'held' ELSE o.state END AS queue_state, \
         coalesce(o.hold, p.hold, CASE WHEN p.slowed_until IS NOT NULL THEN 'slow_down' END) AS hold, \
         coalesce(o.hold_until, CASE WHEN p.hold IS NULL THEN p.slowed_until ELSE p.hold_until END) AS hold_until, \
         CASE WHEN o.state = 'queued' AND p.hold IS NULL THEN p.slowed_reason WHEN o.state = 'queued' THEN p.hold_explanation \
         WHEN o.hold = 'slow_down' THEN o.last_error END AS hold_said \
         FROM messages m LEFT JOIN users u ON u.id = m.author_id LEFT JOIN outbox o ON o.id = m.id \
         LEFT JOIN number_pace p ON p.phone_number_id = o.phone_number_id AND o.state = 'queued'"
    };
}

use columns;

statements! {
    HAS_WAMID = Sql::Both("SELECT COUNT(*) FROM (SELECT 1 AS one FROM messages WHERE wamid = $1 LIMIT 1) AS found");
    KNOWN = Sql::Each {
        sqlite: "SELECT b.value->>'n' AS n FROM jsonb_each($1) b \
            CROSS JOIN messages m ON m.wamid = b.value->>'wamid' AND m.phone_number_id = b.value->>'number'",
        postgres: "SELECT b.n FROM json_to_recordset($1::json) AS b(n bigint, number text, wamid text) \
            JOIN messages m ON m.wamid = b.wamid AND m.phone_number_id = b.number",
    };
    ADD = Sql::Each {
        sqlite: "INSERT INTO messages (id, tenant_id, conversation_id, contact_id, phone_number_id, direction, origin, type, wamid, text, preview, \
            content, reply_to, status, occurred_at, created_at, author_id, batch, retry_of, terms) \
            SELECT unhex(value->>'id'), unhex(value->>'tenant'), unhex(value->>'conversation'), unhex(value->>'contact'), value->>'number', \
            value->>'direction', value->>'origin', value->>'kind', value->>'wamid', value->>'text', value->>'preview', value->>'content', \
            value->>'reply_to', value->>'status', value->>'occurred_at', value->>'at', \
            unhex(value->>'author'), value->>'batch', unhex(value->>'retry_of'), value->>'terms' FROM jsonb_each($1)",
        postgres: "INSERT INTO messages (id, tenant_id, conversation_id, contact_id, phone_number_id, direction, origin, type, wamid, text, preview, \
            content, reply_to, status, occurred_at, created_at, author_id, batch, retry_of, terms) \
            SELECT id, tenant, conversation, contact, number, direction, origin, kind, wamid, text, preview, content, reply_to, status, occurred_at, at, author, batch, retry_of, terms \
            FROM json_to_recordset($1::json) AS b(id uuid, tenant uuid, conversation uuid, contact uuid, number text, direction text, origin text, \
            kind text, wamid text, text text, preview text, content text, reply_to text, status text, occurred_at bigint, at bigint, author uuid, batch text, retry_of uuid, terms text)",
    };
    GET = Sql::Both(concat!("SELECT ", columns!(), " WHERE m.id = $2 AND m.tenant_id = $1 AND ", seen_in!("m.conversation_id", "$3", "$4", "$5")));
    // In the order of the ids that were given.
    BY_IDS = Sql::Each {
        sqlite: concat!("SELECT ", columns!(), " JOIN jsonb_each($2) b ON m.id = unhex(b.value->>'id') WHERE +m.tenant_id = $1 AND ",
            seen_in!("m.conversation_id", "$3", "$4", "$5"), " ORDER BY b.value->>'n'"),
        postgres: concat!("SELECT ", columns!(), " JOIN json_to_recordset($2::json) AS b(n bigint, id uuid) ON m.id = b.id WHERE m.tenant_id = $1 AND ",
            seen_in!("m.conversation_id", "$3", "$4", "$5"), " ORDER BY b.n"),
    };
    // Only what nobody has heard of at Meta: a status that came meanwhile is the better truth.
    END = Sql::Each {
        sqlite: "UPDATE messages SET status = $2, failure = $3, ended_at = $4 WHERE id IN (SELECT unhex(value->>'id') FROM jsonb_each($1)) \
            AND status IN ('queued', 'sending', 'uncertain')",
        postgres: "UPDATE messages SET status = $2, failure = $3, ended_at = $4 FROM json_to_recordset($1::json) AS b(id uuid) WHERE messages.id = b.id \
            AND status IN ('queued', 'sending', 'uncertain')",
    };
}

/// Which of these wamids are on file already.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_known(tx: &mut Tx, wamids: &[Wamid<'_>]) -> Result<Vec<Known>> {
    if wamids.is_empty() {
        return Ok(Vec::new());
    }
    tx.all(KNOWN, vec![batch(wamids)?]).await
}

/// Adds messages. A wamid that is on file already refuses the whole batch, so ask [`any_tenant_known`] first.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_add(tx: &mut Tx, rows: &[New]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.run(ADD, vec![batch(rows)?]).await.map(drop)
}

/// One message of the tenant, where its conversation is seen.
///
/// # Errors
/// When the database refuses.
pub async fn get(
    db: &Db,
    tenant: TenantId,
    sight: Sight,
    id: MessageId,
) -> Result<Option<Message>> {
    let mut args = args![tenant, id];
    args.extend(sight::args(sight));
    db.first(GET, args).await
}

#[derive(Serialize)]
struct Asked {
    n: usize,
    id: String,
}

/// Those of these messages that are the tenant's and seen, in the order given.
///
/// # Errors
/// When the database refuses.
pub async fn by_ids(
    db: &Db,
    tenant: TenantId,
    sight: Sight,
    ids: &[MessageId],
) -> Result<Vec<Message>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let asked: Vec<_> = ids
        .iter()
        .enumerate()
        .map(|(n, id)| Asked { n, id: id.hex() })
        .collect();
    let mut args = args![tenant];
    args.push(batch(&asked)?);
    args.extend(sight::args(sight));
    db.all(BY_IDS, args).await
}

/// Ends messages that never left: `cancelled` or `expired`, with an explanation (JSON of `domain::status::Failure`).
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_end(
    tx: &mut Tx,
    ids: impl IntoIterator<Item = MessageId>,
    status: MessageStatus,
    failure: Option<&str>,
    now: Timestamp,
) -> Result<u64> {
    let ids: Vec<_> = ids.into_iter().map(|id| Id { id: id.hex() }).collect();
    if ids.is_empty() {
        return Ok(0);
    }
    let letters: Vec<_> = ids
        .iter()
        .filter_map(|row| dead_letters::New::of(row.id.clone(), status, 0, now))
        .collect();
    let mut all = vec![batch(&ids)?];
    all.extend(args![status.as_str(), failure, now]);
    let ended = tx.run(END, all).await?;
    dead_letters::any_tenant_add(tx, &letters).await?;
    Ok(ended)
}

#[derive(Serialize)]
struct Id {
    id: String,
}

/// Whether any tenant has a message of this wamid.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_has_wamid(db: &Db, wamid: &str) -> Result<bool> {
    let row: Option<(i64,)> = db.first(HAS_WAMID, args![wamid]).await?;
    Ok(row.is_some_and(|(count,)| count > 0))
}
