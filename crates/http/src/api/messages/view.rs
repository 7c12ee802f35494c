//! A message as the API shows it.

use std::collections::HashMap;

use domain::{MessageId, TenantId, Timestamp};
use meta::errors;
use serde::Serialize;
use serde_json::Value;
use store::media::of_messages::{self, Seen};
use store::messages::Message;
use store::outbox::look::{Hold, Place};
use utoipa::ToSchema;

use crate::App;
use crate::api::conversations::Colleague;
use crate::problem::Result;

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
    /// `received`; `recorded` (internal); `queued`, `held`, `sending`, `uncertain`, `accepted`, `sent`, `delivered`, `read`,
    /// `played`, `failed`, `cancelled`, `expired`.
    status: String,
    /// Why it failed: Meta's `code`, `title`, `details`, a plain `explanation`, and a `remedy` (what to do, and who can
    /// do it) where one is known.
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
    /// The file that it carries; null of messages without one, and of files that we never had.
    media: Option<MediaView>,
    /// When Meta took it.
    accepted_at: Option<String>,
    /// When it was cancelled or expired.
    ended_at: Option<String>,
    /// The label under which it was sent.
    batch: Option<String>,
    /// What holds it back; null unless its status is `held`.
    hold: Option<HoldView>,
    /// The message that this one sends again.
    retry_of: Option<String>,
    /// The message that sends this one again.
    retried_as: Option<String>,
    /// Where it stands in the queue; only on the message itself, and null once Meta has answered for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<QueueView>,
    /// Who the contact is; only in lists of more than one conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<ContactName>,
    /// The line in which it stands that was looked for, with U+0002 before each hit and U+0003 behind it; only in searches.
    #[serde(skip_serializing_if = "Option::is_none")]
    highlight: Option<String>,
}

/// What a contact is called.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ContactName {
    /// Their profile name.
    pub(super) name: Option<String>,
    /// Digits with country code; null for people who hide it.
    pub(super) phone: Option<String>,
    /// Their username.
    username: Option<String>,
}

impl From<store::contacts::Contact> for ContactName {
    fn from(row: store::contacts::Contact) -> Self {
        Self {
            name: row.name,
            phone: row.phone,
            username: row.username,
        }
    }
}

/// Where an outgoing message stands in the queue, and why it waits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QueueView {
    /// `queued`, `held`, `sending`, `uncertain`.
    state: String,
    /// It does not leave before.
    next_at: String,
    /// When an uncertain one is settled by the tenant's policy; null when somebody has to decide.
    settle_at: Option<String>,
    /// How often Meta refused it for a passing reason.
    attempts: i64,
    /// What was last in its way.
    reason: Option<String>,
    /// It does not leave after.
    send_before: Option<String>,
    /// What holds it back.
    hold: Option<HoldView>,
}

/// What holds a message back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HoldView {
    /// `scheduled`, `quiet_hours`, `paused_by_tenant`, `paused_number`, `paused_batch`, `paused_by_platform`, `pair_rate`,
    /// `slow_down`, `budget`, `number`, `account`, `template`, `payment`, `token`, `retry`, `unreachable`.
    code: String,
    /// Until when; null when somebody has to act.
    until: Option<String>,
    /// What that means, in a sentence.
    explanation: String,
}

impl HoldView {
    /// What a word of [`Hold`] means; `said` is what Meta said about it, where that is known.
    pub(crate) fn of(code: Option<&str>, until: Option<i64>, said: Option<String>) -> Option<Self> {
        let code = code?.to_owned();
        let explanation = said
            .filter(|text| !text.is_empty())
            .or_else(|| Hold::parse(&code).map(|hold| meaning(hold).to_owned()))
            .unwrap_or_default();
        Some(Self {
            code,
            until: moment(until),
            explanation,
        })
    }
}

/// A hold in a sentence.
pub(crate) const fn meaning(hold: Hold) -> &'static str {
    match hold {
        Hold::Scheduled => "It waits for the time that it was scheduled for.",
        Hold::QuietHours => {
            "It is quiet at this hour where the recipient lives. It goes out when the quiet hours end."
        }
        Hold::PausedByTenant => {
            "Sending is paused for the whole business. It goes out when somebody resumes it."
        }
        Hold::PausedNumber => {
            "Sending from this number is paused. It goes out when somebody resumes it."
        }
        Hold::PausedBatch => {
            "The batch that it belongs to is paused. It goes out when somebody resumes it."
        }
        Hold::PausedByPlatform => "The platform has paused sending. Ask its support why.",
        Hold::PairRate => {
            "Too many messages to the same person in a short time. It goes out in a moment."
        }
        Hold::SlowDown => {
            "WhatsApp asked this number to send more slowly. It goes out when the number has rested."
        }
        Hold::Budget => {
            "As many people as WhatsApp allows in 24 hours have been written to. It goes out when the limit allows it again."
        }
        Hold::Number => {
            "The number cannot send: it is not registered, or WhatsApp has restricted it. Put it in order in WhatsApp Manager."
        }
        Hold::Account => {
            "WhatsApp has disabled, disconnected or restricted the account. It goes out when that is over; the page of the connection says what to do."
        }
        Hold::Template => {
            "WhatsApp has paused or switched off the template. Correct or replace it."
        }
        Hold::TemplatePaused => {
            "WhatsApp has paused the template because people complained about it. It goes out when the pause is over."
        }
        Hold::TemplateDisabled => {
            "WhatsApp has switched the template off for good. Write a new template, and cancel this message."
        }
        Hold::TemplateReview => {
            "WhatsApp has not approved the present text of the template. It goes out when that is approved; a text that was rejected has to be corrected first."
        }
        Hold::TemplateBecameMarketing => {
            "WhatsApp has made the template a marketing one, which costs more. Decide on the page of the template whether it goes."
        }
        Hold::Payment => {
            "WhatsApp cannot charge for messages. Put the payment method in order in WhatsApp Manager."
        }
        Hold::Token => {
            "WhatsApp no longer accepts the access of this connection. Connect the account again."
        }
        Hold::Retry => "WhatsApp could not take it at the last try. It is tried again by itself.",
        Hold::Unreachable => {
            "WhatsApp cannot be reached at the moment. It is tried again by itself."
        }
    }
}

impl MessageView {
    pub(super) fn with_contact(mut self, contact: Option<ContactName>) -> Self {
        self.contact = contact;
        self
    }

    pub(crate) fn with_highlight(mut self, line: Option<String>) -> Self {
        self.highlight = line;
        self
    }

    pub(crate) fn with_queue(mut self, place: Option<Place>) -> Self {
        self.queue = place.map(|place| QueueView {
            state: place.state,
            next_at: Timestamp(place.next_at).rfc3339(),
            settle_at: moment(place.settle_at),
            attempts: place.attempts,
            reason: place.last_error,
            send_before: moment(place.send_before),
            hold: HoldView::of(
                place.hold.as_deref(),
                place.hold_until,
                place.hold_explanation,
            ),
        });
        self
    }
}

fn json(text: Option<String>) -> Option<Value> {
    // What is not JSON (half a surrogate pair, say) is shown as text rather than not at all.
    text.map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// What to do about a failure, and who can do it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RemedyView {
    /// A word for it: `wait`, `use_template`, `check_recipient`, `pay` …
    #[serde(rename = "do")]
    what: &'static str,
    /// `nobody`, `agent`, `owner`, `platform`.
    who: &'static str,
    /// In a sentence.
    sentence: &'static str,
}

impl RemedyView {
    /// Of a code of Meta's; none when nothing is known to help.
    pub(crate) fn of(code: i64) -> Option<Self> {
        errors::remedy(code).map(|remedy| Self {
            what: remedy.as_str(),
            who: remedy.who().as_str(),
            sentence: remedy.sentence(),
        })
    }
}

/// What the product itself gave up has the code 0, which is also Meta's for a dead token.
fn with_remedy(mut failure: Value) -> Value {
    let code = failure.get("code").and_then(Value::as_i64);
    let ours = code == Some(0) && failure["title"] != "AuthException";
    if let (Some(code), false, Value::Object(members)) = (code, ours, &mut failure)
        && let Some(remedy) = RemedyView::of(code)
        && let Ok(remedy) = serde_json::to_value(remedy)
    {
        members.insert("remedy".to_owned(), remedy);
    }
    failure
}

fn moment(micros: Option<i64>) -> Option<String> {
    micros.map(|micros| Timestamp(micros).rfc3339())
}

impl From<Message> for MessageView {
    fn from(row: Message) -> Self {
        let status = row.shown_status().to_owned();
        let hold = (status == "held")
            .then(|| HoldView::of(row.hold.as_deref(), row.hold_until, row.hold_said))
            .flatten();
        Self {
            id: row.id.to_string(),
            wamid: row.wamid,
            direction: row.direction,
            origin: row.origin,
            author: Colleague::of(row.author_id, row.author_name),
            kind: row.kind,
            text: row.text,
            preview: row.preview,
            status,
            error: json(row.failure).map(with_remedy),
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
            media: None,
            accepted_at: moment(row.accepted_at),
            ended_at: moment(row.ended_at),
            batch: row.batch,
            hold,
            retry_of: row.retry_of.map(|id| MessageId(id).to_string()),
            retried_as: row.retried_as.map(|id| MessageId(id).to_string()),
            queue: None,
            contact: None,
            highlight: None,
        }
    }
}

/// The file of a message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MediaView {
    /// `waiting`, `stored`, `retrying`, `gone`, `too_large`, `over_quota`, `deleted`.
    state: String,
    /// Its size, once stored.
    bytes: Option<i64>,
    /// Its type, once stored.
    mime_type: Option<String>,
    /// Its SHA-256 in hex, once stored.
    sha256: Option<String>,
    /// Whether there is a small picture of it.
    thumbnail: bool,
    /// Pixels, of a picture.
    width: Option<i64>,
    /// Pixels, of a picture.
    height: Option<i64>,
    /// When it is tried again.
    next_try_at: Option<String>,
    /// Why it is not stored.
    detail: Option<String>,
}

impl From<Seen> for MediaView {
    fn from(row: Seen) -> Self {
        let sha256 = row.sha256().ok().flatten();
        let waits = matches!(row.state.as_str(), "retrying" | "over_quota");
        Self {
            state: row.state,
            bytes: row.bytes,
            mime_type: row.mime_type,
            sha256: sha256.map(hex::encode),
            thumbnail: row.thumbnail.is_some(),
            width: row.width,
            height: row.height,
            next_try_at: moment(row.next_at.filter(|_| waits)),
            detail: row.detail,
        }
    }
}

/// Messages with what is known of their files.
pub(crate) async fn with_media(
    app: &App,
    tenant: TenantId,
    mut views: Vec<MessageView>,
) -> Result<Vec<MessageView>> {
    let holds = |view: &MessageView| {
        matches!(
            view.kind.as_str(),
            "image" | "video" | "audio" | "document" | "sticker" | "template" | "interactive"
        )
    };
    let ids = views.iter().filter(|view| holds(view));
    let ids: Vec<MessageId> = ids.filter_map(|view| view.id.parse().ok()).collect();
    let seen = of_messages::seen(&app.engine.db, tenant, &ids).await?;
    let mut seen: HashMap<String, Seen> = seen
        .into_iter()
        .map(|row| (row.message_id.to_string(), row))
        .collect();
    for view in &mut views {
        view.media = seen.remove(&view.id).map(MediaView::from);
    }
    Ok(views)
}
