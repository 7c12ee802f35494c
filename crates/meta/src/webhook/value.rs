//! The messages-like `value`: metadata, contacts and arrays of messages, statuses, calls, groups ….

use serde::Deserialize;
use serde_json::value::RawValue;

use super::call::Call;
use super::group::Group;
use super::history::HistoryChunk;
use super::message::InboundMessage;
use super::preference::UserPreference;
use super::state_sync::StateSync;
use super::status::Status;
use super::wire_error::WireError;
use super::{Field, lenient};

/// A piece that could not be read, with its whole text, so that nothing is lost.
#[derive(Debug, Clone)]
pub struct Malformed<'a> {
    /// The piece as it came.
    pub raw: &'a RawValue,
    /// Why, for people.
    pub why: String,
}

/// One message with its text as it came.
#[derive(Debug, Clone)]
pub struct MessageItem<'a> {
    /// The message as it came, unknown fields included.
    pub raw: &'a RawValue,
    /// The message.
    pub message: InboundMessage,
}

/// One status with its text as it came.
#[derive(Debug, Clone)]
pub struct StatusItem<'a> {
    /// The status as it came, unknown fields included.
    pub raw: &'a RawValue,
    /// The status.
    pub status: Status,
}

/// Any other element with its text as it came.
#[derive(Debug, Clone)]
pub struct Item<'a, T> {
    /// The element as it came, unknown fields included.
    pub raw: &'a RawValue,
    /// The element.
    pub value: T,
}

/// An element that was read, or kept as it came.
pub type Tolerant<'a, T> = Result<T, Malformed<'a>>;

/// `value.metadata`: the business phone number it is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// For people.
    #[serde(deserialize_with = "lenient::text")]
    pub display_phone_number: Option<String>,
    /// The id to route by.
    #[serde(deserialize_with = "lenient::text")]
    pub phone_number_id: Option<String>,
}

/// `value.contacts[]`: the user it is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(from = "ContactWire")]
pub struct Contact {
    /// `profile.name`: the name the user chose.
    pub profile_name: Option<String>,
    /// `profile.username`.
    pub username: Option<String>,
    /// WhatsApp id: mostly the phone number without `+`; absent when it may not be shown.
    pub wa_id: Option<String>,
    /// BSUID.
    pub user_id: Option<String>,
    /// Parent BSUID.
    pub parent_user_id: Option<String>,
    /// Hash of the identity key.
    pub identity_key_hash: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ContactWire {
    // Read in place: `profile` comes with every message.
    profile: Profile,
    #[serde(deserialize_with = "lenient::text")]
    wa_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    user_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    parent_user_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    identity_key_hash: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Profile {
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    username: Option<String>,
}

impl From<ContactWire> for Contact {
    fn from(wire: ContactWire) -> Self {
        Self {
            profile_name: wire.profile.name,
            username: wire.profile.username,
            wa_id: wire.wa_id,
            user_id: wire.user_id,
            parent_user_id: wire.parent_user_id,
            identity_key_hash: wire.identity_key_hash,
        }
    }
}

/// A messages-like value, whatever its field.
#[derive(Debug, Clone, Default)]
pub struct MessagesValue<'a> {
    /// The business phone number.
    pub metadata: Option<Metadata>,
    /// The users.
    pub contacts: Vec<Contact>,
    /// Inbound messages.
    pub messages: Vec<Tolerant<'a, MessageItem<'a>>>,
    /// Statuses of outgoing messages.
    pub statuses: Vec<Tolerant<'a, StatusItem<'a>>>,
    /// Messages the business sent elsewhere.
    pub echoes: Vec<Tolerant<'a, MessageItem<'a>>>,
    /// Pieces of a chat history.
    pub history: Vec<Tolerant<'a, HistoryChunk<'a>>>,
    /// Calls, and the call statuses of the field `calls`.
    pub calls: Vec<Tolerant<'a, Item<'a, Call>>>,
    /// Group events.
    pub groups: Vec<Tolerant<'a, Item<'a, Group>>>,
    /// Marketing opt-outs and opt-ins.
    pub user_preferences: Vec<Tolerant<'a, Item<'a, UserPreference>>>,
    /// Contacts of the WhatsApp Business app.
    pub state_sync: Vec<Tolerant<'a, Item<'a, StateSync>>>,
    /// Errors without a message.
    pub errors: Vec<WireError>,
    /// Pieces beside the arrays above that could not be read.
    pub malformed: Vec<Malformed<'a>>,
}

/// The value in one pass, for the form that Meta sends; anything unexpected fails and is read piece by piece instead.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct FastValue<'a> {
    metadata: Option<Metadata>,
    contacts: Vec<Contact>,
    #[serde(borrow)]
    messages: Vec<&'a RawValue>,
    statuses: Vec<&'a RawValue>,
    message_echoes: Vec<&'a RawValue>,
    history: Vec<&'a RawValue>,
    calls: Vec<&'a RawValue>,
    groups: Vec<&'a RawValue>,
    user_preferences: Vec<&'a RawValue>,
    state_sync: Vec<&'a RawValue>,
    errors: Vec<WireError>,
}

impl<'a> FastValue<'a> {
    pub(super) fn finish(self, field: &Field) -> MessagesValue<'a> {
        let mut value = MessagesValue {
            metadata: self.metadata,
            contacts: self.contacts,
            messages: self.messages.into_iter().map(message).collect(),
            echoes: self.message_echoes.into_iter().map(message).collect(),
            history: self.history.into_iter().map(HistoryChunk::read).collect(),
            calls: self.calls.into_iter().map(item).collect(),
            groups: self.groups.into_iter().map(item).collect(),
            user_preferences: self.user_preferences.into_iter().map(item).collect(),
            state_sync: self.state_sync.into_iter().map(item).collect(),
            errors: self.errors,
            ..MessagesValue::default()
        };
        value.add_statuses(self.statuses, field);
        value
    }
}

impl<'a> MessagesValue<'a> {
    /// Reads a value piece by piece. `None` when it is not an object.
    pub(super) fn read_tolerantly(raw: &'a RawValue, field: &Field) -> Option<Self> {
        let mut value = Self::default();
        for (name, piece) in lenient::members(raw)? {
            if piece.get() == "null" {
                continue;
            }
            if name == "metadata" {
                match lenient::object(piece) {
                    Ok(metadata) => value.metadata = Some(metadata),
                    Err(why) => value.malformed.push(Malformed {
                        raw: piece,
                        why: format!("metadata: {why}"),
                    }),
                }
                continue;
            }
            let list = matches!(
                name.as_ref(),
                "contacts"
                    | "messages"
                    | "statuses"
                    | "message_echoes"
                    | "history"
                    | "calls"
                    | "groups"
                    | "user_preferences"
                    | "state_sync"
                    | "errors"
            );
            if !list {
                continue;
            }
            let Some(elements) = lenient::elements(piece) else {
                value.malformed.push(Malformed {
                    raw: piece,
                    why: format!("{name} is not an array"),
                });
                continue;
            };
            match name.as_ref() {
                "messages" => value.messages.extend(elements.into_iter().map(message)),
                "statuses" => value.add_statuses(elements, field),
                "message_echoes" => value.echoes.extend(elements.into_iter().map(message)),
                "history" => value
                    .history
                    .extend(elements.into_iter().map(HistoryChunk::read)),
                "calls" => value.calls.extend(elements.into_iter().map(item)),
                "groups" => value.groups.extend(elements.into_iter().map(item)),
                "user_preferences" => value
                    .user_preferences
                    .extend(elements.into_iter().map(item)),
                "state_sync" => value.state_sync.extend(elements.into_iter().map(item)),
                "contacts" => {
                    for element in elements {
                        match lenient::object(element) {
                            Ok(contact) => value.contacts.push(contact),
                            Err(why) => {
                                value.malformed.push(Malformed {
                                    raw: element,
                                    why: format!("contact: {why}"),
                                });
                            }
                        }
                    }
                }
                _ => {
                    for element in elements {
                        match lenient::object(element) {
                            Ok(error) => value.errors.push(error),
                            Err(why) => {
                                value.malformed.push(Malformed {
                                    raw: element,
                                    why: format!("error: {why}"),
                                });
                            }
                        }
                    }
                }
            }
        }
        Some(value)
    }

    fn add_statuses(&mut self, elements: Vec<&'a RawValue>, field: &Field) {
        if *field == Field::Calls {
            self.calls.extend(elements.into_iter().map(item));
        } else {
            self.statuses.extend(elements.into_iter().map(status));
        }
    }

    /// Everything in this value that could not be read, at any depth.
    pub fn all_malformed(&self) -> impl Iterator<Item = &Malformed<'a>> {
        let messages = self
            .messages
            .iter()
            .chain(&self.echoes)
            .filter_map(|item| item.as_ref().err());
        let statuses = self.statuses.iter().filter_map(|item| item.as_ref().err());
        let history = self.history.iter().flat_map(|chunk| match chunk {
            Ok(chunk) => chunk.all_malformed().collect::<Vec<_>>(),
            Err(malformed) => vec![malformed],
        });
        let others = self
            .calls
            .iter()
            .filter_map(|item| item.as_ref().err())
            .chain(self.groups.iter().filter_map(|item| item.as_ref().err()))
            .chain(
                self.user_preferences
                    .iter()
                    .filter_map(|item| item.as_ref().err()),
            )
            .chain(
                self.state_sync
                    .iter()
                    .filter_map(|item| item.as_ref().err()),
            );
        self.malformed
            .iter()
            .chain(messages)
            .chain(statuses)
            .chain(history)
            .chain(others)
    }
}

pub(super) fn message(raw: &RawValue) -> Tolerant<'_, MessageItem<'_>> {
    match lenient::object(raw) {
        Ok(message) => Ok(MessageItem { raw, message }),
        Err(why) => Err(Malformed { raw, why }),
    }
}

fn status(raw: &RawValue) -> Tolerant<'_, StatusItem<'_>> {
    match lenient::object(raw) {
        Ok(status) => Ok(StatusItem { raw, status }),
        Err(why) => Err(Malformed { raw, why }),
    }
}

fn item<T: serde::de::DeserializeOwned>(raw: &RawValue) -> Tolerant<'_, Item<'_, T>> {
    match lenient::object(raw) {
        Ok(value) => Ok(Item { raw, value }),
        Err(why) => Err(Malformed { raw, why }),
    }
}
