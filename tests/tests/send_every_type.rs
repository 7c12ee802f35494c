//! Every type is held against Meta's limits, the template's definition and the window before it is recorded, and told
//! about like Meta would.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Setup, Tenant, TestApp, each_database, each_database_with, until, webhook};

const CUSTOMER: &str = "34600000001";

/// A customer who wrote a moment ago.
async fn talking_to(app: &TestApp, shop: &Tenant, customer: &str) -> Value {
    let wamid = app.customer_says(&shop.number, customer, "Hola");
    until("the customer's message is here", async || {
        let all = shop.api.all("/api/v1/messages?direction=inbound").await;
        let found = all.iter().find(|one| one["wamid"] == wamid.as_str());
        found.cloned().ok_or(format!("{all:?}"))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_is_told_with_its_place_and_the_code_of_meta() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let to = "+34600000001";
        let rows: Vec<_> = (0..11).map(|n| json!({ "id": n.to_string(), "title": format!("Fila {n}") })).collect();
        let list = json!({ "type": "list", "body": { "text": "Menú" }, "action": { "button": "Ver", "sections": [{ "rows": rows }] } });
        let button = |title: &str| json!({ "type": "button", "body": { "text": "¿?" }, "action": { "buttons": [{ "type": "reply", "reply": { "id": "1", "title": title } }] } });
        let po = |values: &[&str]| json!({ "name": "po_notification", "language": "es", "components": [{ "type": "body",
            "parameters": values.iter().map(|text| json!({ "type": "text", "text": text })).collect::<Vec<_>>() }] });
        let picture = json!({ "name": "po_notification", "language": "es", "components": [{ "type": "body", "parameters": [
            { "type": "text", "text": "Ana" }, { "type": "text", "text": "1" }, { "type": "image", "image": { "link": "https://example.com/a.jpg" } }] }] });
        let cases = [
            (json!({ "to": "123", "text": "Hola" }), "to", 131_009),
            (json!({ "to": "+34 612 ABC 678", "text": "Hola" }), "to", 131_009),
            (json!({ "to": "+1234567890123456", "text": "Hola" }), "to", 131_009),
            (json!({ "to": "0612345678", "text": "Hola" }), "to", 131_009),
            (json!({ "to": 34_600_000_001_i64, "text": "Hola" }), "to", 100),
            (json!({ "recipient": "nobody", "text": "Hola" }), "recipient", 131_009),
            (json!({ "to": to, "text": "x".repeat(4_097) }), "text.body", 100),
            (json!({ "to": to, "type": "text", "text": { "body": 7 } }), "text.body", 100),
            (json!({ "to": to, "type": "text", "text": { "body": "Hola", "previewurl": true } }), "text.previewurl", 100),
            (json!({ "to": to, "type": "text", "text": "Hola", "txet": 1 }), "txet", 100),
            (json!({ "to": to, "type": "text", "text": "Hola", "image": {} }), "image", 100),
            (json!({ "to": to, "type": "dance", "dance": {} }), "type", 131_051),
            (json!({ "to": to, "image": { "link": "pan.jpg" } }), "image.link", 100),
            (json!({ "to": to, "image": {} }), "image", 131_008),
            (json!({ "to": to, "location": { "latitude": 91, "longitude": 0 } }), "location.latitude", 131_009),
            (json!({ "to": to, "contacts": [{ "name": { "formatted_name": "Ana" } }] }), "contacts[0].name", 131_009),
            (json!({ "to": to, "interactive": list }), "interactive.action.sections", 131_009),
            (json!({ "to": to, "interactive": button("x".repeat(21).as_str()) }), "interactive.action.buttons[0].reply.title", 131_009),
            (json!({ "to": to, "template": po(&["Ana", "1"]) }), "template.components[0].parameters", 132_000),
            (json!({ "to": to, "template": po(&["Ana", "1", "2", "3"]) }), "template.components[0].parameters", 132_000),
            (json!({ "to": to, "template": po(&["Ana", "dos\nlíneas", "2"]) }), "template.components[0].parameters[1].text", 132_012),
            (json!({ "to": to, "template": picture }), "template.components[0].parameters[2].type", 132_012),
            (json!({ "to": to, "template": { "name": "po_notification", "language": "es" } }), "template.components", 132_000),
            (json!({ "to": to, "template": { "name": "po_notification", "language": "fr" } }), "template.name", 132_001),
            (json!({ "to": to, "template": po(&["Ana", "1", "2"]), "marketing": {} }), "marketing", 134_100),
            (json!({ "to": to, "text": "Hola", "marketing": {} }), "marketing", 131_055),
        ];
        for (body, field, code) in cases {
            let problem = shop.api.post("/api/v1/messages", &body).await.expect_problem(422, "invalid");
            let errors = problem["errors"].as_array().unwrap();
            assert_eq!((errors.len(), &errors[0]["field"], &errors[0]["meta_code"]), (1, &json!(field), &json!(code)), "{body}: {problem}");
        }
        for (field, value) in [("send_at", json!("2020-01-01T00:00:00Z")), ("send_at", json!("2099-01-01T00:00:00Z")), ("send_at", json!("mañana")), ("send_before", json!("2020-01-01T00:00:00Z")),
            ("batch", json!("con espacios")), ("batch", json!("")), ("lane", json!("express")), ("marketing", json!(true))] {
            let mut body = json!({ "to": to, "template": { "name": "hello_world", "language": "en_US" } });
            body[field] = value;
            let problem = shop.api.post("/api/v1/messages", &body).await.expect_problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
        }
        let both = json!({ "to": "123", "text": "" });
        let problem = shop.api.post("/api/v1/messages", &both).await.expect_problem(422, "invalid");
        assert_eq!(problem["errors"].as_array().unwrap().len(), 2, "all at once: {problem}");
        assert_eq!(shop.api.all("/api/v1/messages").await, [] as [Value; 0]);
        assert_eq!(shop.api.all("/api/v1/contacts").await, [] as [Value; 0], "nobody was made");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_cannot_be_written_freely_names_the_templates_that_would_do() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        let text = json!({ "to": format!("+{CUSTOMER}"), "text": "¿Se acuerda de nosotros?" });
        let problem = shop.api.post("/api/v1/messages", &text).await.expect_problem(409, "window_closed");
        assert_eq!((&problem["closed_at"], &problem["meta_code"]), (&Value::Null, &json!(131_047)));
        let names: Vec<_> = problem["templates"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
        assert!(names.contains(&&json!("hello_world")), "{problem}");
        assert_eq!(shop.api.all("/api/v1/contacts").await, [] as [Value; 0], "nothing was made");

        let theirs = talking_to(app, &shop, CUSTOMER).await;
        shop.api.send(&text).await;
        let path = format!("/api/v1/conversations/{}", theirs["conversation_id"].as_str().unwrap());
        let window = shop.api.get(&path).await.expect(200)["window"].clone();
        assert_eq!((&window["open"], &window["free_entry_until"]), (&json!(true), &Value::Null), "{window}");
        // The story's clock stands since it began; the customer's goes on.
        app.engine.clock.advance(Duration::from_secs(25 * 3_600));
        let problem = shop.api.post("/api/v1/messages", &text).await.expect_problem(409, "window_closed");
        assert_eq!(problem["closed_at"], window["closes_at"], "{problem}");
        assert_eq!(shop.api.get(&path).await.expect(200)["window"]["open"], false);
        let reaction = json!({ "to": theirs["conversation_id"], "reaction": { "message_id": theirs["id"], "emoji": "👍" } });
        shop.api.post("/api/v1/messages", &reaction).await.expect_problem(409, "window_closed");
        shop.api.send(&json!({ "to": theirs["conversation_id"], "template": { "name": "hello_world", "language": "en_US" } })).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_opens_the_window_and_an_ad_that_is_answered_makes_72_hours_free() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        let now = app.engine.clock.now().0 / 1_000_000;
        let call = json!({ "field": "calls", "value": { "messaging_product": "whatsapp",
            "metadata": { "phone_number_id": shop.number }, "contacts": [{ "wa_id": "34600000002", "profile": { "name": "Lucía" } }],
            "calls": [{ "id": "wacid.1", "from": "34600000002", "to": "34612000001", "timestamp": now.to_string(), "event": "connect", "direction": "USER_INITIATED" }] } });
        app.delivered(json!({ "object": "whatsapp_business_account", "entry": [{ "id": testkit::WABA, "changes": [call] }] }).to_string()).await;
        until("the call has opened the window", async || {
            let answer = shop.api.post("/api/v1/messages", &json!({ "to": "+34600000002", "text": "¿Nos llamaba?" })).await;
            if answer.status == 202 { Ok(()) } else { Err(answer.json.to_string()) }
        })
        .await;

        let mut value = webhook::text(&shop.number, CUSTOMER, "wamid.AD", now, "Vengo del anuncio");
        value["messages"][0]["referral"] = json!({ "source_url": "https://fb.me/x", "source_id": "1", "source_type": "ad" });
        app.delivered(webhook::post([value]).to_string()).await;
        let window = async || shop.api.all("/api/v1/conversations").await.into_iter().find(|one| one["contact"]["phone"] == CUSTOMER).unwrap()["window"].clone();
        assert_eq!(window().await["free_entry_until"], Value::Null, "not before the answer");
        shop.api.send(&json!({ "to": format!("+{CUSTOMER}"), "text": "Bienvenida" })).await;
        let until = app.engine.clock.now().plus(Duration::from_secs(72 * 3_600)).rfc3339();
        assert_eq!(window().await["free_entry_until"], json!(until));
        app.engine.clock.advance(Duration::from_secs(30 * 3_600));
        let later = window().await;
        assert_eq!((&later["open"], &later["free_entry_until"]), (&json!(false), &json!(until)), "free, and still closed");
        app.engine.clock.advance(Duration::from_secs(42 * 3_600));
        assert_eq!(window().await["free_entry_until"], Value::Null);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_of_a_number_reaches_one_person_under_the_number_that_works() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        // WhatsApp knows her without the ninth digit.
        talking_to(app, &shop, "551187654321").await;
        for to in ["+55 11 98765-4321", "551187654321", "0055 11 8765 4321", "+55 (011) 98765-4321"] {
            shop.api.send(&json!({ "to": to, "text": "Olá" })).await;
        }
        let strangers = [("+52 1 55 1234 5678", "+525512345678"), ("525512345678", "+525512345678"), ("+54 11 15 2345-6789", "+5491123456789"), ("+54 11 2345 6789", "+5491123456789"), ("+55 21 8765-4321", "+5521987654321")];
        for (to, _) in strangers {
            shop.api.send(&json!({ "to": to, "template": { "name": "hello_world", "language": "en_US" } })).await;
        }
        let sent = until("all are out", async || {
            let sent = app.sim.outbound();
            if sent.len() == 9 { Ok(sent) } else { Err(format!("{} sent", sent.len())) }
        })
        .await;
        let mut dialled: Vec<_> = sent.iter().map(|one| one.body["to"].as_str().unwrap()).collect();
        dialled.sort_unstable();
        assert_eq!(dialled, ["+525512345678", "+525512345678", "+5491123456789", "+5491123456789", "+551187654321", "+551187654321", "+551187654321", "+551187654321", "+5521987654321"]);
        assert_eq!(shop.api.all("/api/v1/contacts").await.len(), 4, "four people");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phone_shows_that_one_has_read_and_is_typing() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let theirs = talking_to(app, &shop, CUSTOMER).await;
        let path = format!("/api/v1/messages/{}/read", theirs["id"].as_str().unwrap());
        shop.api.post(&path, &json!({ "typing": true })).await.expect(204);
        let seen = reqwest::get(format!("{}/_sim/thread?phone_number_id={}&customer={CUSTOMER}", app.sim_url, shop.number)).await.unwrap().json::<Value>().await.unwrap();
        assert_eq!((&seen["typing"], &seen["data"][0]["status"]), (&json!(true), &json!("read")), "{seen}");
        other.api.post(&path, &json!({})).await.expect_problem(404, "not_found");
        let ours = shop.api.send(&json!({ "to": theirs["conversation_id"], "text": "Dígame" })).await;
        shop.api.post(&format!("/api/v1/messages/{ours}/read"), &json!({})).await.expect_problem(409, "not_inbound");
        let reaction = json!({ "to": theirs["conversation_id"], "reaction": { "message_id": ours, "emoji": "👍" } });
        until("ours has reached WhatsApp", async || {
            let answer = shop.api.post("/api/v1/messages", &reaction).await;
            let said = answer.json["errors"][0]["problem"].as_str().unwrap_or_default().to_owned();
            if said.contains("received") { Ok(()) } else { Err(answer.json.to_string()) }
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_meta_does_not_tell_about_is_let_go() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        app.faults(&json!({ "error_rate": 1.0, "error_code": 2, "only_path": "message_templates" })).await;
        shop.api.send(&json!({ "to": "+34600000001", "template": { "name": "perhaps", "language": "es" } })).await;
    })
    .await;
}
