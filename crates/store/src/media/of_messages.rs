//! The medium of a message. The row is its own durable job: it is committed with the message, `next_at` says when
//! it is fetched, a lease says who does it, and nothing but an outcome takes it out of the queue.

use domain::{ConversationId, MessageId, TenantId, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use super::{Digest, digest};
use crate::db::{Db, DbError, Result, Sql, Tx, args, batch, statements};
use crate::page::Page;

/// A medium that has to be fetched. Ids are 32 hex digits, times µs.
#[derive(Debug, Clone, Serialize)]
pub struct Expected {
    /// The message.
    pub id: String,
    /// Tenant.
    pub tenant: String,
    /// Conversation.
    pub conversation: String,
    /// The tenant's number.
    pub number: String,
    /// `image`, `video`, `audio`, `document`, `sticker`.
    pub kind: &'static str,
    /// Meta's id.
    pub meta_id: String,
    /// When Meta's id ends.
    pub ends_at: i64,
    /// Now.
    pub at: i64,
}

/// An outgoing message whose file we may have. Ids are 32 hex digits, times µs.
#[derive(Debug, Clone, Serialize)]
pub struct Sent {
    /// The message.
    pub id: String,
    /// Tenant.
    pub tenant: String,
    /// Conversation.
    pub conversation: String,
    /// The tenant's number.
    pub number: String,
    /// Our upload, where it was named by our id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload: Option<String>,
    /// Meta's id, where it was named by that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<String>,
    /// Now.
    pub at: i64,
}

/// A medium whose time has come.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Due {
    /// The message.
    #[sqlx(try_from = "Uuid")]
    pub message_id: MessageId,
    /// Whose.
    #[sqlx(try_from = "Uuid")]
    pub tenant_id: TenantId,
    /// The conversation.
    #[sqlx(try_from = "Uuid")]
    pub conversation_id: ConversationId,
    /// The tenant's number.
    pub phone_number_id: String,
    /// Meta's message type.
    #[sqlx(rename = "type")]
    pub kind: String,
    /// The message as Meta sent it (JSON).
    pub content: String,
    /// `waiting`, `retrying`, `over_quota`.
    pub state: String,
    /// How often it was tried before.
    pub attempts: i64,
    /// When the webhook was taken in.
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
    /// When Meta's id ends.
    #[sqlx(try_from = "i64")]
    pub ends_at: Timestamp,
}

/// What people see of a medium.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Seen {
    /// The message.
    #[sqlx(try_from = "Uuid")]
    pub message_id: MessageId,
    /// `waiting`, `stored`, `retrying`, `gone`, `too_large`, `over_quota`, `deleted`.
    pub state: String,
    #[sqlx(rename = "sha256")]
    digest: Option<Vec<u8>>,
    /// µs; the next try.
    pub next_at: Option<i64>,
    /// Why it is not stored.
    pub detail: Option<String>,
    /// Its size.
    pub bytes: Option<i64>,
    /// Its type.
    pub mime_type: Option<String>,
    /// The type of its thumbnail.
    pub thumbnail: Option<String>,
    /// Pixels.
    pub width: Option<i64>,
    /// Pixels.
    pub height: Option<i64>,
}

impl Seen {
    /// The content, where it is stored.
    ///
    /// # Errors
    /// When the stored digest is damaged.
    pub fn sha256(&self) -> Result<Option<Digest>> {
        let found = self.digest.clone().map(digest);
        found.transpose().map_err(DbError::Corrupt)
    }
}

/// A medium that is not stored, for the page that lists them.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Missing {
    /// The message.
    #[sqlx(try_from = "Uuid")]
    pub message_id: MessageId,
    /// The conversation.
    #[sqlx(try_from = "Uuid")]
    pub conversation_id: ConversationId,
    /// With whom.
    pub contact_name: Option<String>,
    /// Their number.
    pub contact_phone: Option<String>,
    /// `image`, `video`, `audio`, `document`, `sticker`.
    pub kind: String,
    /// `waiting`, `retrying`, `gone`, `too_large`, `over_quota`.
    pub state: String,
    /// How often it was tried.
    pub attempts: i64,
    /// µs; the next try.
    pub next_at: Option<i64>,
    /// µs; Meta keeps it until then.
    pub ends_at: i64,
    /// Why it is not stored.
    pub detail: Option<String>,
    /// µs; when the message came.
    pub created_at: i64,
}

/// How many media are in a state.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Tally {
    /// `waiting`, `retrying`, `gone`, `too_large`, `over_quota`.
    pub state: String,
    /// How many.
    pub count: i64,
}

/// A medium whose file was given up.
#[derive(Debug, Clone, Copy)]
pub struct Expired {
    /// The message.
    pub message_id: MessageId,
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The content that it referred to.
    pub sha256: Digest,
}

#[derive(sqlx::FromRow)]
struct ExpiredRow {
    message_id: Uuid,
    conversation_id: Uuid,
    sha256: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct Claimed {
    message_id: Uuid,
}

#[derive(Serialize)]
struct Id {
    id: String,
}

fn ids(of: &[MessageId]) -> Vec<Id> {
    of.iter().map(|id| Id { id: id.hex() }).collect()
}

statements! {
    EXPECT = Sql::Each {
        sqlite: "INSERT INTO message_media (message_id, tenant_id, conversation_id, phone_number_id, kind, state, meta_id, attempts, next_at, ends_at, created_at, updated_at) \
            SELECT unhex(value->>'id'), unhex(value->>'tenant'), unhex(value->>'conversation'), value->>'number', value->>'kind', 'waiting', value->>'meta_id', 0, value->>'at', \
            value->>'ends_at', value->>'at', value->>'at' FROM jsonb_each($1)",
        postgres: "INSERT INTO message_media (message_id, tenant_id, conversation_id, phone_number_id, kind, state, meta_id, attempts, next_at, ends_at, created_at, updated_at) \
            SELECT id, tenant, conversation, number, kind, 'waiting', meta_id, 0, at, ends_at, at, at \
            FROM json_to_recordset($1::json) AS b(id uuid, tenant uuid, conversation uuid, number text, kind text, meta_id text, ends_at bigint, at bigint)",
    };
    SENT = Sql::Each {
        sqlite: "INSERT INTO message_media (message_id, tenant_id, conversation_id, phone_number_id, kind, state, sha256, attempts, ends_at, created_at, updated_at) \
            SELECT unhex(b.value->>'id'), unhex(b.value->>'tenant'), unhex(b.value->>'conversation'), b.value->>'number', f.kind, 'stored', f.sha256, 0, \
            b.value->>'at', b.value->>'at', b.value->>'at' FROM jsonb_each($1) b \
            LEFT JOIN media_uploads u ON u.id = unhex(b.value->>'upload') AND u.tenant_id = unhex(b.value->>'tenant') \
            LEFT JOIN media_ids i ON i.media_id = b.value->>'media' AND i.tenant_id = unhex(b.value->>'tenant') AND i.phone_number_id = b.value->>'number' \
            JOIN media_files f ON f.tenant_id = unhex(b.value->>'tenant') AND f.sha256 = COALESCE(u.sha256, i.sha256) AND f.state = 'stored' \
            WHERE TRUE ON CONFLICT (message_id) DO NOTHING",
        postgres: "INSERT INTO message_media (message_id, tenant_id, conversation_id, phone_number_id, kind, state, sha256, attempts, ends_at, created_at, updated_at) \
            SELECT b.id, b.tenant, b.conversation, b.number, f.kind, 'stored', f.sha256, 0, b.at, b.at, b.at \
            FROM json_to_recordset($1::json) AS b(id uuid, tenant uuid, conversation uuid, number text, upload uuid, media text, at bigint) \
            LEFT JOIN media_uploads u ON u.id = b.upload AND u.tenant_id = b.tenant \
            LEFT JOIN media_ids i ON i.media_id = b.media AND i.tenant_id = b.tenant AND i.phone_number_id = b.number \
            JOIN media_files f ON f.tenant_id = b.tenant AND f.sha256 = COALESCE(u.sha256, i.sha256) AND f.state = 'stored' \
            ON CONFLICT (message_id) DO NOTHING",
    };
    // In turns: the first of each tenant, then the second of each, so that a flood of one does not hold up the others.
    DUE = Sql::Both("SELECT d.message_id, d.tenant_id, d.conversation_id, d.phone_number_id, m.type, m.content, d.state, d.attempts, d.created_at, d.ends_at \
        FROM (SELECT message_id, tenant_id, conversation_id, phone_number_id, state, attempts, next_at, created_at, ends_at, \
            ROW_NUMBER() OVER (PARTITION BY tenant_id ORDER BY next_at, message_id) AS turn FROM message_media \
            WHERE next_at <= $1 AND (lease_until IS NULL OR lease_until <= $1)) d \
        JOIN messages m ON m.id = d.message_id WHERE d.turn <= $2 ORDER BY d.turn, d.next_at LIMIT $3");
    CLAIM = Sql::Each {
        sqlite: "UPDATE message_media SET lease_until = $3, attempts = attempts + 1 WHERE message_id IN (SELECT unhex(value->>'id') FROM jsonb_each($1)) \
            AND next_at <= $2 AND (lease_until IS NULL OR lease_until <= $2) RETURNING message_id",
        postgres: "UPDATE message_media SET lease_until = $3, attempts = attempts + 1 FROM json_to_recordset($1::json) AS b(id uuid) \
            WHERE message_media.message_id = b.id AND next_at <= $2 AND (lease_until IS NULL OR lease_until <= $2) RETURNING message_media.message_id",
    };
    RENEW = Sql::Each {
        sqlite: "UPDATE message_media SET lease_until = $2 WHERE message_id IN (SELECT unhex(value->>'id') FROM jsonb_each($1)) AND lease_until IS NOT NULL",
        postgres: "UPDATE message_media SET lease_until = $2 FROM json_to_recordset($1::json) AS b(id uuid) WHERE message_media.message_id = b.id AND lease_until IS NOT NULL",
    };
    STORED = Sql::Both("UPDATE message_media SET state = 'stored', sha256 = $3, next_at = NULL, lease_until = NULL, detail = NULL, updated_at = $4 \
        WHERE message_id = $2 AND tenant_id = $1 AND state <> 'stored' AND state <> 'deleted'");
    NOT_STORED = Sql::Both("UPDATE message_media SET state = $3, next_at = $4, lease_until = NULL, detail = $5, updated_at = $6 \
        WHERE message_id = $2 AND tenant_id = $1 AND state IN ('waiting', 'retrying', 'over_quota')");
    AGAIN = Sql::Both("UPDATE message_media SET state = 'waiting', attempts = 0, next_at = $3, lease_until = NULL, detail = NULL, updated_at = $3 \
        WHERE message_id = $2 AND tenant_id = $1 AND state IN ('waiting', 'retrying', 'gone', 'too_large', 'over_quota')");
    BROKEN = Sql::Both("UPDATE message_media SET state = 'waiting', sha256 = NULL, attempts = 0, next_at = $3, lease_until = NULL, detail = NULL, updated_at = $3 \
        WHERE tenant_id = $1 AND sha256 = $2 AND state = 'stored'");
    SEEN = Sql::Each {
        sqlite: "SELECT m.message_id, m.state, m.sha256, m.next_at, m.detail, f.bytes, f.mime_type, f.thumbnail, f.width, f.height FROM message_media m \
            LEFT JOIN media_files f ON f.tenant_id = m.tenant_id AND f.sha256 = m.sha256 \
            WHERE m.message_id IN (SELECT unhex(value->>'id') FROM jsonb_each($2)) AND +m.tenant_id = $1",
        postgres: "SELECT m.message_id, m.state, m.sha256, m.next_at, m.detail, f.bytes, f.mime_type, f.thumbnail, f.width, f.height \
            FROM json_to_recordset($2::json) AS b(id uuid) JOIN message_media m ON m.message_id = b.id AND m.tenant_id = $1 \
            LEFT JOIN media_files f ON f.tenant_id = m.tenant_id AND f.sha256 = m.sha256",
    };
    MISSING = Sql::Both("SELECT m.message_id, m.conversation_id, c.name AS contact_name, c.phone AS contact_phone, m.kind, m.state, m.attempts, m.next_at, m.ends_at, \
            m.detail, m.created_at FROM message_media m JOIN conversations v ON v.id = m.conversation_id JOIN contacts c ON c.id = v.contact_id \
        WHERE m.tenant_id = $1 AND m.state IN ('waiting', 'retrying', 'gone', 'too_large', 'over_quota') AND m.message_id < $2 \
            AND (m.state = $4 OR CAST($4 AS TEXT) IS NULL) ORDER BY m.message_id DESC LIMIT $3");
    TALLY = Sql::Both("SELECT state, COUNT(*) AS count FROM message_media WHERE tenant_id = $1 \
        AND state IN ('waiting', 'retrying', 'gone', 'too_large', 'over_quota') GROUP BY state ORDER BY state");
    QUEUED = Sql::Both("SELECT state, COUNT(*) AS count FROM message_media WHERE next_at IS NOT NULL GROUP BY state ORDER BY state");
    OLD = Sql::Both("SELECT message_id, conversation_id, sha256 FROM message_media WHERE tenant_id = $1 AND state = 'stored' AND created_at < $2 \
        AND sha256 IS NOT NULL ORDER BY created_at LIMIT $3");
    EXPIRE = Sql::Each {
        sqlite: "UPDATE message_media SET state = 'deleted', sha256 = NULL, updated_at = $2 \
            WHERE message_id IN (SELECT unhex(value->>'id') FROM jsonb_each($1)) AND state = 'stored'",
        postgres: "UPDATE message_media SET state = 'deleted', sha256 = NULL, updated_at = $2 FROM json_to_recordset($1::json) AS b(id uuid) \
            WHERE message_media.message_id = b.id AND state = 'stored'",
    };
}

/// Queues media to be fetched, in the transaction that writes their messages.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_expect(tx: &mut Tx, rows: &[Expected]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.run(EXPECT, vec![batch(rows)?]).await.map(drop)
}

/// Ties outgoing messages to the files that they carry, where we have them.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_sent(tx: &mut Tx, rows: &[Sent]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.run(SENT, vec![batch(rows)?]).await.map(drop)
}

/// Media whose time has come, in turns between tenants, at most `each` of a tenant.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_due(db: &Db, now: Timestamp, each: i64, limit: i64) -> Result<Vec<Due>> {
    db.all(DUE, args![now, each, limit]).await
}

/// Claims media until `lease_until`; gives those that nobody else had claimed.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_claim(
    db: &Db,
    wanted: &[MessageId],
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Vec<MessageId>> {
    let mut args = vec![batch(&ids(wanted))?];
    args.extend(args![now, lease_until]);
    let mut tx = db.begin().await?;
    let rows: Vec<Claimed> = tx.all(CLAIM, args).await?;
    tx.commit().await?;
    Ok(rows.into_iter().map(|row| row.message_id.into()).collect())
}

/// Prolongs the claims of what is being fetched.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_renew(
    db: &Db,
    claimed: &[MessageId],
    lease_until: Timestamp,
) -> Result<()> {
    let mut args = vec![batch(&ids(claimed))?];
    args.extend(args![lease_until]);
    db.run(RENEW, args).await.map(drop)
}

/// The medium is stored. False when that was so already.
///
/// # Errors
/// When the database refuses.
pub async fn stored(
    tx: &mut Tx,
    tenant: TenantId,
    message: MessageId,
    sha256: Digest,
    now: Timestamp,
) -> Result<bool> {
    let args = args![tenant, message, sha256.to_vec(), now];
    Ok(tx.run(STORED, args).await? == 1)
}

/// What stands in the way of a medium.
#[derive(Debug, Clone)]
pub struct Hindrance<'a> {
    /// `retrying`, `gone`, `too_large`, `over_quota`.
    pub state: &'a str,
    /// The next try; none: there is none.
    pub next_at: Option<Timestamp>,
    /// A sentence for people.
    pub detail: &'a str,
}

/// The medium could not be stored this time. False when it has an outcome already.
///
/// # Errors
/// When the database refuses.
pub async fn not_stored(
    tx: &mut Tx,
    tenant: TenantId,
    message: MessageId,
    why: &Hindrance<'_>,
    now: Timestamp,
) -> Result<bool> {
    let args = args![tenant, message, why.state, why.next_at, why.detail, now];
    Ok(tx.run(NOT_STORED, args).await? == 1)
}

/// Somebody wants it tried again now. False when there is nothing to fetch.
///
/// # Errors
/// When the database refuses.
pub async fn again(
    tx: &mut Tx,
    tenant: TenantId,
    message: MessageId,
    now: Timestamp,
) -> Result<bool> {
    Ok(tx.run(AGAIN, args![tenant, message, now]).await? == 1)
}

/// The bytes of a content are missing: its messages are fetched again while Meta still has them.
///
/// # Errors
/// When the database refuses.
pub async fn broken(tx: &mut Tx, tenant: TenantId, sha256: Digest, now: Timestamp) -> Result<u64> {
    tx.run(BROKEN, args![tenant, sha256.to_vec(), now]).await
}

/// What people see of the media of these messages; those without are left out.
///
/// # Errors
/// When the database refuses.
pub async fn seen(db: &Db, tenant: TenantId, messages: &[MessageId]) -> Result<Vec<Seen>> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let mut args = args![tenant];
    args.push(batch(&ids(messages))?);
    db.all(SEEN, args).await
}

/// A page of the tenant's media that are not stored, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn missing(
    db: &Db,
    tenant: TenantId,
    state: Option<&str>,
    page: Page<MessageId>,
) -> Result<Vec<Missing>> {
    let args = args![tenant, page.below(), page.limit, state.map(str::to_owned)];
    db.all(MISSING, args).await
}

/// How many of the tenant's media are not stored, by state.
///
/// # Errors
/// When the database refuses.
pub async fn tally(db: &Db, tenant: TenantId) -> Result<Vec<Tally>> {
    db.all(TALLY, args![tenant]).await
}

/// How many media are still to be fetched, by state.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_queued(db: &Db) -> Result<Vec<Tally>> {
    db.all(QUEUED, args![]).await
}

/// Gives up the files of the tenant's messages from before `before`.
///
/// # Errors
/// When the database refuses.
pub async fn expire(
    tx: &mut Tx,
    tenant: TenantId,
    before: Timestamp,
    limit: i64,
    now: Timestamp,
) -> Result<Vec<Expired>> {
    let old: Vec<ExpiredRow> = tx.all(OLD, args![tenant, before, limit]).await?;
    let old = old
        .into_iter()
        .map(|row| {
            Ok(Expired {
                message_id: row.message_id.into(),
                conversation_id: row.conversation_id.into(),
                sha256: digest(row.sha256).map_err(DbError::Corrupt)?,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    if !old.is_empty() {
        let messages: Vec<_> = old.iter().map(|row| row.message_id).collect();
        let mut args = vec![batch(&ids(&messages))?];
        args.extend(args![now]);
        tx.run(EXPIRE, args).await?;
    }
    Ok(old)
}
