//! Messages that Meta takes, one of each form, and what becomes of each when one thing in it is changed.

use serde_json::{Map, Value, json};

/// The limits of Meta's pages and what lies one above each.
const LENGTHS: [usize; 24] = [
    1, 20, 21, 24, 25, 30, 31, 60, 61, 72, 73, 128, 129, 160, 161, 200, 201, 256, 257, 1_024,
    1_025, 2_001, 4_096, 4_097,
];
const COUNTS: [usize; 11] = [0, 1, 2, 3, 4, 9, 10, 11, 12, 30, 31];

const PICTURE: &str = "https://example.com/pan.jpg";

/// `type` and content.
pub(crate) fn messages() -> Vec<(&'static str, Value)> {
    let body = json!({ "text": "¿Qué desea?" });
    let footer = json!({ "text": "Panadería San Juan" });
    let header = json!({ "type": "image", "image": { "link": PICTURE } });
    let title = json!({ "type": "text", "text": "Pan" });
    let interactive = |kind: &str, members: Value, action: Value| {
        let mut whole = json!({ "type": kind, "body": body, "action": action });
        for (name, member) in members.as_object().into_iter().flatten() {
            whole[name] = member.clone();
        }
        ("interactive", whole)
    };
    let url = json!({ "name": "cta_url", "parameters": { "display_text": "Abrir", "url": "https://example.com/carta" } });
    let card = |n: u64| json!({ "card_index": n, "type": "cta_url", "header": header, "body": { "text": "Pan de pueblo" }, "action": url });
    let products = json!([{ "title": "Pan", "product_items": [{ "product_retailer_id": "SKU-1" }, { "product_retailer_id": "SKU-2" }] },
        { "title": "Dulces", "product_items": [{ "product_retailer_id": "SKU-3" }] }]);
    vec![
        ("text", json!({ "body": "Hola", "preview_url": true })),
        ("image", json!({ "link": PICTURE, "caption": "Pan" })),
        ("video", json!({ "link": PICTURE, "caption": "Horno" })),
        ("audio", json!({ "link": PICTURE, "voice": true })),
        (
            "document",
            json!({ "link": PICTURE, "caption": "Factura", "filename": "f.pdf" }),
        ),
        ("sticker", json!({ "link": PICTURE })),
        (
            "location",
            json!({ "latitude": 40.4, "longitude": -3.7, "name": "San Juan", "address": "Calle Mayor 1" }),
        ),
        (
            "contacts",
            json!([{ "name": { "formatted_name": "Ana Gil", "first_name": "Ana", "last_name": "Gil" },
            "phones": [{ "phone": "+34600000001", "wa_id": "34600000001", "type": "WORK" }], "emails": [{ "email": "ana@example.com", "type": "WORK" }],
            "urls": [{ "url": "https://example.com", "type": "WORK" }], "birthday": "1990-12-31", "org": { "company": "San Juan" },
            "addresses": [{ "street": "Calle Mayor 1", "city": "Madrid", "zip": "28001", "country_code": "ES" }] }]),
        ),
        (
            "reaction",
            json!({ "message_id": "wamid.1", "emoji": "👍" }),
        ),
        interactive(
            "button",
            json!({ "header": header, "footer": footer }),
            json!({ "buttons": [
            { "type": "reply", "reply": { "id": "si", "title": "Sí" } }, { "type": "reply", "reply": { "id": "no", "title": "No" } }] }),
        ),
        interactive(
            "list",
            json!({ "header": title, "footer": footer }),
            json!({ "button": "Ver", "sections": [
            { "title": "Pan", "rows": [{ "id": "1", "title": "Barra", "description": "Recién hecha" }, { "id": "2", "title": "Hogaza" }] },
            { "title": "Dulces", "rows": [{ "id": "3", "title": "Bollo" }] }] }),
        ),
        interactive(
            "list",
            json!({}),
            json!({ "button": "Ver", "sections": [{ "rows": [{ "id": "1", "title": "Barra" }] }] }),
        ),
        interactive(
            "cta_url",
            json!({ "header": title, "footer": footer }),
            url.clone(),
        ),
        interactive(
            "location_request_message",
            json!({}),
            json!({ "name": "send_location" }),
        ),
        interactive(
            "address_message",
            json!({}),
            json!({ "name": "address_message", "parameters": { "country": "IN", "values": { "name": "Ana" } } }),
        ),
        interactive(
            "flow",
            json!({ "header": title }),
            json!({ "name": "flow", "parameters": { "flow_message_version": "3", "flow_id": "1",
            "flow_cta": "Reservar", "flow_token": "t", "mode": "published", "flow_action": "navigate", "flow_action_payload": { "screen": "A" } } }),
        ),
        interactive(
            "product",
            json!({ "footer": footer }),
            json!({ "catalog_id": "1", "product_retailer_id": "SKU-1" }),
        ),
        interactive(
            "product_list",
            json!({ "header": title }),
            json!({ "catalog_id": "1", "sections": products }),
        ),
        interactive(
            "catalog_message",
            json!({}),
            json!({ "name": "catalog_message", "parameters": { "thumbnail_product_retailer_id": "SKU-1" } }),
        ),
        interactive(
            "carousel",
            json!({}),
            json!({ "cards": [card(0), card(1)] }),
        ),
        interactive(
            "voice_call",
            json!({}),
            json!({ "name": "voice_call", "parameters": { "display_text": "Llamar", "ttl_minutes": 60, "payload": "p" } }),
        ),
        interactive(
            "call_permission_request",
            json!({}),
            json!({ "name": "call_permission_request" }),
        ),
        interactive(
            "contact_request",
            json!({}),
            json!({ "name": "request_contact_info" }),
        ),
        (
            "template",
            json!({ "name": "positional", "language": { "code": "es", "policy": "deterministic" }, "components": [
            { "type": "header", "parameters": [{ "type": "text", "text": "PO-42" }] },
            { "type": "body", "parameters": [{ "type": "text", "text": "Ana" }, { "type": "currency", "currency": { "fallback_value": "12 €", "code": "EUR", "amount_1000": 12_000 } }] },
            { "type": "button", "sub_type": "url", "index": "0", "parameters": [{ "type": "text", "text": "42" }] },
            { "type": "button", "sub_type": "quick_reply", "index": "1", "parameters": [{ "type": "payload", "payload": "OK" }] }] }),
        ),
        (
            "template",
            json!({ "name": "named", "language": { "code": "es" }, "components": [
            { "type": "header", "parameters": [{ "type": "document", "document": { "link": PICTURE, "filename": "f.pdf" } }] },
            { "type": "body", "parameters": [{ "type": "text", "parameter_name": "who", "text": "Ana" }, { "type": "text", "parameter_name": "order", "text": "42" }] }] }),
        ),
        (
            "template",
            json!({ "name": "coupon", "language": { "code": "es" }, "components": [
            { "type": "button", "sub_type": "copy_code", "index": 0, "parameters": [{ "type": "coupon_code", "coupon_code": "PAN25" }] }] }),
        ),
        (
            "template",
            json!({ "name": "place", "language": { "code": "es" }, "components": [
            { "type": "header", "parameters": [{ "type": "location", "location": { "latitude": 40.4, "longitude": -3.7, "name": "San Juan" } }] }] }),
        ),
        (
            "template",
            json!({ "name": "code", "language": { "code": "es" }, "components": [
            { "type": "body", "parameters": [{ "type": "text", "text": "123456" }] },
            { "type": "button", "sub_type": "url", "index": "0", "parameters": [{ "type": "text", "text": "123456" }] }] }),
        ),
        (
            "template",
            json!({ "name": "cards", "language": { "code": "es" }, "components": [{ "type": "carousel", "cards": [
            { "card_index": 0, "components": [{ "type": "header", "parameters": [{ "type": "image", "image": { "link": PICTURE } }] }] },
            { "card_index": 1, "components": [{ "type": "header", "parameters": [{ "type": "image", "image": { "link": PICTURE } }] }] }] }] }),
        ),
    ]
}

/// The definitions that those template messages are sent by.
pub(crate) fn templates() -> Vec<Value> {
    let template = |name: &str, components: Value| {
        json!({ "name": name, "language": "es", "category": "UTILITY", "status": "APPROVED",
        "parameter_format": if name == "named" { "NAMED" } else { "POSITIONAL" }, "components": components })
    };
    let card = json!({ "components": [{ "type": "HEADER", "format": "IMAGE" }, { "type": "BODY", "text": "Pan" }] });
    let mut all = vec![
        template(
            "positional",
            json!([{ "type": "HEADER", "format": "TEXT", "text": "Pedido {{1}}" }, { "type": "BODY", "text": "Hola {{1}}, son {{2}}." },
            { "type": "BUTTONS", "buttons": [{ "type": "URL", "text": "Ver", "url": "https://example.com/{{1}}" }, { "type": "QUICK_REPLY", "text": "Vale" }] }]),
        ),
        template(
            "named",
            json!([{ "type": "HEADER", "format": "DOCUMENT" }, { "type": "BODY", "text": "Hola {{who}}, el pedido {{order}}." }]),
        ),
        template(
            "coupon",
            json!([{ "type": "BODY", "text": "Un descuento" }, { "type": "BUTTONS", "buttons": [{ "type": "COPY_CODE", "example": "A" }] }]),
        ),
        template(
            "place",
            json!([{ "type": "HEADER", "format": "LOCATION" }, { "type": "BODY", "text": "Aquí estamos" }]),
        ),
        template(
            "code",
            json!([{ "type": "BODY", "text": "{{1}} es su código" }, { "type": "BUTTONS", "buttons": [{ "type": "OTP", "otp_type": "COPY_CODE", "text": "Copiar" }] }]),
        ),
        template(
            "cards",
            json!([{ "type": "BODY", "text": "Mire" }, { "type": "CAROUSEL", "cards": [card, card] }]),
        ),
    ];
    for (name, status) in [
        ("paused", "PAUSED"),
        ("disabled", "DISABLED"),
        ("pending", "PENDING"),
    ] {
        let mut template = template(name, json!([{ "type": "BODY", "text": "Hola" }]));
        template["status"] = json!(status);
        all.push(template);
    }
    all
}

/// Every change of one thing, with a word for it.
pub(crate) fn changed(content: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    let mut places = Vec::new();
    walk(content, &mut String::new(), &mut places);
    for place in places {
        let here = content.pointer(&place).unwrap_or(content);
        let mut put = |what: &str, value: Value| {
            let mut whole = content.clone();
            if let Some(here) = whole.pointer_mut(&place) {
                *here = value;
            }
            all.push((format!("{place} {what}"), whole));
        };
        for (what, wrong) in [
            ("a number", json!(42)),
            ("a flag", json!(true)),
            ("a text", json!("x")),
            ("null", Value::Null),
            ("a list", json!(["x"])),
            ("an object", json!({ "x": 1 })),
        ] {
            put(what, wrong);
        }
        match here {
            Value::String(_) => {
                for length in LENGTHS {
                    put(&format!("of {length}"), json!("x".repeat(length)));
                }
                for text in [
                    "",
                    "  ",
                    "dos\nlíneas",
                    "a\tb",
                    "a     b",
                    "😀",
                    "PAN 25",
                    "1\n2\n3\n4",
                    "ftp://example.com/x",
                    "https://example.com/y",
                ] {
                    put(&format!("{text:?}"), json!(text));
                }
            }
            Value::Number(_) => {
                for number in [-181.0, -91.0, 0.0, 1.0, 9.0, 10.0, 91.0, 181.0] {
                    put(&format!("{number}"), json!(number));
                }
            }
            Value::Array(things) => {
                for count in COUNTS {
                    let many = (0..count)
                        .filter_map(|n| Some(like(things.get(n % things.len().max(1))?, n)));
                    put(&format!("{count} of them"), many.collect());
                }
            }
            Value::Object(map) => {
                let with = |name: &str, value: Value| {
                    let mut map: Map<_, _> = map.clone();
                    map.insert(name.to_owned(), value);
                    Value::Object(map)
                };
                put("with a member that nobody knows", with("tipo", json!("x")));
                for name in map.keys() {
                    let mut rest = map.clone();
                    rest.remove(name);
                    put(&format!("without {name}"), Value::Object(rest));
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }
    for name in ["paused", "disabled", "pending", "nobody_knows"] {
        if content.get("language").is_some() {
            all.push((
                name.to_owned(),
                json!({ "name": name, "language": { "code": "es" } }),
            ));
        }
    }
    all
}

/// The thing, with ids, titles and places of its own.
fn like(thing: &Value, n: usize) -> Value {
    match thing {
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| {
                let value = match (name.as_str(), value) {
                    ("id" | "title", Value::String(_)) => json!(format!("n{n}")),
                    ("card_index" | "index", _) => json!(n),
                    (_, value @ Value::Object(_)) => like(value, n),
                    (_, value) => value.clone(),
                };
                (name.clone(), value)
            })
            .collect(),
        other => other.clone(),
    }
}

fn walk(value: &Value, at: &mut String, places: &mut Vec<String>) {
    places.push(at.clone());
    let length = at.len();
    match value {
        Value::Object(map) => {
            for (name, member) in map {
                at.push('/');
                at.push_str(name);
                walk(member, at, places);
                at.truncate(length);
            }
        }
        Value::Array(things) => {
            for (n, thing) in things.iter().enumerate() {
                at.push_str(&format!("/{n}"));
                walk(thing, at, places);
                at.truncate(length);
            }
        }
        _ => {}
    }
}
