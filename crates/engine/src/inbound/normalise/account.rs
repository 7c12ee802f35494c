//! What a change says about the account: limits, calls, and the word for what happened.

use domain::Timestamp;
use domain::identity::Person;
use meta::webhook::{Call, CallEvent, Change as WireChange, Field};

use super::written_at;

/// The limits that a change tells. Meta names one of the two, which then holds alone.
pub(super) fn numbers_of(wire: &WireChange<'_>) -> Option<[Option<i64>; 2]> {
    if wire.field != Field::BusinessCapabilityUpdate {
        return None;
    }
    let meta::webhook::account::AccountChange::Capability(update) = wire.account() else {
        return None;
    };
    let limits = [
        update.max_phone_numbers_per_waba,
        update.max_phone_numbers_per_business,
    ];
    let sane = |limit: Option<i64>| limit.is_none_or(|limit| limit > 0);
    (limits.into_iter().all(sane) && limits != [None, None]).then_some(limits)
}

/// The person who calls the number, which opens the customer service window as a message does.
pub(super) fn caller(call: &Call, received_at: Timestamp) -> Option<(Person, Timestamp)> {
    let theirs = call.direction.as_deref() == Some("USER_INITIATED")
        && matches!(call.what(), CallEvent::Connect);
    let person = Person {
        wa_id: call.from.clone(),
        bsuid: call.from_user_id.clone(),
        ..Person::default()
    };
    let at = written_at(call.timestamp.unwrap_or_default(), received_at);
    (theirs && !person.identities().is_empty()).then_some((person, at))
}

pub(super) fn event_of(change: &WireChange<'_>) -> Option<String> {
    let value = change.value_raw()?.get();
    meta::webhook::member(value, "event").and_then(|word| serde_json::from_str(&word).ok())
}
