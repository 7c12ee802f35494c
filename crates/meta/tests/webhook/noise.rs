//! No input may panic, and no piece may be lost.

use std::sync::LazyLock;

use meta::webhook::{Envelope, Field, Value, parse};
use proptest::prelude::*;
use serde_json::Value as Json;

use crate::files;

static BODIES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    files::fixtures()
        .into_iter()
        .map(|document| document.body)
        .collect()
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(body in proptest::collection::vec(any::<u8>(), 0..400)) {
        exercise(&body);
    }

    #[test]
    fn a_fixture_with_arbitrary_bytes_in_it_never_panics(
        which in any::<prop::sample::Index>(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut body = which.get::<Vec<u8>>(&BODIES).clone();
        for (place, byte) in edits {
            let place = place.index(body.len());
            body[place] = byte;
        }
        exercise(&body);
    }

    #[test]
    fn a_fixture_with_any_value_replaced_keeps_every_message_and_status(
        which in any::<prop::sample::Index>(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), 0_u8..9), 1..5),
    ) {
        let mut document: Json = serde_json::from_str(&lossless(which.get::<Vec<u8>>(&BODIES))).unwrap();
        for (place, choice) in edits {
            let count = count_values(&document);
            replace(&mut document, &mut place.index(count), choice);
        }
        let body = serde_json::to_vec(&document).unwrap();
        exercise(&body);
        let envelope = parse(&body).unwrap();
        let (kept, lost) = (pieces_kept(&envelope), envelope.all_malformed().count());
        let expected = pieces_in(&document);
        for piece in expected {
            let found = kept.contains(&piece) || (lost > 0 && is_inside_malformed(&envelope, &piece));
            prop_assert!(found, "{piece} was lost from {document}");
        }
    }
}

/// Our fixtures hold one half of an emoji, which a generic reader refuses.
fn lossless(body: &[u8]) -> String {
    String::from_utf8(body.to_vec())
        .unwrap()
        .replace("\\ud83d\"", "\"")
}

/// Calls everything that works on what was read.
fn exercise(body: &[u8]) {
    let Ok(envelope) = parse(body) else { return };
    for change in envelope.entries.iter().flat_map(|entry| &entry.changes) {
        let _ = change.account();
        let Value::Messages(value) = &change.value else {
            continue;
        };
        for item in value.messages.iter().chain(&value.echoes).flatten() {
            assert!(
                item.message.preview().chars().count() <= 120,
                "{:?}",
                item.message
            );
            let _ = item.message.text();
        }
    }
    envelope.all_malformed().count();
}

fn count_values(value: &Json) -> usize {
    1 + match value {
        Json::Array(elements) => elements.iter().map(count_values).sum(),
        Json::Object(members) => members.values().map(count_values).sum(),
        _ => 0,
    }
}

fn replace(value: &mut Json, place: &mut usize, choice: u8) -> bool {
    if *place == 0 {
        *value = match choice {
            0 => Json::Null,
            1 => Json::Bool(true),
            2 => Json::from(-7),
            3 => Json::from(1e300),
            4 => Json::from("text"),
            5 => Json::Array(vec![value.take()]),
            6 => serde_json::json!({"wrapped": value.take()}),
            7 => Json::Array(Vec::new()),
            _ => serde_json::json!({}),
        };
        return true;
    }
    *place -= 1;
    match value {
        Json::Array(elements) => elements
            .iter_mut()
            .any(|element| replace(element, place, choice)),
        Json::Object(members) => members
            .values_mut()
            .any(|member| replace(member, place, choice)),
        _ => false,
    }
}

/// Every message and status that stands where it belongs.
fn pieces_in(document: &Json) -> Vec<Json> {
    let mut pieces = Vec::new();
    for entry in elements(&document["entry"]) {
        for change in elements(&entry["changes"]) {
            let field = change["field"].as_str().unwrap_or_default();
            if !Field::from_wire(field).is_messages_like() {
                continue;
            }
            for name in ["messages", "statuses", "message_echoes"] {
                pieces.extend(elements(&change["value"][name]).cloned());
            }
        }
    }
    pieces
}

fn elements(value: &Json) -> impl Iterator<Item = &Json> {
    value.as_array().into_iter().flatten()
}

fn pieces_kept(envelope: &Envelope<'_>) -> Vec<Json> {
    let mut raw = Vec::new();
    for change in envelope.entries.iter().flat_map(|entry| &entry.changes) {
        let Value::Messages(value) = &change.value else {
            continue;
        };
        raw.extend(
            value
                .messages
                .iter()
                .chain(&value.echoes)
                .flatten()
                .map(|item| item.raw),
        );
        raw.extend(value.statuses.iter().flatten().map(|item| item.raw));
        raw.extend(value.calls.iter().flatten().map(|item| item.raw));
    }
    raw.into_iter()
        .map(|raw| serde_json::from_str(raw.get()).unwrap())
        .collect()
}

fn is_inside_malformed(envelope: &Envelope<'_>, piece: &Json) -> bool {
    fn holds(value: &Json, piece: &Json) -> bool {
        value == piece
            || match value {
                Json::Array(elements) => elements.iter().any(|element| holds(element, piece)),
                Json::Object(members) => members.values().any(|member| holds(member, piece)),
                _ => false,
            }
    }
    envelope
        .all_malformed()
        .any(|malformed| holds(&serde_json::from_str(malformed.raw.get()).unwrap(), piece))
}
