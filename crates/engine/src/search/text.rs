//! What a message is found by, beside its text.

use meta::searchable;
use store::search::index::{Entry, Person, Source};

/// Every text of a message that a search finds: body, caption, titles, names, names of files.
pub fn texts(kind: &str, text: Option<&str>, content: Option<&str>) -> Vec<String> {
    let mut all: Vec<String> = text.map(str::to_owned).into_iter().collect();
    // What is no JSON (half a surrogate pair, say) has been shown as text already.
    if let Some(content) = content.and_then(|content| serde_json::from_str(content).ok()) {
        all.extend(searchable::texts(kind, &content));
    }
    all
}

pub(super) fn of_message(message: &Source) -> Entry {
    let texts = texts(
        &message.kind,
        message.text.as_deref(),
        message.content.as_deref(),
    );
    let words = domain::search::in_message(texts.iter().map(String::as_str));
    Entry::of_message(message, &words)
}

pub(super) fn of_contact(person: &Person) -> Entry {
    let given = |text: &'_ Option<String>| text.clone();
    let names: Vec<_> = [&person.name, &person.username]
        .into_iter()
        .filter_map(given)
        .collect();
    let numbers: Vec<_> = [&person.phone, &person.wa_id]
        .into_iter()
        .filter_map(given)
        .collect();
    let words = domain::search::in_contact(
        names.iter().map(String::as_str),
        numbers.iter().map(String::as_str),
    );
    Entry::of_contact(person, &words)
}
