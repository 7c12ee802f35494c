//! A conversation as the API shows it.

use domain::{Timestamp, window};
use serde::Serialize;
use store::conversations::Conversation;
use utoipa::ToSchema;

/// A tenant's number × a contact.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationView {
    /// Our id.
    #[schema(example = "cnv_0193a5c47d1e7c3f8a2b4c5d6e7f8091")]
    id: String,
    /// The tenant's number.
    phone_number_id: String,
    /// With whom.
    contact: Who,
    /// `open`.
    status: String,
    /// Inbound messages that nobody has seen.
    unread_count: i64,
    /// The newest message.
    last_message: Option<LastMessage>,
    /// Whether free-form messages may be sent now.
    window_open: bool,
    /// When the customer service window closes.
    window_closes_at: Option<String>,
    /// When it began.
    created_at: String,
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

/// One line of the newest message.
#[derive(Debug, Serialize, ToSchema)]
struct LastMessage {
    /// One line.
    preview: String,
    /// `inbound` or `outbound`.
    direction: Option<String>,
    /// When it was written.
    at: String,
}

impl ConversationView {
    pub(crate) fn of(row: Conversation, now: Timestamp) -> Self {
        let last_inbound = row.last_inbound_at.map(Timestamp);
        Self {
            id: row.id.to_string(),
            phone_number_id: row.phone_number_id,
            contact: Who {
                id: domain::ContactId(row.contact_id).to_string(),
                name: row.contact_name,
                phone: row.contact_phone,
                username: row.contact_username,
            },
            status: row.status,
            unread_count: row.unread_count,
            last_message: row.last_message_preview.map(|preview| LastMessage {
                preview,
                direction: row.last_message_direction,
                at: row.last_message_at.rfc3339(),
            }),
            window_open: window::is_open(last_inbound, now),
            window_closes_at: window::closes_at(last_inbound).map(Timestamp::rfc3339),
            created_at: row.created_at.rfc3339(),
        }
    }
}
