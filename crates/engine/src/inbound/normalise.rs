//! Wire → items. Pure: no clock, no database, so every fixture can be walked through it.
//!
//! An item is one message, one status, or one change about an account. A change keeps its own text,
//! which is what is parked when nobody can be found whom it belongs to.

use domain::identity::{Identity, Person};
use domain::message::{Direction, Origin};
use domain::status::{Failure, MessageStatus, Progress};
use domain::{MessageId, Timestamp};
use meta::webhook::{
    self, Change as WireChange, Contact, Field, InboundMessage, MessageKind, MessagesValue, Status,
    StatusKind, Value,
};

/// Everything that one POST says.
#[derive(Debug, Default)]
pub struct Normalised {
    /// The changes, in order.
    pub changes: Vec<Change>,
    /// Why the POST as a whole, or a part of its envelope, could not be read: (reason, sentence, how many pieces).
    pub unreadable: Option<(&'static str, String, i64)>,
}

/// One change: what it says and its own text.
#[derive(Debug)]
pub struct Change {
    /// The WABA of its entry.
    pub waba_id: String,
    /// The number it is about, when it names one.
    pub number: Option<String>,
    /// The webhook field.
    pub field: String,
    /// When the entry says it happened.
    pub time: Option<Timestamp>,
    /// As it came.
    pub raw: String,
    /// What it says.
    pub items: Vec<InboundItem>,
    /// Pieces that could not be read: (reason, sentence, how many).
    pub unreadable: Option<(&'static str, String, i64)>,
}

/// One item.
#[derive(Debug)]
pub enum InboundItem {
    /// A message of a contact, of the tenant's own phone, or of shared history.
    Message(Box<MessageItem>),
    /// A status of an outgoing message.
    Status(Box<StatusItem>),
    /// Something about an account, number, template, call, group or preference.
    Account {
        /// The `event` inside, where there is one.
        event: Option<String>,
    },
}

/// A message.
#[derive(Debug)]
pub struct MessageItem {
    /// The other side.
    pub person: Person,
    /// Identities that the message says belong to the same person.
    pub also: Vec<Identity>,
    /// Meta's id.
    pub wamid: String,
    /// Which way.
    pub direction: Direction,
    /// Who caused it.
    pub origin: Origin,
    /// Meta's type.
    pub kind: String,
    /// Searchable text.
    pub text: Option<String>,
    /// One line.
    pub preview: String,
    /// The message as it came.
    pub content: String,
    /// The wamid that it answers or is about.
    pub reply_to: Option<String>,
    /// When it was written.
    pub occurred_at: Timestamp,
    /// Status at the start: `received`, or how far an echo or a historic message had come.
    pub status: MessageStatus,
    /// Whether a person wrote something that wants an answer.
    pub deserves_answer: bool,
    /// Whether it opens the customer service window.
    pub opens_window: bool,
}

/// A status.
#[derive(Debug)]
pub struct StatusItem {
    /// Meta's id of the message.
    pub wamid: String,
    /// Our own id, when the message was ours and Meta gave it back.
    pub message: Option<MessageId>,
    /// What it reports.
    pub report: Progress,
}

/// Reads one POST. What says no time of its own happened when it was received.
pub fn normalise(body: &[u8], received_at: Timestamp) -> Normalised {
    let envelope = match webhook::parse(body) {
        Ok(envelope) => envelope,
        Err(error) => {
            return Normalised {
                unreadable: Some(("not_json", error.to_string(), 1)),
                ..Normalised::default()
            };
        }
    };
    let mut out = Normalised::default();
    let mut broken: Vec<&str> = envelope
        .malformed
        .iter()
        .map(|piece| piece.why.as_str())
        .collect();
    for entry in &envelope.entries {
        broken.extend(entry.malformed.iter().map(|piece| piece.why.as_str()));
        for change in &entry.changes {
            out.changes
                .push(read_change(&entry.id, entry.time, change, received_at));
        }
    }
    if let Some(first) = broken.first() {
        out.unreadable = Some(("malformed", (*first).to_owned(), count(broken.len())));
    } else if out.changes.is_empty() {
        out.unreadable = Some((
            "nothing_recognised",
            "the body holds no change".to_owned(),
            1,
        ));
    }
    out
}

fn read_change(
    waba_id: &str,
    time: Option<i64>,
    wire: &WireChange<'_>,
    received_at: Timestamp,
) -> Change {
    let mut change = Change {
        waba_id: waba_id.to_owned(),
        number: None,
        field: wire.field.as_str().to_owned(),
        time: time.map(Timestamp::from_seconds),
        raw: wire.raw.get().to_owned(),
        items: Vec::new(),
        unreadable: None,
    };
    if let Field::Other(name) = &wire.field {
        change.unreadable = Some((
            "unknown_field",
            format!("no part of the product knows the webhook field {name:?}"),
            1,
        ));
        return change;
    }
    match &wire.value {
        Value::Messages(value) => read_messages(&mut change, wire, value, received_at),
        Value::Other => change.items.push(InboundItem::Account {
            event: event_of(wire),
        }),
    }
    if change.items.is_empty() && change.unreadable.is_none() {
        change.unreadable = Some((
            "nothing_recognised",
            "the change holds nothing that the product knows".to_owned(),
            1,
        ));
    }
    change
}

fn read_messages(
    change: &mut Change,
    wire: &WireChange<'_>,
    value: &MessagesValue<'_>,
    received_at: Timestamp,
) {
    change.number = value
        .metadata
        .as_ref()
        .and_then(|metadata| metadata.phone_number_id.clone());
    let mut broken: Vec<String> = value
        .malformed
        .iter()
        .map(|piece| piece.why.clone())
        .collect();
    let mut odd_statuses: Vec<String> = Vec::new();
    let history = matches!(wire.field, Field::History);
    let origin = if history {
        Origin::History
    } else {
        Origin::Contact
    };
    for message in &value.messages {
        match message {
            Ok(item) if item.message.id.is_empty() => broken.push("a message has no id".to_owned()),
            Ok(item) => {
                let person = author(&item.message, &value.contacts);
                let mut item = message_item(
                    received_at,
                    item.raw.get(),
                    &item.message,
                    person,
                    Direction::Inbound,
                    origin,
                );
                // Meta's agent answers what comes by standby; an answer of ours would take the chat from it.
                if let (InboundItem::Message(message), Field::Standby) = (&mut item, &wire.field) {
                    message.deserves_answer = false;
                }
                change.items.push(item);
            }
            Err(piece) => broken.push(piece.why.clone()),
        }
    }
    for echo in &value.echoes {
        match echo {
            Ok(item) if item.message.id.is_empty() => broken.push("an echo has no id".to_owned()),
            Ok(item) => {
                let person = addressee(&item.message, &value.contacts);
                change.items.push(message_item(
                    received_at,
                    item.raw.get(),
                    &item.message,
                    person,
                    Direction::Outbound,
                    Origin::BusinessApp,
                ));
            }
            Err(piece) => broken.push(piece.why.clone()),
        }
    }
    for status in &value.statuses {
        match status {
            Ok(item) => match status_item(&item.status, item.raw.get(), received_at) {
                Some(item) => change.items.push(item),
                None => odd_statuses.push(item.status.status.as_str().to_owned()),
            },
            Err(piece) => broken.push(piece.why.clone()),
        }
    }
    for chunk in value.history.iter().filter_map(|chunk| chunk.as_ref().ok()) {
        broken.extend(chunk.malformed.iter().map(|piece| piece.why.clone()));
        for thread in &chunk.threads {
            for message in &thread.messages {
                match message {
                    Ok(item) => {
                        let theirs = item.message.from.is_some() && item.message.from == thread.id;
                        let direction = if theirs {
                            Direction::Inbound
                        } else {
                            Direction::Outbound
                        };
                        let person = Person {
                            wa_id: thread.id.clone(),
                            bsuid: thread.user_id.clone(),
                            ..Person::default()
                        };
                        change.items.push(message_item(
                            received_at,
                            item.raw.get(),
                            &item.message,
                            person,
                            direction,
                            Origin::History,
                        ));
                    }
                    Err(piece) => broken.push(piece.why.clone()),
                }
            }
        }
    }
    broken.extend(
        value
            .history
            .iter()
            .filter_map(|chunk| chunk.as_ref().err())
            .map(|piece| piece.why.clone()),
    );
    // A handover names who answers from now on; it has no member that is read further here.
    let about_account = matches!(wire.field, Field::MessagingHandovers)
        || !value.calls.is_empty()
        || !value.groups.is_empty()
        || !value.user_preferences.is_empty()
        || !value.state_sync.is_empty()
        || !value.errors.is_empty()
        || value
            .history
            .iter()
            .flatten()
            .any(|chunk| !chunk.errors.is_empty());
    if about_account {
        change.items.push(InboundItem::Account {
            event: event_of(wire),
        });
    }
    if let Some(first) = broken.first() {
        change.unreadable = Some(("malformed", first.clone(), count(broken.len())));
    } else if let Some(word) = odd_statuses.first() {
        change.unreadable = Some((
            "unknown_status",
            format!("no part of the product knows the status {word:?}"),
            count(odd_statuses.len()),
        ));
    }
}

fn message_item(
    received_at: Timestamp,
    raw: &str,
    message: &InboundMessage,
    person: Person,
    direction: Direction,
    origin: Origin,
) -> InboundItem {
    let (wants_answer, about) = match &message.kind {
        MessageKind::Text(_)
        | MessageKind::Image(_)
        | MessageKind::Video(_)
        | MessageKind::Audio(_)
        | MessageKind::Document(_)
        | MessageKind::Sticker(_)
        | MessageKind::Location(_)
        | MessageKind::Contacts(_)
        | MessageKind::Button(_)
        | MessageKind::Interactive(_)
        | MessageKind::Order(_)
        | MessageKind::RequestWelcome
        | MessageKind::Unsupported(_)
        | MessageKind::Unknown(_)
        | MessageKind::Other { .. } => (true, None),
        MessageKind::Reaction(reaction) => (false, reaction.message_id.clone()),
        MessageKind::Edit(edit) => (false, edit.original_message_id.clone()),
        MessageKind::Revoke(revoke) => (false, revoke.original_message_id.clone()),
        MessageKind::System(_) | MessageKind::MediaPlaceholder => (false, None),
    };
    let live_inbound = direction == Direction::Inbound && origin == Origin::Contact;
    let status = match (direction, message.history_status.as_deref()) {
        (Direction::Inbound, _) => MessageStatus::Received,
        (Direction::Outbound, Some("READ")) => MessageStatus::Read,
        (Direction::Outbound, Some("PLAYED")) => MessageStatus::Played,
        (Direction::Outbound, Some("DELIVERED")) => MessageStatus::Delivered,
        (Direction::Outbound, Some("ERROR")) => MessageStatus::Failed,
        (Direction::Outbound, Some("PENDING")) => MessageStatus::Accepted,
        (Direction::Outbound | Direction::Internal, _) => MessageStatus::Sent,
    };
    InboundItem::Message(Box::new(MessageItem {
        also: changed_identities(&message.kind),
        person,
        wamid: message.id.clone(),
        direction,
        origin,
        kind: match message.kind.as_str() {
            "" => "unknown".to_owned(),
            word => word.to_owned(),
        },
        text: message.text().map(str::to_owned),
        preview: message.preview(),
        content: raw.to_owned(),
        reply_to: about.or_else(|| {
            message
                .context
                .as_ref()
                .and_then(|context| context.id.clone())
        }),
        occurred_at: written_at(message.timestamp, received_at),
        status,
        deserves_answer: live_inbound && wants_answer && message.group_id.is_none(),
        opens_window: live_inbound && !matches!(message.kind, MessageKind::System(_)),
    }))
}

/// A system message may say that a person has a new number or BSUID.
fn changed_identities(kind: &MessageKind) -> Vec<Identity> {
    let MessageKind::System(system) = kind else {
        return Vec::new();
    };
    let person = Person {
        wa_id: system.wa_id.clone(),
        bsuid: system.user_id.clone(),
        ..Person::default()
    };
    person.identities()
}

fn status_item(status: &Status, raw: &str, received_at: Timestamp) -> Option<InboundItem> {
    let kind = match &status.status {
        StatusKind::Sent => MessageStatus::Sent,
        StatusKind::Delivered => MessageStatus::Delivered,
        StatusKind::Read => MessageStatus::Read,
        StatusKind::Played => MessageStatus::Played,
        StatusKind::Failed => MessageStatus::Failed,
        StatusKind::Deleted | StatusKind::Warning | StatusKind::Other(_) => return None,
    };
    if status.id.is_empty() {
        return None;
    }
    let failure = status.errors.first().map(|error| Failure {
        code: error.code,
        title: error
            .title
            .clone()
            .or_else(|| error.message.clone())
            .unwrap_or_default(),
        details: error.details.clone(),
        explanation: meta::errors::lookup(error.code, None)
            .explanation
            .to_owned(),
    });
    let mut report = Progress::report(kind, written_at(status.timestamp, received_at), failure);
    if status.pricing.is_some() {
        report.pricing = meta::webhook::member(raw, "pricing");
    }
    let message = status
        .biz_opaque_callback_data
        .as_deref()
        .and_then(|data| data.parse().ok());
    Some(InboundItem::Status(Box::new(StatusItem {
        wamid: status.id.clone(),
        message,
        report,
    })))
}

fn author(message: &InboundMessage, contacts: &[Contact]) -> Person {
    let card = contacts
        .iter()
        .find(|card| {
            (card.wa_id.is_some() && card.wa_id == message.from)
                || (card.user_id.is_some() && card.user_id == message.from_user_id)
        })
        .or_else(|| contacts.first().filter(|_| contacts.len() == 1));
    Person {
        wa_id: message
            .from
            .clone()
            .or_else(|| card.and_then(|card| card.wa_id.clone())),
        bsuid: message
            .from_user_id
            .clone()
            .or_else(|| card.and_then(|card| card.user_id.clone())),
        username: card.and_then(|card| card.username.clone()),
        profile_name: card.and_then(|card| card.profile_name.clone()),
    }
}

fn addressee(message: &InboundMessage, contacts: &[Contact]) -> Person {
    let card = contacts.first().filter(|_| contacts.len() == 1);
    Person {
        wa_id: message
            .to
            .clone()
            .or_else(|| card.and_then(|card| card.wa_id.clone())),
        bsuid: message
            .to_user_id
            .clone()
            .or_else(|| card.and_then(|card| card.user_id.clone())),
        username: card.and_then(|card| card.username.clone()),
        profile_name: card.and_then(|card| card.profile_name.clone()),
    }
}

fn event_of(change: &WireChange<'_>) -> Option<String> {
    let value = change.value_raw()?.get();
    meta::webhook::member(value, "event").and_then(|word| serde_json::from_str(&word).ok())
}

/// `meta` reads a timestamp that is missing or unreadable as 0.
fn written_at(seconds: i64, received_at: Timestamp) -> Timestamp {
    if seconds == 0 {
        received_at
    } else {
        Timestamp::from_seconds(seconds)
    }
}

fn count(pieces: usize) -> i64 {
    i64::try_from(pieces).unwrap_or(i64::MAX)
}
