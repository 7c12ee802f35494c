//! Outgoing bodies against Meta's own description of its API, where it is at hand, and against Meta's limits.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a helper of tests may fail the test and speak"
)]

use std::path::Path;

use meta::graph::outbound::{
    Component, Content, Language, Location, MediaSource, OutMedia, OutReaction, OutText,
    OutboundMessage, Parameter, Template,
};
use serde_json::{Value, json};

const TO: &str = "+34600000001";

fn description() -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/meta/business-messaging-api_v23.0.yaml");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: Meta's description of the API is not at hand");
        return None;
    };
    Some(serde_yaml_ng::from_str(&text).expect("the description is YAML"))
}

fn template() -> Template {
    Template {
        name: "po_notification".to_owned(),
        language: Language {
            code: "es".to_owned(),
            policy: Some("deterministic".to_owned()),
        },
        components: vec![
            Component::header(Parameter::text("Pedido")),
            Component::body(vec![Parameter::text("PO-42"), Parameter::text("18,90 €")]),
            Component::button("url", 0, Parameter::text("PO-42")),
            Component::button(
                "quick_reply",
                1,
                Parameter::Payload {
                    payload: "CONFIRM".to_owned(),
                },
            ),
        ],
    }
}

fn samples() -> Vec<OutboundMessage> {
    let card = json!({"name": {"formatted_name": "Ana Gil", "first_name": "Ana"}, "phones": [{"phone": TO, "type": "WORK"}]});
    let contents = [
        Content::text("Hola"),
        Content::Text(OutText {
            body: "https://panaderia.example".to_owned(),
            preview_url: Some(true),
        }),
        Content::Image(OutMedia::link("https://panaderia.example/pan.jpg").with_caption("Pan")),
        Content::Video(OutMedia::id("600000000000001").with_caption("Horno")),
        Content::Audio(OutMedia::id("600000000000002")),
        Content::Document(
            OutMedia::id("600000000000003")
                .with_caption("Factura")
                .with_filename("f.pdf"),
        ),
        Content::Sticker(OutMedia::id("600000000000004")),
        Content::Location(Location {
            latitude: 40.4,
            longitude: -3.7,
            name: Some("San Juan".to_owned()),
            address: Some("Calle Mayor 1".to_owned()),
        }),
        Content::Contacts(vec![card]),
        Content::Reaction(OutReaction {
            message_id: "wamid.1".to_owned(),
            emoji: "👍".to_owned(),
        }),
        Content::Template(template()),
        Content::Interactive(json!({"type": "button", "body": {"text": "¿Confirmas?"},
            "action": {"buttons": [{"type": "reply", "reply": {"id": "yes", "title": "Sí"}}]}})),
    ];
    contents
        .into_iter()
        .map(|content| OutboundMessage::to(TO, content))
        .collect()
}

#[test]
fn every_sample_has_the_form_that_meta_describes() {
    let Some(description) = description() else {
        return;
    };
    for sample in samples() {
        let body = serde_json::to_value(&sample).unwrap();
        let mut wrong = Vec::new();
        let schema = json!({"$ref": "#/components/schemas/Message"});
        check(&description, &schema, &body, "", &mut wrong);
        assert!(wrong.is_empty(), "{body}\n{}", wrong.join("\n"));
    }
}

#[test]
fn every_example_of_metas_is_read_and_written_again_as_it_was() {
    let Some(description) = description() else {
        return;
    };
    let examples = &description["paths"]["/{Version}/{Phone-Number-ID}/messages"]["post"]["requestBody"]
        ["content"]["application/json"]["examples"];
    let (mut count, mut wrong) = (0, Vec::new());
    for (name, example) in examples.as_object().unwrap() {
        let mut expected = example["value"].clone();
        // A read receipt is no message, and one example lacks the type that its schema requires.
        if expected.get("status").is_some() || expected.get("type").is_none() {
            continue;
        }
        let message: OutboundMessage = serde_json::from_value(expected.clone())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let kind = message.content.as_str().to_owned();
        wrong.extend(
            meta::graph::outbound::check(&kind, &filled_in("", expected[&kind].clone()))
                .into_iter()
                .map(|problem| format!("{name}: {problem}")),
        );
        let written = serde_json::to_value(&message).unwrap();
        let members = expected.as_object_mut().unwrap();
        members
            .entry("recipient_type")
            .or_insert_with(|| json!("individual"));
        assert_eq!(plain(written), plain(expected), "{name}");
        count += 1;
    }
    assert!(count > 40, "only {count} examples were found");
    assert_eq!(wrong, [""; 0], "what Meta shows itself is refused here");
}

/// Meta's examples hold placeholders, and words that YAML takes for truth values.
fn filled_in(member: &str, value: Value) -> Value {
    match value {
        Value::String(_) if member == "link" => json!("https://example.com/a"),
        Value::String(text) if member == "type" && text.contains('<') => json!("text"),
        Value::String(text) if matches!(member, "name" | "code") && text.contains(['<', '-']) => {
            json!("a")
        }
        Value::Bool(_) if member == "text" => json!("yes"),
        Value::Array(things) => things
            .into_iter()
            .map(|thing| filled_in(member, thing))
            .collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, member)| {
                let filled = filled_in(&name, member);
                (name, filled)
            })
            .collect(),
        other => other,
    }
}

/// Numbers as text: Meta takes both for an index.
fn plain(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.as_f64().unwrap().to_string()),
        Value::String(text) => Value::String(
            text.parse::<f64>()
                .map_or(text, |number| number.to_string()),
        ),
        Value::Array(elements) => elements.into_iter().map(plain).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, member)| (name, plain(member)))
            .collect(),
        other => other,
    }
}

/// The part of JSON Schema that the description uses; a name it does not know is a mistake, too.
fn check(description: &Value, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let schema = description
            .pointer(&reference[1..])
            .unwrap_or_else(|| panic!("{reference}"));
        return check(description, schema, value, at, wrong);
    }
    for all in schema
        .get("allOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        check(description, all, value, at, wrong);
    }
    let choice = schema
        .pointer("/discriminator/propertyName")
        .and_then(Value::as_str)
        .and_then(|name| {
            schema
                .pointer(&format!(
                    "/discriminator/mapping/{}",
                    value.get(name)?.as_str()?
                ))
                .cloned()
        });
    if let Some(choice) = choice.filter(|_| schema.get("oneOf").is_some()) {
        return check(description, &json!({ "$ref": choice }), value, at, wrong);
    }
    for word in ["oneOf", "anyOf"] {
        let Some(choices) = schema.get(word).and_then(Value::as_array) else {
            continue;
        };
        let attempts = choices.iter().map(|choice| {
            let mut wrong = Vec::new();
            check(description, choice, value, at, &mut wrong);
            wrong
        });
        let best = attempts.min_by_key(Vec::len).unwrap_or_default();
        wrong.extend(best);
    }
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
        && !allowed.contains(value)
    {
        wrong.push(format!("{at}: {value} is not one of {allowed:?}"));
    }
    if let Some(constant) = schema.get("const")
        && constant != value
    {
        wrong.push(format!("{at}: {value} is not {constant}"));
    }
    let fits = match schema.get("type").and_then(Value::as_str) {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        // The schema says text for degrees, the examples beside it are numbers.
        Some("string") => value.is_string() || (value.is_number() && at.ends_with("itude")),
        Some("number" | "integer") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        _ => true,
    };
    if !fits {
        wrong.push(format!("{at}: {value} has the wrong type"));
    }
    for (place, element) in value.as_array().into_iter().flatten().enumerate() {
        if let Some(items) = schema.get("items") {
            check(description, items, element, &format!("{at}/{place}"), wrong);
        }
    }
    let Some(members) = value.as_object() else {
        return;
    };
    for name in schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if !members.contains_key(name.as_str().unwrap()) {
            wrong.push(format!("{at}: {name} is missing"));
        }
    }
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return;
    };
    for (name, member) in members {
        if let Some(schema) = properties.get(name) {
            check(description, schema, member, &format!("{at}/{name}"), wrong);
        }
    }
}

#[test]
fn a_message_is_written_and_read_back_the_same() {
    for sample in samples() {
        let sample = sample.in_reply_to("wamid.2").with_callback_data("outbox:1");
        let text = serde_json::to_string(&sample).unwrap();
        assert_eq!(
            serde_json::from_str::<OutboundMessage>(&text).unwrap(),
            sample,
            "{text}"
        );
    }
    let to_user = OutboundMessage::to_recipient("ES.1700000000000000001", Content::text("Hola"));
    assert_eq!(
        serde_json::to_value(&to_user).unwrap(),
        json!({"messaging_product": "whatsapp", "recipient_type": "individual", "recipient": "ES.1700000000000000001",
            "type": "text", "text": {"body": "Hola"}})
    );
}

#[test]
fn what_meta_takes_has_no_problems() {
    for sample in samples() {
        assert_eq!(sample.validate(), [], "{sample:?}");
    }
    assert_eq!(
        OutboundMessage::to_recipient("US.ENT.1181579921288", Content::text("a")).validate(),
        []
    );
    assert_eq!(
        OutboundMessage::to_group("Y2FwaV9ncm91cDox", Content::text("a")).validate(),
        []
    );
}

fn fields(message: &OutboundMessage) -> Vec<String> {
    message
        .validate()
        .into_iter()
        .map(|problem| problem.field)
        .collect()
}

#[test]
fn what_meta_refuses_is_found_with_the_name_of_the_member() {
    let to = |content| OutboundMessage::to(TO, content);
    let media = |source| OutMedia {
        source,
        caption: None,
        filename: None,
        voice: None,
    };
    assert_eq!(fields(&to(Content::text("x".repeat(4097)))), ["text.body"]);
    assert_eq!(fields(&to(Content::text("ñ".repeat(4096)))), [""; 0]);
    assert_eq!(fields(&to(Content::text("  "))), ["text.body"]);
    assert_eq!(
        fields(&to(Content::Image(
            OutMedia::id("1").with_caption("x".repeat(1025))
        ))),
        ["image.caption"]
    );
    assert_eq!(
        fields(&to(Content::Audio(OutMedia::id("1").with_caption("x")))),
        ["audio.caption"]
    );
    for link in ["ftp://a.example/x", "javascript:alert(1)", "pan.jpg", ""] {
        assert_eq!(
            fields(&to(Content::Image(media(MediaSource::Link(
                link.to_owned()
            ))))),
            ["image.link"],
            "{link}"
        );
    }
    let named = |name: &str| {
        Content::Template(Template {
            name: name.to_owned(),
            ..template()
        })
    };
    assert_eq!(fields(&to(named("Po-Notification"))), ["template.name"]);
    let parameters = vec![Parameter::text("two\nlines"), Parameter::text("a     b")];
    let spaced = Template {
        components: vec![Component::body(parameters)],
        ..template()
    };
    assert_eq!(
        fields(&to(Content::Template(spaced))),
        [
            "template.components[0].parameters[0].text",
            "template.components[0].parameters[1].text"
        ]
    );
    assert_eq!(
        fields(&OutboundMessage::to("CUSTOMER", Content::text("a"))),
        ["to"]
    );
    assert_eq!(
        fields(&OutboundMessage::to_recipient("nobody", Content::text("a"))),
        ["recipient"]
    );
    let long = to(Content::text("a")).with_callback_data("x".repeat(513));
    assert_eq!(fields(&long), ["biz_opaque_callback_data"]);
    let reaction = Content::Reaction(OutReaction {
        message_id: "wamid.1".to_owned(),
        emoji: String::new(),
    });
    assert_eq!(fields(&to(reaction).in_reply_to("wamid.1")), ["reply_to"]);
    assert_eq!(
        fields(&to(Content::text("a")).in_reply_to("1")),
        ["reply_to"]
    );
    let buttons = json!({"type": "button", "body": {"text": "a"}, "action": {"buttons": [
        {"type": "reply", "reply": {"id": "1", "title": "the same"}}, {"type": "reply", "reply": {"id": "2", "title": "the same"}}]}});
    assert_eq!(
        fields(&to(Content::Interactive(buttons))),
        ["interactive.action.buttons[1].reply.title"]
    );
}

#[test]
fn a_body_without_messaging_product_or_content_is_not_a_message() {
    for body in [
        json!({"to": TO, "text": {"body": "a"}}),
        json!({"messaging_product": "whatsapp", "to": TO, "type": "image"}),
        json!({"messaging_product": "whatsapp", "to": TO, "type": "image", "image": {}}),
    ] {
        assert!(
            serde_json::from_value::<OutboundMessage>(body.clone()).is_err(),
            "{body}"
        );
    }
}
