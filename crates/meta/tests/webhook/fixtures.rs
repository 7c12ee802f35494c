use meta::webhook::{Field, MessageItem, Value, parse};

use crate::{files, kind};

#[test]
fn every_fixture_is_what_its_name_says_and_nothing_of_it_is_malformed() {
    for document in files::fixtures() {
        if document.name.starts_with("batch.") {
            continue;
        }
        let envelope = parse(&document.body).unwrap();
        let malformed: Vec<_> = envelope.all_malformed().map(|piece| &piece.why).collect();
        assert!(malformed.is_empty(), "{}: {malformed:?}", document.name);
        assert_eq!(
            envelope.object, "whatsapp_business_account",
            "{}",
            document.name
        );
        let expected = document.name.split('+').next().unwrap();
        assert_eq!(kind::of_envelope(&envelope), expected, "{}", document.name);
        let field = &envelope.entries[0].changes[0].field;
        let known = expected != "a_field_of_tomorrow";
        assert_eq!(!field.is_other(), known, "{}: field {field}", document.name);
    }
}

#[test]
fn every_field_that_is_known_has_a_fixture() {
    let documents = files::fixtures();
    for field in Field::KNOWN {
        let has = |name: &str| {
            name == *field
                || name
                    .strip_prefix(field)
                    .is_some_and(|rest| rest.starts_with(['.', '+']))
        };
        assert!(
            documents.iter().any(|document| has(&document.name)),
            "{field} has no fixture"
        );
    }
}

#[test]
fn payloads_of_other_projects_are_what_their_names_say_and_nothing_of_them_is_malformed() {
    let Some(documents) = files::shared_payloads() else {
        return;
    };
    assert!(
        documents.len() > 60,
        "only {} payloads were found",
        documents.len()
    );
    for document in documents {
        let envelope = parse(&document.body).unwrap();
        let name = document.path.display();
        let malformed: Vec<_> = envelope.all_malformed().map(|piece| &piece.why).collect();
        assert!(malformed.is_empty(), "{name}: {malformed:?}");
        // `messages-status.sent+conversation--1` → `messages.status.sent`
        let expected = document
            .name
            .split("--")
            .next()
            .unwrap()
            .split('+')
            .next()
            .unwrap()
            .replacen('-', ".", 1);
        let expected = expected.strip_suffix(".with_errors").unwrap_or(&expected);
        assert_eq!(kind::of_envelope(&envelope), expected, "{name}");
    }
}

#[test]
fn every_message_has_a_preview_of_one_short_line() {
    let mut previews = String::new();
    for document in files::fixtures() {
        let envelope = parse(&document.body).unwrap();
        for MessageItem { message, .. } in messages(&envelope) {
            let preview = message.preview();
            assert!(
                preview.chars().count() <= 120,
                "{}: {preview}",
                document.name
            );
            assert!(
                !preview.contains(['\n', '\r']),
                "{}: {preview:?}",
                document.name
            );
            previews.push_str(&format!(
                "{:50} {preview:60} {}\n",
                document.name,
                message.text().unwrap_or("–").escape_debug()
            ));
        }
    }
    insta::assert_snapshot!("previews", previews);
}

fn messages<'e, 'a>(envelope: &'e meta::webhook::Envelope<'a>) -> Vec<&'e MessageItem<'a>> {
    let mut found = Vec::new();
    for change in envelope.entries.iter().flat_map(|entry| &entry.changes) {
        let Value::Messages(value) = &change.value else {
            continue;
        };
        let threads = value
            .history
            .iter()
            .flatten()
            .flat_map(|chunk| &chunk.threads);
        found.extend(value.messages.iter().chain(&value.echoes).flatten());
        found.extend(threads.flat_map(|thread| &thread.messages).flatten());
    }
    found
}
