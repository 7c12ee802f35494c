//! The library, authentication templates in many languages, archives, migrations and comparisons.

use serde_json::{Value, json};

use crate::stage::{
    ANA, NUMBER, OTHER_TOKEN, OTHER_WABA, Stage, WABA, config, seed, template_to, text, values,
};
use crate::template_rules::{body, create, created, sample, utility};

fn ids(list: &Value) -> Vec<String> {
    let data = list["data"].as_array().expect("data");
    data.iter().map(|one| text(&one["id"])).collect()
}

async fn get(stage: &Stage, path: &str) -> Value {
    let (status, answer) = stage.call("GET", &format!("/v24.0/{path}"), None).await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

#[tokio::test]
async fn the_library_is_searched_and_what_comes_of_it_is_approved_at_once() {
    let stage = Stage::new().await;
    let all = get(&stage, "message_template_library?limit=100").await;
    assert!(ids(&all).len() >= 20, "{all}");
    for (query, name) in [
        (
            "search=out%20for%20delivery&language=en_US",
            "delivery_update_1",
        ),
        (
            "topic=PAYMENTS&usecase=LOW_BALANCE_WARNING&language=es",
            "low_balance_warning_1",
        ),
        ("industry=HEALTHCARE&language=es", "appointment_reminder_1"),
    ] {
        let found = get(&stage, &format!("message_template_library?{query}")).await;
        let names: Vec<String> = found["data"]
            .as_array()
            .expect("data")
            .iter()
            .map(|one| text(&one["name"]))
            .collect();
        assert_eq!(names, [name], "{query}");
    }
    let wish = json!({
        "name": "our_delivery", "language": "es", "category": "UTILITY", "library_template_name": "delivery_update_1",
        "library_template_button_inputs": "[{'type':'URL','url':{'base_url':'https://panaderia.example/{{1}}','url_suffix_example':'7'}}]",
    });
    let (status, answer) = create(&stage, wish.clone()).await;
    assert_eq!(
        (status, &answer["status"]),
        (200, &json!("APPROVED")),
        "{answer}"
    );
    let id = text(&answer["id"]);
    let node = get(
        &stage,
        &format!("{id}?fields=components,library_template_name"),
    )
    .await;
    assert_eq!(node["library_template_name"], "delivery_update_1");
    assert_eq!(
        node["components"][2]["buttons"][0]["url"],
        "https://panaderia.example/{{1}}"
    );
    let mut message = template_to(
        ANA,
        "our_delivery",
        "es",
        &["Ana", "1001", "Calle Mayor 1", "mañana"],
    );
    let button = json!({"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "7"}]});
    let components = message["template"]["components"]
        .as_array_mut()
        .expect("components");
    components.push(button);
    let (status, answer) = stage.send(message.clone()).await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (400, &json!(132_018)),
        "a date without a digit: {answer}"
    );
    message["template"]["components"][0]["parameters"][3]["text"] = json!("3 de mayo");
    stage.accepted(message).await;
    for (key, wrong) in [
        ("library_template_name", "nothing_like_it"),
        ("language", "fr"),
        ("category", "MARKETING"),
        ("components", "[]"),
    ] {
        let mut wish = wish.clone();
        wish["name"] = json!("other");
        wish[key] = json!(wrong);
        let (status, answer) = create(&stage, wish).await;
        assert_eq!(status, 400, "{key}: {answer}");
    }
}

#[tokio::test]
async fn an_authentication_template_comes_in_many_languages() {
    let stage = Stage::new().await;
    let path = format!(
        "{WABA}/message_template_previews?category=AUTHENTICATION&languages=en_US,es&add_security_recommendation=true&code_expiration_minutes=5"
    );
    let preview = get(&stage, &path).await;
    assert_eq!(
        preview["data"][1],
        json!({"body": "Tu código de verificación es *{{1}}*. Por tu seguridad, no lo compartas.",
               "buttons": [{"text": "Copiar código"}], "footer": "Este código caduca en 5 minutos.", "language": "es"})
    );
    let path = format!("/v24.0/{WABA}/upsert_message_templates");
    let wish = |minutes: u64, languages: Value| {
        json!({"name": "code", "languages": languages, "category": "AUTHENTICATION", "components": [
            {"type": "BODY"}, {"type": "FOOTER", "code_expiration_minutes": minutes},
            {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]}]})
    };
    let post = async |body: Value| stage.call("POST", &path, Some(body)).await;
    let (status, answer) = post(wish(5, json!(["es", "xx"]))).await;
    assert_eq!(status, 400, "{answer}");
    let list = format!("{WABA}/message_templates?name=code");
    assert_eq!(
        get(&stage, &list).await["data"],
        json!([]),
        "all or nothing"
    );
    let (status, answer) = post(wish(5, json!(["es", "en_US"]))).await;
    assert_eq!(status, 200, "{answer}");
    let first = ids(&answer);
    let (_, answer) = post(wish(10, json!(["es", "fr"]))).await;
    assert_eq!(answer["data"][0]["id"], first[0].as_str(), "{answer}");
    let found = get(&stage, &list).await;
    assert_eq!(ids(&found).len(), 3);
    let footer = &found["data"][0]["components"][1]["text"];
    assert_eq!(footer, "Este código caduca en 10 minutos.");
    let (status, _) = post(json!({"name": "code", "languages": ["es"], "category": "UTILITY", "components": [body("Hola")]})).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn templates_are_put_away_and_taken_out_again() {
    let stage = Stage::new().await;
    let list = get(
        &stage,
        &format!("{WABA}/message_templates?name=hello_world"),
    )
    .await;
    let id = ids(&list).remove(0);
    let archive = async |verb: &str| {
        let path = format!("/v24.0/{WABA}/message_templates/{verb}");
        let body = json!({"hsm_ids": format!("{id},99")});
        let (status, answer) = stage.call("POST", &path, Some(body)).await;
        assert_eq!(status, 200, "{answer}");
        answer
    };
    let answer = archive("archive").await;
    assert_eq!(answer["archived_templates"], json!([id]));
    assert!(answer["failed_templates"]["99"].is_string(), "{answer}");
    let hello = template_to(ANA, "hello_world", "en_US", &[]);
    let (_, refused) = stage.send(hello.clone()).await;
    assert_eq!(refused["error"]["code"], 132_001, "{refused}");
    assert_eq!(archive("archive").await["archived_templates"], json!([]));
    archive("unarchive").await;
    stage.accepted(hello).await;
    for event in ["ARCHIVED", "UNARCHIVED"] {
        stage
            .receiver
            .until(event, |received| {
                values(received).iter().any(|value| value["event"] == event)
            })
            .await;
    }
}

#[tokio::test]
async fn templates_move_between_accounts_of_one_business() {
    let stage = Stage::new().await;
    let extra = created(&stage, utility("waiting", json!([body("Hola a todos")]))).await;
    let path = format!("/v24.0/{OTHER_WABA}/migrate_message_templates");
    let body = json!({"source_waba_id": WABA});
    let (status, answer) = stage
        .call_as(OTHER_TOKEN, "POST", &path, Some(body.clone()))
        .await;
    assert_eq!(
        (status, &answer["error"]["error_subcode"]),
        (400, &json!(33)),
        "the token does not see the source: {answer}"
    );
    let both = json!({"token": OTHER_TOKEN, "wabas": [WABA, OTHER_WABA]});
    stage.control("tokens", both).await;
    let sale = json!({"waba_id": WABA, "name": "sale", "language": "es", "components": [{"type": "BODY", "text": "Hoy"}]});
    stage.control("templates", sale).await;
    let bad = json!({"waba_id": WABA, "name": "bad", "quality": "RED", "components": [{"type": "BODY", "text": "Hoy"}]});
    let bad = text(&stage.control("templates", bad).await["id"]);
    let (status, answer) = stage.call_as(OTHER_TOKEN, "POST", &path, Some(body)).await;
    assert_eq!(status, 200, "{answer}");
    let moved = answer["migrated_templates"].as_array().expect("a list");
    assert_eq!(moved.len(), 1, "{answer}");
    let failed = answer["failed_templates"].as_object().expect("an object");
    assert_eq!(failed.len(), 4, "{answer}");
    assert!(text(&failed[&extra]).contains("PENDING"), "{answer}");
    assert!(text(&failed[&bad]).contains("RED"), "{answer}");
    let path = format!("/v24.0/{OTHER_WABA}/message_templates?name=sale");
    let copy = stage.call_as(OTHER_TOKEN, "GET", &path, None).await.1;
    assert_eq!(copy["data"][0]["status"], "APPROVED");
    assert_eq!(copy["data"][0]["id"], moved[0]);
}

#[tokio::test]
async fn two_templates_are_compared_once_each_was_sent_a_thousand_times() {
    let mut slow = config();
    slow.speed = 1.0;
    slow.pair_limit = false;
    let stage = Stage::with(slow, seed()).await;
    stage
        .control(
            "numbers",
            json!({"phone_number_id": NUMBER, "mps": 1_000_000}),
        )
        .await;
    let sale = json!({"waba_id": WABA, "name": "sale", "language": "es", "quality": "RED", "components": [{"type": "BODY", "text": "Hoy"}]});
    let sale = text(&stage.control("templates", sale).await["id"]);
    let list = get(
        &stage,
        &format!("{WABA}/message_templates?name=hello_world"),
    )
    .await;
    let hello = ids(&list).remove(0);
    let week = format!("start=1767225600&end={}", 1_767_225_600 + 7 * 24 * 3_600);
    let path = format!("/v24.0/{hello}/compare?template_ids=[{sale}]&{week}");
    let (status, answer) = stage.call("GET", &path, None).await;
    assert_eq!(status, 400, "nothing was sent: {answer}");
    for _ in 0..1_000 {
        stage
            .accepted(template_to(ANA, "hello_world", "en_US", &[]))
            .await;
        stage.accepted(template_to(ANA, "sale", "es", &[])).await;
    }
    let (status, answer) = stage.call("GET", &path, None).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(
        answer["data"][0]["order_by_relative_metric"],
        json!([sale, hello])
    );
    assert_eq!(
        answer["data"][1]["number_values"][0],
        json!({"key": hello, "value": 1_000})
    );
    let (status, _) = stage
        .call("GET", &path.replace("end=", "end=1"), None)
        .await;
    assert_eq!(status, 400, "only some lengths of time are compared");
}

#[tokio::test]
async fn new_templates_are_paced_when_the_simulator_is_told_so() {
    let stage = Stage::new().await;
    stage
        .control(
            "templates",
            json!({"pacing": {"first": 1, "after_minutes": null}}),
        )
        .await;
    let id = created(&stage, utility("news", json!([body("Hola a todos")]))).await;
    stage
        .control(
            &format!("templates/{id}/decide"),
            json!({"decision": "approve"}),
        )
        .await;
    let news = template_to(ANA, "news", "es", &[]);
    for state in ["accepted", "held_for_quality_assessment"] {
        let (_, answer) = stage.send(news.clone()).await;
        assert_eq!(answer["messages"][0]["message_status"], state, "{answer}");
    }
    stage
        .control(&format!("templates/{id}/release"), json!({}))
        .await;
    stage.control("templates", json!({"pacing": null})).await;
    stage.accepted(news).await;
}

#[tokio::test]
async fn a_phone_shows_a_template_with_everything_that_was_sent() {
    let stage = Stage::new().await;
    let document = sample(&stage, "application/pdf", b"%PDF-1.4").await;
    let invoice = utility(
        "invoice",
        json!([
            {"type": "HEADER", "format": "DOCUMENT", "example": {"header_handle": [document]}},
            {"type": "BODY", "text": "Hola {{1}}, le enviamos su factura {{2}}.", "example": {"body_text": [["Ana", "F-1"]]}},
            {"type": "FOOTER", "text": "Panadería San Juan"},
            {"type": "BUTTONS", "buttons": [
                {"type": "URL", "text": "Ver", "url": "https://pan.example/f/{{1}}", "example": ["https://pan.example/f/F-1"]},
                {"type": "QUICK_REPLY", "text": "Gracias"}]},
        ]),
    );
    let id = created(&stage, invoice).await;
    let desk = stage
        .look(&format!("templates?waba_id={WABA}&limit=1"))
        .await;
    assert_eq!((&desk["waiting"], &desk["total"]), (&json!(1), &json!(3)));
    let preview = &desk["data"][0]["preview"];
    assert_eq!(preview["body"], "Hola Ana, le enviamos su factura F-1.");
    assert_eq!(preview["buttons"][0]["url"], "https://pan.example/f/F-1");
    stage
        .control(
            &format!("templates/{id}/decide"),
            json!({"decision": "approve"}),
        )
        .await;
    stage
        .accepted(json!({"messaging_product": "whatsapp", "to": ANA, "type": "template", "template": {
            "name": "invoice", "language": {"code": "es"}, "components": [
                {"type": "header", "parameters": [{"type": "document", "document": {"link": "https://pan.example/f.pdf", "filename": "F-7.pdf"}}]},
                {"type": "body", "parameters": [{"type": "text", "text": "Luis"}, {"type": "text", "text": "F-7"}]},
                {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "F-7"}]},
                {"type": "button", "sub_type": "quick_reply", "index": 1, "parameters": [{"type": "payload", "payload": "thanks-7"}]}]}}))
        .await;
    let path = format!("thread?phone_number_id={NUMBER}&customer={ANA}");
    let shown = stage.look(&path).await["data"][0]["shown"].clone();
    assert_eq!(
        shown["media"],
        json!({"kind": "document", "link": "https://pan.example/f.pdf", "filename": "F-7.pdf"})
    );
    assert_eq!(shown["body"], "Hola Luis, le enviamos su factura F-7.");
    assert_eq!(shown["footer"], "Panadería San Juan");
    assert_eq!(shown["buttons"][0]["url"], "https://pan.example/f/F-7");
    assert_eq!(shown["buttons"][1]["payload"], "thanks-7");
    let image = sample(&stage, "image/png", b"\x89PNG").await;
    let card = |words: &str| {
        json!({"components": [{"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [image]}},
               {"type": "BODY", "text": words, "example": {"body_text": [["10"]]}},
               {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Ver"}]}]})
    };
    let news = json!({"name": "news", "language": "es", "category": "MARKETING", "components": [
        body("Novedades de hoy"), {"type": "CAROUSEL", "cards": [card("Pan a {{1}} céntimos la barra"), card("Bollo a {{1}} céntimos la pieza")]}]});
    let news = created(&stage, news).await;
    let desk = stage
        .look(&format!("templates?waba_id={WABA}&status=pending"))
        .await;
    assert_eq!(desk["data"][0]["id"], news.as_str());
    assert_eq!(
        desk["data"][0]["preview"]["cards"][1]["body"],
        "Bollo a 10 céntimos la pieza"
    );
}
