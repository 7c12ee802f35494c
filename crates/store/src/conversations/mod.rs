//! Conversations: a tenant's number × a contact. [`list`] pages and counts them, [`work`] changes who has
//! one and whether it is done.

pub mod list;
pub mod work;

pub use work::unassign_all;

use domain::{ConversationId, Sight, TenantId, Timestamp, UserId};
use serde::Serialize;
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};
use crate::sight::{self, seen};

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
    /// When the business first answered the contact who came through an ad (µs): begins the free entry point.
    pub free_entry_at: Option<i64>,
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
    /// Who has it from the beginning, 32 hex digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// Now (µs).
    pub at: i64,
}

/// Who has a conversation.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Holder {
    /// Which.
    #[sqlx(try_from = "Uuid")]
    pub id: ConversationId,
    /// The colleague; none when nobody has it.
    pub assigned_to: Option<Uuid>,
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
    /// When the newest of them came through an ad (µs).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral_at: Option<i64>,
    /// When the first of the batch was written that the business sent (µs): may answer an ad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<i64>,
}

impl Touch {
    /// The business wrote at `at` (µs).
    pub fn answered(&mut self, at: i64) {
        self.answered_at = Some(self.answered_at.map_or(at, |first| first.min(at)));
    }
}

/// Somebody called the tenant's number, which opens the window as a message does.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    /// Conversation, 32 hex digits.
    pub id: String,
    /// When (µs).
    pub at: i64,
}

/// The columns of [`Conversation`].
macro_rules! columns {
    () => {
        "v.id, v.phone_number_id, n.display_phone_number, v.contact_id, c.name AS contact_name, c.phone AS contact_phone, \
         c.username AS contact_username, v.status, v.snoozed_until, v.assigned_to, u.name AS assigned_name, v.unread_count, v.last_message_id, \
         m.type AS last_message_type, m.status AS last_message_status, v.last_message_preview, v.last_message_direction, v.last_message_at, \
         v.last_inbound_at, v.free_entry_at, v.created_at"
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
        sqlite: "INSERT INTO conversations (id, tenant_id, phone_number_id, contact_id, status, unread_count, last_message_at, created_at, \
            assigned_to, assigned_at) \
            SELECT unhex(value->>'id'), unhex(value->>'tenant'), value->>'number', unhex(value->>'contact'), 'open', 0, value->>'at', value->>'at', \
            unhex(value->>'holder'), CASE WHEN value->>'holder' IS NOT NULL THEN value->>'at' END FROM jsonb_each($1)",
        postgres: "INSERT INTO conversations (id, tenant_id, phone_number_id, contact_id, status, unread_count, last_message_at, created_at, \
            assigned_to, assigned_at) \
            SELECT id, tenant, number, contact, 'open', 0, at, at, holder, CASE WHEN holder IS NOT NULL THEN at END \
            FROM json_to_recordset($1::json) AS b(id uuid, tenant uuid, number text, contact uuid, holder uuid, at bigint)",
    };
    // The last message is the newest by its own time, so a late one does not push itself to the top. What somebody
    // has to read brings a closed or snoozed conversation back. The free entry point is `domain::window::answered`.
    TOUCH = Sql::Each {
        sqlite: "UPDATE conversations SET unread_count = unread_count + (b.value->>'unread'), \
            status = CASE WHEN b.value->>'unread' > 0 THEN 'open' ELSE status END, \
            snoozed_until = CASE WHEN b.value->>'unread' > 0 THEN NULL ELSE snoozed_until END, \
            last_message_id = CASE WHEN b.value->>'at' >= last_message_at OR last_message_id IS NULL THEN unhex(b.value->>'message') ELSE last_message_id END, \
            last_message_preview = CASE WHEN b.value->>'at' >= last_message_at OR last_message_id IS NULL THEN b.value->>'preview' ELSE last_message_preview END, \
            last_message_direction = CASE WHEN b.value->>'at' >= last_message_at OR last_message_id IS NULL THEN b.value->>'direction' ELSE last_message_direction END, \
            last_message_at = CASE WHEN b.value->>'at' >= last_message_at OR last_message_id IS NULL THEN b.value->>'at' ELSE last_message_at END, \
            last_inbound_at = CASE WHEN b.value->>'inbound_at' IS NULL THEN last_inbound_at \
                WHEN last_inbound_at IS NULL OR last_inbound_at < b.value->>'inbound_at' THEN b.value->>'inbound_at' ELSE last_inbound_at END, \
            referral_at = CASE WHEN b.value->>'referral_at' IS NULL THEN referral_at \
                WHEN referral_at IS NULL OR referral_at < b.value->>'referral_at' THEN b.value->>'referral_at' ELSE referral_at END, \
            free_entry_at = CASE WHEN b.value->>'answered_at' IS NULL THEN free_entry_at WHEN COALESCE(b.value->>'referral_at', referral_at) <= b.value->>'answered_at' AND b.value->>'answered_at' < COALESCE(b.value->>'referral_at', referral_at) + 86400000000 \
                AND (free_entry_at IS NULL OR COALESCE(b.value->>'referral_at', referral_at) >= free_entry_at + 259200000000) THEN b.value->>'answered_at' ELSE free_entry_at END \
            FROM jsonb_each($1) b WHERE conversations.id = unhex(b.value->>'id')",
        postgres: "UPDATE conversations SET unread_count = unread_count + b.unread, \
            status = CASE WHEN b.unread > 0 THEN 'open' ELSE status END, \
            snoozed_until = CASE WHEN b.unread > 0 THEN NULL ELSE snoozed_until END, \
            last_message_id = CASE WHEN b.at >= last_message_at OR last_message_id IS NULL THEN b.message ELSE last_message_id END, \
            last_message_preview = CASE WHEN b.at >= last_message_at OR last_message_id IS NULL THEN b.preview ELSE last_message_preview END, \
            last_message_direction = CASE WHEN b.at >= last_message_at OR last_message_id IS NULL THEN b.direction ELSE last_message_direction END, \
            last_message_at = CASE WHEN b.at >= last_message_at OR last_message_id IS NULL THEN b.at ELSE last_message_at END, \
            last_inbound_at = CASE WHEN b.inbound_at IS NULL THEN last_inbound_at \
                WHEN last_inbound_at IS NULL OR last_inbound_at < b.inbound_at THEN b.inbound_at ELSE last_inbound_at END, \
            referral_at = CASE WHEN b.referral_at IS NULL THEN conversations.referral_at \
                WHEN conversations.referral_at IS NULL OR conversations.referral_at < b.referral_at THEN b.referral_at ELSE conversations.referral_at END, \
            free_entry_at = CASE WHEN b.answered_at IS NULL THEN free_entry_at WHEN COALESCE(b.referral_at, conversations.referral_at) <= b.answered_at AND b.answered_at < COALESCE(b.referral_at, conversations.referral_at) + 86400000000 \
                AND (free_entry_at IS NULL OR COALESCE(b.referral_at, conversations.referral_at) >= free_entry_at + 259200000000) THEN b.answered_at ELSE free_entry_at END \
            FROM json_to_recordset($1::json) AS b(id uuid, unread bigint, message uuid, preview text, direction text, at bigint, inbound_at bigint, \
                referral_at bigint, answered_at bigint) \
            WHERE conversations.id = b.id",
    };
    // Without a message yet, the call is what was last.
    CALLED = Sql::Each {
        sqlite: "UPDATE conversations SET last_inbound_at = b.value->>'at', \
            last_message_at = CASE WHEN last_message_id IS NULL THEN b.value->>'at' ELSE last_message_at END FROM jsonb_each($1) b \
            WHERE conversations.id = unhex(b.value->>'id') AND (last_inbound_at IS NULL OR last_inbound_at < b.value->>'at')",
        postgres: "UPDATE conversations SET last_inbound_at = b.at, \
            last_message_at = CASE WHEN last_message_id IS NULL THEN b.at ELSE last_message_at END FROM json_to_recordset($1::json) AS b(id uuid, at bigint) \
            WHERE conversations.id = b.id AND (last_inbound_at IS NULL OR last_inbound_at < b.at)",
    };
    HOLDERS = Sql::Each {
        sqlite: "SELECT v.id, v.assigned_to FROM jsonb_each($1) b CROSS JOIN conversations v ON v.id = unhex(b.value)",
        postgres: "SELECT v.id, v.assigned_to FROM json_array_elements_text($1::json) AS b(id) JOIN conversations v ON v.id = b.id::uuid",
    };
    GET = Sql::Both(concat!("SELECT ", columns!(), " FROM conversations v ", beside!(), " WHERE v.id = $2 AND v.tenant_id = $1"));
    MARK_READ = Sql::Both(concat!("UPDATE conversations SET unread_count = 0 WHERE id = $2 AND tenant_id = $1 AND unread_count > 0 AND ",
        seen!("assigned_to", "$3", "$4", "$5")));
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
    // Everybody locks several conversations in the order of their ids: two who wait for each other are an error.
    let mut rows: Vec<&Touch> = rows.iter().collect();
    rows.sort_unstable_by(|one, other| one.id.cmp(&other.id));
    tx.run(TOUCH, vec![batch(&rows)?]).await.map(drop)
}

/// Writes what calls changed, at most one for each conversation.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_called(tx: &mut Tx, calls: &[Call]) -> Result<()> {
    if calls.is_empty() {
        return Ok(());
    }
    tx.run(CALLED, vec![batch(calls)?]).await.map(drop)
}

/// Who has these conversations; those that do not exist are missing from the answer.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_holders(db: &Db, ids: &[ConversationId]) -> Result<Vec<Holder>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    db.all(HOLDERS, vec![batch(&hexes(ids))?]).await
}

/// [`any_tenant_holders`] within a transaction.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_holders_in(tx: &mut Tx, ids: &[ConversationId]) -> Result<Vec<Holder>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    tx.all(HOLDERS, vec![batch(&hexes(ids))?]).await
}

fn hexes(ids: &[ConversationId]) -> Vec<String> {
    ids.iter().map(|id| id.hex()).collect()
}

/// One conversation of the tenant, where it is seen.
///
/// # Errors
/// When the database refuses.
pub async fn get(
    db: &Db,
    tenant: TenantId,
    sight: Sight,
    id: ConversationId,
) -> Result<Option<Conversation>> {
    let row: Option<Conversation> = db.first(GET, args![tenant, id]).await?;
    Ok(row.filter(|row| sight.sees(row.assigned_to.map(UserId))))
}

/// Sets the unread count to zero. False when there was nothing unread or no such conversation is seen.
///
/// # Errors
/// When the database refuses.
pub async fn mark_read(
    tx: &mut Tx,
    tenant: TenantId,
    sight: Sight,
    id: ConversationId,
) -> Result<bool> {
    let mut args = args![tenant, id];
    args.extend(sight::args(sight));
    Ok(tx.run(MARK_READ, args).await? == 1)
}
