use meta::webhook::{Envelope, MessageKind, MessagesValue, Status, StatusKind, Value, parse};

use crate::files::fixture;

fn first_value<'e, 'a>(envelope: &'e Envelope<'a>) -> &'e MessagesValue<'a> {
    match &envelope.entries[0].changes[0].value {
        Value::Messages(value) => value,
        Value::Other => panic!("the change is not of a messages-like field"),
    }
}

fn first_status(name: &str) -> Status {
    let body = fixture(name);
    let envelope = parse(&body).unwrap();
    first_value(&envelope).statuses[0]
        .as_ref()
        .unwrap()
        .status
        .clone()
}

#[test]
fn one_bad_piece_at_any_level_leaves_its_siblings() {
    let body = fixture("batch.malformed_among_good");
    let envelope = parse(&body).unwrap();
    assert_eq!(
        envelope.entries.len(),
        3,
        "the three entries that are objects are kept"
    );
    assert_eq!(envelope.malformed.len(), 1, "the entry that is a text");
    assert_eq!(
        envelope.entries[0].malformed.len(),
        3,
        "a text, a change without field, a value that is a number"
    );
    assert_eq!(
        envelope.entries[1].malformed.len(),
        1,
        "changes that are no array"
    );
    let value = first_value(&envelope);
    let texts: Vec<_> = value
        .messages
        .iter()
        .map(|item| item.as_ref().ok().and_then(|item| item.message.text()))
        .collect();
    assert_eq!(texts, [Some("Antes"), None, None, Some("Después")]);
    let statuses: Vec<_> = value.statuses.iter().map(Result::is_ok).collect();
    assert_eq!(statuses, [false, true]);
    assert_eq!(value.contacts.len(), 1);
    assert_eq!(
        envelope.entries[2].changes.len(),
        1,
        "the entry after the bad ones"
    );
}

#[test]
fn null_reads_as_absent_everywhere() {
    let body = fixture("batch.null_everywhere");
    let envelope = parse(&body).unwrap();
    assert_eq!(envelope.all_malformed().count(), 0);
    let message = &first_value(&envelope).messages[0].as_ref().unwrap().message;
    assert_eq!(message.text(), Some("Entre nulos"));
    assert_eq!(message.context, None);
}

#[test]
fn unknown_members_survive_in_the_raw_piece() {
    let body = fixture("messages.text+unknown_members");
    let envelope = parse(&body).unwrap();
    let item = first_value(&envelope).messages[0].as_ref().unwrap();
    let raw: serde_json::Value = serde_json::from_str(item.raw.get()).unwrap();
    assert_eq!(raw["thread"]["id"], "t1");
    assert_eq!(raw["text"]["style"]["bold"][1], 3);
}

#[test]
fn a_type_that_is_not_known_keeps_its_content() {
    let body = fixture("messages.other");
    let envelope = parse(&body).unwrap();
    let item = first_value(&envelope).messages[0].as_ref().unwrap();
    let MessageKind::Other { kind, raw } = &item.message.kind else {
        panic!("{:?}", item.message.kind)
    };
    assert_eq!(kind, "hologram");
    assert!(raw.contains("\"beam\""), "{raw}");
}

#[test]
fn a_sender_without_phone_number_is_known_by_the_user_id() {
    let body = fixture("messages.text+bsuid_only");
    let envelope = parse(&body).unwrap();
    let value = first_value(&envelope);
    let message = &value.messages[0].as_ref().unwrap().message;
    assert_eq!(message.from, None);
    assert_eq!(
        message.from_user_id.as_deref(),
        Some("ES.1700000000000000001")
    );
    assert_eq!(value.contacts[0].username.as_deref(), Some("@marta.ruiz"));
    assert_eq!(value.contacts[0].wa_id, None);
}

#[test]
fn a_time_may_be_a_text_or_a_number() {
    for name in ["messages.text", "messages.text+integer_timestamp"] {
        let body = fixture(name);
        let envelope = parse(&body).unwrap();
        assert!(
            first_value(&envelope).messages[0]
                .as_ref()
                .unwrap()
                .message
                .timestamp
                >= 1_795_000_000,
            "{name}"
        );
    }
}

#[test]
fn half_an_emoji_costs_one_character_and_not_the_message() {
    let body = fixture("messages.text+half_emoji");
    let envelope = parse(&body).unwrap();
    let message = &first_value(&envelope).messages[0].as_ref().unwrap().message;
    assert_eq!(message.text(), Some("cortado \u{fffd}"));
}

#[test]
fn a_status_carries_price_errors_and_our_own_data() {
    let sent = first_status("messages.status.sent+marketing");
    assert_eq!(sent.status, StatusKind::Sent);
    assert_eq!(
        sent.biz_opaque_callback_data.as_deref(),
        Some("outbox:0192a3b4")
    );
    let pricing = sent.pricing.unwrap();
    assert_eq!(
        (pricing.billable, pricing.category.as_deref()),
        (Some(true), Some("marketing"))
    );
    assert_eq!(
        (pricing.pricing_model.as_deref(), pricing.kind.as_deref()),
        (Some("PMP"), Some("regular"))
    );

    let failed = first_status("messages.status.failed+131047");
    assert_eq!(failed.errors[0].code, 131_047);
    assert!(
        failed.errors[0]
            .details
            .as_deref()
            .unwrap()
            .contains("24 hours")
    );
    assert_eq!(failed.pricing, None);

    let to_bsuid = first_status("messages.status.delivered+to_bsuid");
    assert_eq!(to_bsuid.recipient_id, None);
    assert_eq!(
        to_bsuid.recipient_user_id.as_deref(),
        Some("ES.1700000000000000001")
    );
    assert_eq!(
        first_status("messages.status.other").status,
        StatusKind::Other("teleported".to_owned())
    );
}

#[test]
fn a_repeated_member_loses_nothing() {
    let body = br#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":
        {"messages":[{"id":"a","type":"request_welcome"}],"messages":[{"id":"b","type":"request_welcome"}]}}]}]}"#;
    let envelope = parse(body).unwrap();
    let ids: Vec<_> = first_value(&envelope)
        .messages
        .iter()
        .map(|item| item.as_ref().unwrap().message.id.clone())
        .collect();
    assert_eq!(ids, ["a", "b"]);
}

#[test]
fn only_a_body_that_is_not_json_is_an_error() {
    for body in [
        &b""[..],
        b"{",
        b"hello",
        b"{} {}",
        b"\xff\xfe{}",
        b"\"\xc3\"",
    ] {
        assert!(parse(body).is_err(), "{body:?} was taken for JSON");
    }
    for body in [
        &b"{}"[..],
        b"[]",
        b"null",
        b"7",
        b"{\"entry\":7}",
        b"{\"entry\":[[]]}",
    ] {
        assert!(parse(body).is_ok(), "{body:?} was not taken for JSON");
    }
    assert_eq!(
        parse(b"[]").unwrap().malformed.len(),
        1,
        "a body that is no object is kept whole"
    );
}

#[test]
fn no_depth_of_nesting_overflows_the_stack() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let edits = format!(
        "{}1{}",
        r#"{"message":{"type":"edit","edit":"#.repeat(5_000),
        "}}".repeat(5_000)
    );
    for piece in [deep, edits] {
        for body in [
            piece.clone(),
            format!(r#"{{"entry":{piece}}}"#),
            format!(
                r#"{{"object":{piece},"entry":[{{"id":{piece},"changes":[{{"field":"messages","value":{piece}}}]}}]}}"#
            ),
            format!(
                r#"{{"entry":[{{"changes":[{{"field":"messages","value":{{"metadata":{piece},"contacts":[{piece}],
                "messages":[{{"id":"a","from":{piece},"type":"edit","edit":{piece},"context":{piece}}}],
                "statuses":[{{"id":"b","status":{piece},"pricing":{piece}}}]}}}}]}}]}}"#
            ),
        ] {
            let envelope = parse(body.as_bytes()).unwrap();
            assert!(envelope.entries.len() <= 1);
        }
    }
}
