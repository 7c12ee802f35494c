//! A conversation as the API shows it.

use domain::Timestamp;
use domain::window::Window;
use serde::Serialize;
use store::conversations::Conversation;
use utoipa::ToSchema;
use uuid::Uuid;

/// A tenant's number × a contact.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationView {
    /// Our id.
    #[schema(example = "cnv_0193a5c47d1e7c3f8a2b4c5d6e7f8091")]
    id: String,
    /// The tenant's number.
    phone_number_id: String,
    /// As people read it.
    display_phone_number: Option<String>,
    /// With whom.
    contact: Who,
    /// `open`, `closed`, `snoozed`.
    status: String,
    /// When a snoozed one comes back.
    snoozed_until: Option<String>,
    /// The colleague who has it.
    assigned_to: Option<Colleague>,
    /// Inbound messages that nobody has seen.
    unread_count: i64,
    /// The newest message.
    last_message: Option<LastMessage>,
    /// Whether free-form messages may be sent now.
    window_open: bool,
    /// When the customer service window closes.
    window_closes_at: Option<String>,
    /// What may be sent now, and what is free.
    window: WindowView,
    /// When it began.
    created_at: String,
    /// The message in which it stands that was looked for; only in searches, and null where it is the contact.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<MatchView>)]
    found: Option<Option<MatchView>>,
}

/// A message in which it stands that was looked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MatchView {
    /// The newest one of the conversation.
    message_id: String,
    /// A line of it, with U+0002 before each hit and U+0003 behind it.
    excerpt: String,
}

/// What may be sent in a conversation, and what is free.
#[derive(Debug, Serialize, ToSchema)]
struct WindowView {
    /// Whether free-form messages may be sent now: the person wrote or called in the last 24 hours.
    open: bool,
    /// When that ends or ended; null when they never did.
    closes_at: Option<String>,
    /// Until when everything is free, because the person came through an ad and was answered in time; null when not.
    free_entry_until: Option<String>,
}

/// The other side.
#[derive(Debug, Serialize, ToSchema)]
struct Who {
    /// Their id.
    id: String,
    /// Their profile name.
    name: Option<String>,
    /// Digits with country code; null for people who hide it.
    phone: Option<String>,
    /// Their username.
    username: Option<String>,
}

/// One of the tenant's people.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Colleague {
    /// Their id.
    pub(crate) user_id: String,
    /// Their name.
    pub(crate) name: String,
}

impl Colleague {
    pub(crate) fn of(id: Option<Uuid>, name: Option<String>) -> Option<Self> {
        id.map(|id| Self {
            user_id: domain::UserId(id).to_string(),
            name: name.unwrap_or_default(),
        })
    }
}

/// One line of the newest message.
#[derive(Debug, Serialize, ToSchema)]
struct LastMessage {
    /// Its id.
    id: Option<String>,
    /// Meta's message type.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// How far it has come.
    status: Option<String>,
    /// One line.
    preview: String,
    /// `inbound` or `outbound`.
    direction: Option<String>,
    /// When it was written.
    at: String,
}

impl ConversationView {
    pub(crate) fn with_match(mut self, hit: Option<(domain::MessageId, String)>) -> Self {
        self.found = Some(hit.map(|(id, excerpt)| MatchView {
            message_id: id.to_string(),
            excerpt,
        }));
        self
    }

    pub(crate) fn of(row: Conversation, now: Timestamp) -> Self {
        let window = Window {
            last_inbound_at: row.last_inbound_at.map(Timestamp),
            free_entry_at: row.free_entry_at.map(Timestamp),
            ..Window::default()
        };
        let closes_at = window.closes_at().map(Timestamp::rfc3339);
        Self {
            id: row.id.to_string(),
            phone_number_id: row.phone_number_id,
            display_phone_number: row.display_phone_number,
            snoozed_until: row.snoozed_until.map(|at| Timestamp(at).rfc3339()),
            assigned_to: Colleague::of(row.assigned_to, row.assigned_name),
            contact: Who {
                id: domain::ContactId(row.contact_id).to_string(),
                name: row.contact_name,
                phone: row.contact_phone,
                username: row.contact_username,
            },
            status: row.status,
            unread_count: row.unread_count,
            last_message: row.last_message_preview.map(|preview| LastMessage {
                id: row
                    .last_message_id
                    .map(|id| domain::MessageId(id).to_string()),
                kind: row.last_message_type,
                status: row.last_message_status,
                preview,
                direction: row.last_message_direction,
                at: row.last_message_at.rfc3339(),
            }),
            window_open: window.is_open(now),
            window_closes_at: closes_at.clone(),
            window: WindowView {
                open: window.is_open(now),
                closes_at,
                free_entry_until: window.free_entry_until(now).map(Timestamp::rfc3339),
            },
            created_at: row.created_at.rfc3339(),
            found: None,
        }
    }
}
