//! A message as the API shows it.

use domain::Timestamp;
use serde::Serialize;
use serde_json::Value;
use store::messages::Message;
use store::outbox::Place;
use utoipa::ToSchema;

use crate::api::conversations::Colleague;

/// A message in either direction.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessageView {
    /// Our id.
    #[schema(example = "msg_0193a5c47d1e7c3f8a2b4c5d6e7f8091")]
    id: String,
    /// Meta's id; null until Meta has taken the message.
    wamid: Option<String>,
    /// `inbound`, `outbound`, or `internal` (notes and activity, which never leave).
    direction: String,
    /// Who caused it: `contact`, `api`, `member`, `auto_reply`, `business_app`, `history`, `system`.
    origin: String,
    /// The person who wrote it, where it was one of the tenant's.
    author: Option<Colleague>,
    /// Meta's message type; `note` or `activity` of internal ones.
    #[serde(rename = "type")]
    kind: String,
    /// Its text: body, caption, button title …
    text: Option<String>,
    /// One line.
    preview: String,
    /// `received`; `recorded` (internal); `queued`, `uncertain`, `accepted`, `sent`, `delivered`, `read`, `played`, `failed`.
    status: String,
    /// Why it failed: Meta's `code`, `title`, `details`, and a plain `explanation`.
    #[schema(value_type = Option<Object>)]
    error: Option<Value>,
    /// The conversation it stands in.
    conversation_id: String,
    /// With whom.
    contact_id: String,
    /// The tenant's number.
    phone_number_id: String,
    /// The wamid that it answers.
    reply_to: Option<String>,
    /// The message in Meta's own form.
    #[schema(value_type = Object)]
    content: Value,
    /// Meta's pricing block.
    #[schema(value_type = Option<Object>)]
    pricing: Option<Value>,
    /// When it was written.
    occurred_at: String,
    /// When we had it.
    created_at: String,
    /// When Meta reported it sent.
    sent_at: Option<String>,
    /// When Meta reported it delivered.
    delivered_at: Option<String>,
    /// When Meta reported it read.
    read_at: Option<String>,
    /// When Meta reported it played.
    played_at: Option<String>,
    /// When it failed.
    failed_at: Option<String>,
    /// Where it stands in the queue; only on the message itself, and null once Meta has answered for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<QueueView>,
}

/// Where an outgoing message stands in the queue, and why it waits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QueueView {
    /// `queued`, `sending`, `uncertain`.
    state: String,
    /// It does not leave before.
    next_at: String,
    /// When an uncertain one is settled by the tenant's policy; null when somebody has to decide.
    settle_at: Option<String>,
    /// How often Meta refused it for a passing reason.
    attempts: i64,
    /// What was last in its way.
    reason: Option<String>,
}

impl MessageView {
    pub(crate) fn with_queue(mut self, place: Option<Place>) -> Self {
        self.queue = place.map(|place| QueueView {
            state: place.state,
            next_at: Timestamp(place.next_at).rfc3339(),
            settle_at: moment(place.settle_at),
            attempts: place.attempts,
            reason: place.last_error,
        });
        self
    }
}

fn json(text: Option<String>) -> Option<Value> {
    // What is not JSON (half a surrogate pair, say) is shown as text rather than not at all.
    text.map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

fn moment(micros: Option<i64>) -> Option<String> {
    micros.map(|micros| Timestamp(micros).rfc3339())
}

impl From<Message> for MessageView {
    fn from(row: Message) -> Self {
        Self {
            id: row.id.to_string(),
            wamid: row.wamid,
            direction: row.direction,
            origin: row.origin,
            author: Colleague::of(row.author_id, row.author_name),
            kind: row.kind,
            text: row.text,
            preview: row.preview,
            status: row.status,
            error: json(row.failure),
            conversation_id: row.conversation_id.to_string(),
            contact_id: domain::ContactId(row.contact_id).to_string(),
            phone_number_id: row.phone_number_id,
            reply_to: row.reply_to,
            content: json(Some(row.content)).unwrap_or(Value::Null),
            pricing: json(row.pricing),
            occurred_at: row.occurred_at.rfc3339(),
            created_at: row.created_at.rfc3339(),
            sent_at: moment(row.sent_at),
            delivered_at: moment(row.delivered_at),
            read_at: moment(row.read_at),
            played_at: moment(row.played_at),
            failed_at: moment(row.failed_at),
            queue: None,
        }
    }
}
