//! Whom a webhook is about: authors, addressees, new identities of people, and what they chose.

use domain::Timestamp;
use domain::identity::Person;
use domain::message::{Direction, Origin};
use meta::webhook::{Contact, InboundMessage, MessageKind, PreferenceValue, UserPreference};

use super::normalise::PreferenceItem;

/// A live system message may say that a person has a new number or BSUID.
pub(super) fn moved_to(kind: &MessageKind, direction: Direction, origin: Origin) -> Option<Person> {
    let MessageKind::System(system) = kind else {
        return None;
    };
    // What shared history tells of long ago may be somebody else's number by now.
    if (direction, origin) != (Direction::Inbound, Origin::Contact) {
        return None;
    }
    let person = Person {
        wa_id: system.wa_id.clone(),
        bsuid: system.user_id.clone(),
        ..Person::default()
    };
    (!person.identities().is_empty()).then_some(person)
}

/// What a person chose about marketing; `None` for other categories and words that nobody knows.
pub(super) fn preference(said: &UserPreference, received_at: Timestamp) -> Option<PreferenceItem> {
    if said
        .category
        .as_deref()
        .is_some_and(|category| category != "marketing_messages")
    {
        return None;
    }
    let stop = match said.value.as_ref()? {
        PreferenceValue::Stop => true,
        PreferenceValue::Resume => false,
        PreferenceValue::Other(_) => return None,
    };
    Some(PreferenceItem {
        person: Person {
            wa_id: said.wa_id.clone(),
            bsuid: said.user_id.clone(),
            ..Person::default()
        },
        stop,
        at: said
            .timestamp
            .filter(|seconds| *seconds > 0)
            .map_or(received_at, Timestamp::from_seconds),
    })
}

pub(super) fn author(message: &InboundMessage, contacts: &[Contact]) -> Person {
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

pub(super) fn addressee(message: &InboundMessage, contacts: &[Contact]) -> Person {
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
