//! Meta's library of utility templates: a part of it, from which accounts make their own.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::chance::Chance;
use crate::ids;

static ENTRIES: LazyLock<Vec<Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("library.json")).unwrap_or_default());

/// All entries, each in one language.
pub(crate) fn entries(chance: Chance) -> impl Iterator<Item = Value> {
    ENTRIES.iter().map(move |entry| {
        let mut entry = entry.clone();
        let subject = format!("{}/{}", entry["name"], entry["language"]);
        entry["id"] = json!(ids::numeric(chance, "library", &subject, 0));
        entry
    })
}

/// The entry of this name in this language.
pub(crate) fn find(name: &str, language: &str) -> Option<&'static Value> {
    ENTRIES
        .iter()
        .find(|entry| entry["name"] == name && entry["language"] == language)
}

/// The components of a template that is made from an entry; `inputs` are the addresses and numbers of its buttons.
pub(crate) fn components(entry: &Value, inputs: &[Value]) -> Value {
    let mut components = Vec::new();
    if let Some(header) = entry["header"].as_str() {
        components.push(json!({"type": "HEADER", "format": "TEXT", "text": header}));
    }
    components.push(json!({"type": "BODY", "text": entry["body"], "example": {"body_text": [entry["body_params"]]}}));
    let buttons: Vec<Value> = entry["buttons"]
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(index, button)| filled(button, inputs.get(index)))
        .collect();
    if !buttons.is_empty() {
        components.push(json!({"type": "BUTTONS", "buttons": buttons}));
    }
    json!(components)
}

fn filled(button: &Value, input: Option<&Value>) -> Value {
    let mut button = button.clone();
    let Some(input) = input else {
        return button;
    };
    if let Some(url) = input["url"]["base_url"].as_str() {
        button["url"] = json!(url);
        if url.contains("{{") {
            button["example"] = json!([input["url"]["url_suffix_example"]]);
        }
    }
    if let Some(phone) = input["phone_number"].as_str() {
        button["phone_number"] = json!(phone);
    }
    button
}

/// Why a value does not fit the type of its parameter; `None` when it does.
pub(crate) fn mismatch(kind: &str, value: &str) -> Option<&'static str> {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let (fits, why) = match kind {
        "AMOUNT" => (
            digits > 0 && value.chars().count() <= 30,
            "an amount has digits",
        ),
        "NUMBER" => (digits > 0, "a number has digits"),
        "DATE" => (digits > 0, "a date has digits"),
        "PHONE NUMBER" => (
            digits >= 5
                && value
                    .chars()
                    .all(|one| one.is_ascii_digit() || "+-() ".contains(one)),
            "a phone number has digits and signs only",
        ),
        "EMAIL" => (
            value.split_once('@').is_some_and(|(user, host)| {
                !user.is_empty() && host.contains('.') && !value.contains(' ')
            }),
            "an email address has an @",
        ),
        _ => (true, ""),
    };
    (!fits).then_some(why)
}

#[cfg(test)]
mod tests {
    use super::{ENTRIES, mismatch};

    #[test]
    fn the_examples_of_every_entry_fit_their_types() {
        assert!(ENTRIES.len() >= 20, "the library cannot be read");
        for entry in ENTRIES.iter() {
            let examples = entry["body_params"].as_array().expect("examples");
            let kinds = entry["body_param_types"].as_array().expect("types");
            assert_eq!(examples.len(), kinds.len(), "{entry}");
            for (example, kind) in examples.iter().zip(kinds) {
                let (example, kind) = (example.as_str(), kind.as_str());
                let found = mismatch(kind.expect("a word"), example.expect("a text"));
                assert_eq!(found, None, "{entry}");
            }
        }
    }
}
