//! What a phone that shares its number tells of itself: whom it knows, and what it wrote.

use domain::identity::Person;
use meta::webhook::{InboundMessage, MessagesValue, StateSyncAction};

/// Whether the number itself wrote a message.
pub(super) fn is_ours(message: &InboundMessage, value: &MessagesValue<'_>) -> bool {
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let display = value.metadata.as_ref();
    let display = display.and_then(|metadata| metadata.display_phone_number.as_deref());
    let from = message.from.as_deref();
    from.zip(display)
        .is_some_and(|(from, display)| digits(from) == digits(display))
}

/// Who stands in the phone's address book from now on.
pub(super) fn in_book(value: &MessagesValue<'_>) -> impl Iterator<Item = Person> {
    let entries = value.state_sync.iter().flatten().map(|item| &item.value);
    entries
        .filter(|entry| entry.action == Some(StateSyncAction::Add))
        .filter_map(|entry| {
            let contact = entry.contact.as_ref()?;
            let digits = contact.phone_number.as_ref()?.chars();
            let wa_id: String = digits.filter(char::is_ascii_digit).collect();
            let name = contact
                .full_name
                .clone()
                .or_else(|| contact.first_name.clone());
            (!wa_id.is_empty()).then(|| Person {
                wa_id: Some(wa_id),
                profile_name: name.filter(|name| !name.trim().is_empty()),
                ..Person::default()
            })
        })
}
