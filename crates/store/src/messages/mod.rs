//! Messages of both directions.

pub mod progress;

use domain::{ConversationId, MessageId, TenantId, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};
use crate::page::Page;

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
}

/// What a list may be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Meta's id.
    pub wamid: Option<String>,
    /// `inbound` or `outbound`.
    pub direction: Option<String>,
    /// A status word.
    pub status: Option<String>,
    /// One conversation.
    pub conversation: Option<ConversationId>,
    /// Whether notes and activity are wanted, too.
    pub internal: bool,
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
         m.created_at, m.author_id, u.name AS author_name FROM messages m LEFT JOIN users u ON u.id = m.author_id"
    };
}

statements! {
    KNOWN = Sql::Each {
        sqlite: "SELECT b.value->>'n' AS n FROM jsonb_each($1) b \
            CROSS JOIN messages m ON m.wamid = b.value->>'wamid' AND m.phone_number_id = b.value->>'number'",
        postgres: "SELECT b.n FROM json_to_recordset($1::json) AS b(n bigint, number text, wamid text) \
            JOIN messages m ON m.wamid = b.wamid AND m.phone_number_id = b.number",
    };
    ADD = Sql::Each {
        sqlite: "INSERT INTO messages (id, tenant_id, conversation_id, contact_id, phone_number_id, direction, origin, type, wamid, text, preview, \
            content, reply_to, status, occurred_at, created_at, author_id) \
            SELECT unhex(value->>'id'), unhex(value->>'tenant'), unhex(value->>'conversation'), unhex(value->>'contact'), value->>'number', \
            value->>'direction', value->>'origin', value->>'kind', value->>'wamid', value->>'text', value->>'preview', value->>'content', \
            value->>'reply_to', value->>'status', value->>'occurred_at', value->>'at', \
            unhex(value->>'author') FROM jsonb_each($1)",
        postgres: "INSERT INTO messages (id, tenant_id, conversation_id, contact_id, phone_number_id, direction, origin, type, wamid, text, preview, \
            content, reply_to, status, occurred_at, created_at, author_id) \
            SELECT id, tenant, conversation, contact, number, direction, origin, kind, wamid, text, preview, content, reply_to, status, occurred_at, at, author \
            FROM json_to_recordset($1::json) AS b(id uuid, tenant uuid, conversation uuid, contact uuid, number text, direction text, origin text, \
            kind text, wamid text, text text, preview text, content text, reply_to text, status text, occurred_at bigint, at bigint, author uuid)",
    };
    GET = Sql::Both(concat!("SELECT ", columns!(), " WHERE m.id = $2 AND m.tenant_id = $1"));
    LIST = Sql::Both(concat!("SELECT ", columns!(), " WHERE m.tenant_id = $1 AND m.id < $2 AND (m.direction = $3 OR $3 IS NULL) \
        AND (m.status = $4 OR $4 IS NULL) AND (m.direction <> 'internal' OR $6) ORDER BY m.id DESC LIMIT $5"));
    // The plus keeps SQLite, which knows no numbers of rows, from walking through all messages of the tenant.
    THREAD = Sql::Each {
        sqlite: concat!("SELECT ", columns!(), " WHERE m.conversation_id = $7 AND +m.tenant_id = $1 AND m.id < $2 \
            AND (m.direction = $3 OR $3 IS NULL) AND (m.status = $4 OR $4 IS NULL) AND (m.direction <> 'internal' OR $6) ORDER BY m.id DESC LIMIT $5"),
        postgres: concat!("SELECT ", columns!(), " WHERE m.conversation_id = $7 AND m.tenant_id = $1 AND m.id < $2 \
            AND (m.direction = $3 OR $3 IS NULL) AND (m.status = $4 OR $4 IS NULL) AND (m.direction <> 'internal' OR $6) ORDER BY m.id DESC LIMIT $5"),
    };
    BY_WAMID = Sql::Both(concat!("SELECT ", columns!(), " WHERE m.wamid = $2 AND m.tenant_id = $1 ORDER BY m.id DESC"));
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

/// One message of the tenant.
///
/// # Errors
/// When the database refuses.
pub async fn get(db: &Db, tenant: TenantId, id: MessageId) -> Result<Option<Message>> {
    db.first(GET, args![tenant, id]).await
}

/// A page of the tenant's messages, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    db: &Db,
    tenant: TenantId,
    filter: &Filter,
    page: Page<MessageId>,
) -> Result<Vec<Message>> {
    if let Some(wamid) = &filter.wamid {
        let rows: Vec<Message> = db.all(BY_WAMID, args![tenant, wamid]).await?;
        return Ok(rows
            .into_iter()
            .filter(|row| filter.admits(row) && page.after.is_none_or(|after| row.id < after))
            .collect());
    }
    let mut args = args![
        tenant,
        page.below(),
        filter.direction.clone(),
        filter.status.clone(),
        page.limit,
        filter.internal,
    ];
    let Some(conversation) = filter.conversation else {
        return db.all(LIST, args).await;
    };
    args.push(conversation.into());
    db.all(THREAD, args).await
}

impl Filter {
    fn admits(&self, row: &Message) -> bool {
        self.direction
            .as_ref()
            .is_none_or(|wanted| *wanted == row.direction)
            && self
                .status
                .as_ref()
                .is_none_or(|wanted| *wanted == row.status)
            && self
                .conversation
                .is_none_or(|wanted| wanted == row.conversation_id)
    }
}
