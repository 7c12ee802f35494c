//! Wire → items. Pure: no clock, no database, so every fixture can be walked through it.
//!
//! An item is one message, one status, or one change about an account. A change keeps its own text,
//! which is what is parked when nobody can be found whom it belongs to.

mod account;
mod on_phone;

use bytes::Bytes;
use domain::identity::Person;
use domain::message::{Direction, Origin};
use domain::status::{Failure, MessageStatus, Progress};
use domain::{MessageId, Timestamp};
use meta::webhook::{
    self, Change as WireChange, Field, InboundMessage, MessageKind, MessagesValue, Status,
    StatusKind, Value,
};

use account::{caller, event_of, numbers_of};
use on_phone::{in_book, is_ours};

use super::persons::{addressee, author, moved_to, preference};
use crate::health::told::{self, Told};

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
    /// As it came, a part of the body.
    pub raw: Bytes,
    /// What it says.
    pub items: Vec<InboundItem>,
    /// Who called the number, and when. The event itself is an item about the account.
    pub callers: Vec<(Person, Timestamp)>,
    /// How many numbers Meta allows: in the WABA and in the whole portfolio.
    pub numbers: Option<[Option<i64>; 2]>,
    /// The WABA that it is about, where the entry names the partner's business instead.
    pub concerned: Option<String>,
    /// How the account or a number of it stands from then on.
    pub told: Vec<Told>,
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
    /// What a person chose about marketing.
    Preference(PreferenceItem),
    /// Somebody in the address book of a phone that shares its number.
    Book(Person),
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
    /// Who the person is from now on, when the message says that they have a new number or BSUID.
    pub moved_to: Option<Person>,
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
    /// Whether the person came through an ad with it.
    pub referral: bool,
    /// The kind and Meta's id of its medium, where it brings one that can be fetched.
    pub medium: Option<(&'static str, String)>,
}

/// A choice about marketing.
#[derive(Debug)]
pub struct PreferenceItem {
    /// Whose.
    pub person: Person,
    /// No more of it; else again.
    pub stop: bool,
    /// When it was made.
    pub at: Timestamp,
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
pub fn normalise(body: &Bytes, received_at: Timestamp) -> Normalised {
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
            let said = (body, entry.time, received_at);
            out.changes.push(read_change(&entry.id, change, said));
        }
    }
    if let Some(first) = broken.first() {
        out.unreadable = Some(("malformed", (*first).to_owned(), count(broken.len())));
    } else if out.changes.is_empty() && !meta::graph::is_empty_webhook(body) {
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
    wire: &WireChange<'_>,
    (body, time, received_at): (&Bytes, Option<i64>, Timestamp),
) -> Change {
    let mut change = Change {
        waba_id: waba_id.to_owned(),
        number: None,
        field: wire.field.as_str().to_owned(),
        time: time.map(Timestamp::from_seconds),
        raw: body.slice_ref(wire.raw.get().as_bytes()),
        items: Vec::new(),
        callers: Vec::new(),
        numbers: numbers_of(wire),
        concerned: told::concerned(wire),
        told: told::told(wire),
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
                // Media of a shared history come apart from it, in both directions.
                let ours = history && is_ours(&item.message, value);
                let (person, direction) = if ours {
                    (
                        addressee(&item.message, &value.contacts),
                        Direction::Outbound,
                    )
                } else {
                    (person, Direction::Inbound)
                };
                let mut item = message_item(
                    received_at,
                    item.raw.get(),
                    &item.message,
                    person,
                    direction,
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
    change.callers.extend(
        value
            .calls
            .iter()
            .flatten()
            .filter_map(|call| caller(&call.value, received_at)),
    );
    let chosen = value.user_preferences.iter().flatten();
    let chosen = chosen.filter_map(|said| preference(&said.value, received_at));
    change.items.extend(chosen.map(InboundItem::Preference));
    change.items.extend(in_book(value).map(InboundItem::Book));
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
        moved_to: moved_to(&message.kind, direction, origin),
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
        opens_window: live_inbound && says_something(&message.kind),
        referral: live_inbound && message.referral.is_some(),
        medium: message.kind.medium(),
    }))
}

/// A change to what was said before, or to who says it, opens no window.
fn says_something(kind: &MessageKind) -> bool {
    !matches!(
        kind,
        MessageKind::System(_) | MessageKind::Edit(_) | MessageKind::Revoke(_)
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_change_is_that_part_of_the_body_however_odd_the_rest_is() {
        let changes = [
            r#"{"field":"messages","value":{"statuses":[1]}}"#,
            r#"{ "field" : "never heard of", "value": "\ud83d" }"#,
            r#"{"field":7}"#,
        ];
        let [first, second, third] = changes;
        let body = format!(
            "\n {{\"entry\":[{{\"id\":1,\"changes\":[{first}, {second}]}}, 5],\"entry\":[{{\"changes\":[{third}]}}]}}"
        );
        let body = Bytes::from(body);
        let within = body.as_ptr_range();
        let said = normalise(&body, Timestamp(1));
        let texts: Vec<_> = said.changes.iter().map(|change| &change.raw[..]).collect();
        assert_eq!(texts, changes.map(str::as_bytes));
        let is_copied = |change: &Change| !within.contains(&change.raw.as_ptr());
        assert!(!said.changes.iter().any(is_copied));
    }
}
