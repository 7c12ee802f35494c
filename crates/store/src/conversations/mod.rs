//! Conversations: a tenant's number × a contact. [`list`] pages and counts them, [`work`] changes who has
//! one and whether it is done.

pub mod list;
pub mod work;

pub use work::unassign_all;

use domain::{ConversationId, TenantId, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};

/// A conversation's row, with what stands beside it: the contact, the number, the colleague, the last message.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Conversation {
    /// Its id.
    #[sqlx(try_from = "Uuid")]
    pub id: ConversationId,
    /// The tenant's number.
    pub phone_number_id: String,
    /// As people read it.
    pub display_phone_number: Option<String>,
    /// With whom.
    pub contact_id: Uuid,
    /// Their name.
    pub contact_name: Option<String>,
    /// Their number, if known.
    pub contact_phone: Option<String>,
    /// Their username, if known.
    pub contact_username: Option<String>,
    /// `open`, `closed`, `snoozed`.
    pub status: String,
    /// When a snoozed one comes back (µs).
    pub snoozed_until: Option<i64>,
    /// The colleague who has it.
    pub assigned_to: Option<Uuid>,
    /// Their name.
    pub assigned_name: Option<String>,
    /// Inbound messages that nobody has seen.
    pub unread_count: i64,
    /// The last message.
    pub last_message_id: Option<Uuid>,
    /// Meta's type of it.
    pub last_message_type: Option<String>,
    /// How far it has come.
    pub last_message_status: Option<String>,
    /// One line of it.
    pub last_message_preview: Option<String>,
    /// Its direction.
    pub last_message_direction: Option<String>,
    /// When it was written.
    #[sqlx(try_from = "i64")]
    pub last_message_at: Timestamp,
    /// When the contact last wrote (µs): opens the customer service window.
    pub last_inbound_at: Option<i64>,
    /// When it began.
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
}

/// A conversation to add.
#[derive(Debug, Clone, Serialize)]
pub struct New {
    /// Id, 32 hex digits.
    pub id: String,
    /// Tenant, 32 hex digits.
    pub tenant: String,
    /// The tenant's number.
    pub number: String,
    /// Contact, 32 hex digits.
    pub contact: String,
    /// Now (µs).
    pub at: i64,
}

/// What a batch of messages changes in one conversation.
#[derive(Debug, Clone, Serialize)]
pub struct Touch {
    /// Conversation, 32 hex digits.
    pub id: String,
    /// How many unread ones are added.
    pub unread: i64,
    /// The newest message of the batch, 32 hex digits.
    pub message: String,
    /// One line of it.
    pub preview: String,
    /// Its direction.
    pub direction: &'static str,
    /// When it was written (µs).
    pub at: i64,
    /// When the newest inbound one of the batch was written (µs).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inbound_at: Option<i64>,
}

/// The columns of [`Conversation`].
macro_rules! columns {
    () => {
        "v.id, v.phone_number_id, n.display_phone_number, v.contact_id, c.name AS contact_name, c.phone AS contact_phone, \
         c.username AS contact_username, v.status, v.snoozed_until, v.assigned_to, u.name AS assigned_name, v.unread_count, v.last_message_id, \
         m.type AS last_message_type, m.status AS last_message_status, v.last_message_preview, v.last_message_direction, v.last_message_at, \
         v.last_inbound_at, v.created_at"
    };
}

/// What they are read from, beside the conversation.
macro_rules! beside {
    () => {
        "JOIN contacts c ON c.id = v.contact_id LEFT JOIN phone_numbers n ON n.phone_number_id = v.phone_number_id \
         LEFT JOIN users u ON u.id = v.assigned_to LEFT JOIN messages m ON m.id = v.last_message_id"
    };
}

use {beside, columns};

statements! {
    ADD = Sql::Each {
        sqlite: "INSERT INTO conversations (id, tenant_id, phone_number_id, contact_id, status, unread_count, last_message_at, created_at) \
            SELECT unhex(value->>'id'), unhex(value->>'tenant'), value->>'number', unhex(value->>'contact'), 'open', 0, value->>'at', value->>'at' \
            FROM jsonb_each($1)",
        postgres: "INSERT INTO conversations (id, tenant_id, phone_number_id, contact_id, status, unread_count, last_message_at, created_at) \
            SELECT id, tenant, number, contact, 'open', 0, at, at \
            FROM json_to_recordset($1::json) AS b(id uuid, tenant uuid, number text, contact uuid, at bigint)",
    };
    // The last message is the newest by its own time, so a late one does not push itself to the top. What somebody
    // has to read brings a closed or snoozed conversation back.
    TOUCH = Sql::Each {
        sqlite: "UPDATE conversations SET unread_count = unread_count + (b.value->>'unread'), \
            status = CASE WHEN b.value->>'unread' > 0 THEN 'open' ELSE status END, \
            snoozed_until = CASE WHEN b.value->>'unread' > 0 THEN NULL ELSE snoozed_until END, \
            last_message_id = CASE WHEN b.value->>'at' >= last_message_at OR last_message_id IS NULL THEN unhex(b.value->>'message') ELSE last_message_id END, \
            last_message_preview = CASE WHEN b.value->>'at' >= last_message_at OR last_message_id IS NULL THEN b.value->>'preview' ELSE last_message_preview END, \
            last_message_direction = CASE WHEN b.value->>'at' >= last_message_at OR last_message_id IS NULL THEN b.value->>'direction' ELSE last_message_direction END, \
            last_message_at = CASE WHEN b.value->>'at' >= last_message_at OR last_message_id IS NULL THEN b.value->>'at' ELSE last_message_at END, \
            last_inbound_at = CASE WHEN b.value->>'inbound_at' IS NULL THEN last_inbound_at \
                WHEN last_inbound_at IS NULL OR last_inbound_at < b.value->>'inbound_at' THEN b.value->>'inbound_at' ELSE last_inbound_at END \
            FROM jsonb_each($1) b WHERE conversations.id = unhex(b.value->>'id')",
        postgres: "UPDATE conversations SET unread_count = unread_count + b.unread, \
            status = CASE WHEN b.unread > 0 THEN 'open' ELSE status END, \
            snoozed_until = CASE WHEN b.unread > 0 THEN NULL ELSE snoozed_until END, \
            last_message_id = CASE WHEN b.at >= last_message_at OR last_message_id IS NULL THEN b.message ELSE last_message_id END, \
            last_message_preview = CASE WHEN b.at >= last_message_at OR last_message_id IS NULL THEN b.preview ELSE last_message_preview END, \
            last_message_direction = CASE WHEN b.at >= last_message_at OR last_message_id IS NULL THEN b.direction ELSE last_message_direction END, \
            last_message_at = CASE WHEN b.at >= last_message_at OR last_message_id IS NULL THEN b.at ELSE last_message_at END, \
            last_inbound_at = CASE WHEN b.inbound_at IS NULL THEN last_inbound_at \
                WHEN last_inbound_at IS NULL OR last_inbound_at < b.inbound_at THEN b.inbound_at ELSE last_inbound_at END \
            FROM json_to_recordset($1::json) AS b(id uuid, unread bigint, message uuid, preview text, direction text, at bigint, inbound_at bigint) \
            WHERE conversations.id = b.id",
    };
    GET = Sql::Both(concat!("SELECT ", columns!(), " FROM conversations v ", beside!(), " WHERE v.id = $2 AND v.tenant_id = $1"));
    MARK_READ = Sql::Both("UPDATE conversations SET unread_count = 0 WHERE id = $2 AND tenant_id = $1 AND unread_count > 0");
}

/// Adds conversations.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_add(tx: &mut Tx, rows: &[New]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.run(ADD, vec![batch(rows)?]).await.map(drop)
}

/// Writes what messages changed.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_touch(tx: &mut Tx, rows: &[Touch]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.run(TOUCH, vec![batch(rows)?]).await.map(drop)
}

/// One conversation of the tenant.
///
/// # Errors
/// When the database refuses.
pub async fn get(db: &Db, tenant: TenantId, id: ConversationId) -> Result<Option<Conversation>> {
    db.first(GET, args![tenant, id]).await
}

/// Sets the unread count to zero. False when there was nothing unread or no such conversation.
///
/// # Errors
/// When the database refuses.
pub async fn mark_read(tx: &mut Tx, tenant: TenantId, id: ConversationId) -> Result<bool> {
    Ok(tx.run(MARK_READ, args![tenant, id]).await? == 1)
}
