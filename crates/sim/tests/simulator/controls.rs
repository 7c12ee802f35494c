//! The `/_sim/` side.

use rstest::rstest;
use serde_json::{Value, json};
use sim::SimConfig;

use crate::stage::{ANA, NUMBER, Stage, config, seed, template_to, text, text_to, values};

#[tokio::test]
async fn outbound_counts_identical_sends() {
    let stage = Stage::new().await;
    let mut once = text_to(ANA, "Hola");
    once["biz_opaque_callback_data"] = json!("a");
    let mut twice = text_to("+34 600 000 001", "Hola");
    twice["biz_opaque_callback_data"] = json!("b");
    stage.accepted(once.clone()).await;
    stage.accepted(twice.clone()).await;
    stage.accepted(twice).await;
    let answer = stage
        .look(&format!("outbound?phone_number_id={NUMBER}"))
        .await;
    assert_eq!(answer["total"], 3);
    let counts: Vec<u64> = answer["data"]
        .as_array()
        .expect("data")
        .iter()
        .filter_map(|one| one["identical_sends"].as_u64())
        .collect();
    assert_eq!(counts, [1, 2, 2]);
    assert_eq!(answer["data"][0]["body"], once);
    assert_eq!(answer["data"][1]["to"], ANA);
    assert_eq!(answer["data"][1]["type"], "text");
    let summary = stage.look("outbound/summary").await;
    assert_eq!(
        (
            &summary["total"],
            &summary["distinct"],
            &summary["max_identical_sends"]
        ),
        (&json!(3), &json!(2), &json!(2))
    );
    assert_eq!(stage.look("outbound?phone_number_id=1").await["total"], 0);
}

#[rstest]
#[case::unknown_number(json!({"phone_number_id": "1", "from": ANA, "message": {"type": "text", "text": {"body": "x"}}}), "no business number")]
#[case::no_type(json!({"phone_number_id": NUMBER, "from": ANA, "message": {"text": {"body": "x"}}}), "type is missing")]
#[case::no_content(json!({"phone_number_id": NUMBER, "from": ANA, "message": {"type": "text"}}), "message.text is missing")]
#[case::no_phone(json!({"phone_number_id": NUMBER, "from": "Ana", "message": {"type": "text", "text": {"body": "x"}}}), "phone number")]
#[case::unknown_key(json!({"phone_number_id": NUMBER, "from": ANA, "mesage": {}}), "mesage")]
#[tokio::test]
async fn bad_input_gets_a_clear_reason(#[case] body: Value, #[case] reason: &str) {
    let stage = Stage::new().await;
    let answer = stage
        .client
        .post(format!("{}/_sim/inbound", stage.url))
        .json(&body)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 400);
    let answer: Value = answer.json().await.expect("JSON");
    assert!(text(&answer["error"]).contains(reason), "{answer}");
}

#[tokio::test]
async fn unknown_faults_are_refused_and_known_ones_kept() {
    let stage = Stage::new().await;
    let answer = stage
        .control("faults", json!({"latency_ms": 5, "webhook_shuffle": true}))
        .await;
    assert_eq!(
        (&answer["latency_ms"], &answer["webhook_shuffle"]),
        (&json!(5), &json!(true))
    );
    let answer = stage.control("faults", json!({"latency_ms": null})).await;
    assert_eq!(
        (&answer["latency_ms"], &answer["webhook_shuffle"]),
        (&json!(0), &json!(true))
    );
    let url = format!("{}/_sim/faults", stage.url);
    let answer = stage
        .client
        .post(url)
        .json(&json!({"latncy": 1}))
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 400);
}

#[tokio::test]
async fn a_reset_forgets_messages_and_faults_but_no_id_comes_twice() {
    let stage = Stage::new().await;
    let first = stage.ana_writes("Hola").await;
    let sent = stage.accepted(text_to(ANA, "Hola")).await;
    stage.control("faults", json!({"error_rate": 1.0})).await;
    stage.control("reset", json!({})).await;
    assert_eq!(stage.look("outbound").await["total"], 0);
    assert_eq!(stage.look("calls").await["data"], json!([]));
    assert_ne!(stage.ana_writes("Hola").await, first);
    assert_ne!(stage.accepted(text_to(ANA, "Hola")).await, sent);
}

#[tokio::test]
async fn a_quoted_message_names_its_author() {
    let stage = Stage::new().await;
    let wamid = stage
        .accepted(template_to(ANA, "hello_world", "en_US", &[]))
        .await;
    let message = json!({"type": "button", "button": {"payload": "yes", "text": "Yes"}, "context": {"id": wamid}});
    stage
        .control(
            "inbound",
            json!({"phone_number_id": NUMBER, "from": ANA, "message": message}),
        )
        .await;
    let received = stage
        .receiver
        .until("the tap", |received| {
            values(received)
                .iter()
                .any(|value| value.get("messages").is_some())
        })
        .await;
    let value = values(&received)
        .into_iter()
        .find(|value| value.get("messages").is_some())
        .expect("a message");
    assert_eq!(value["messages"][0]["context"]["from"], "34612345678");
}

#[tokio::test]
async fn numbers_come_change_and_go() {
    let stage = Stage::new().await;
    let waba = crate::stage::WABA;
    let number = json!({"waba_id": waba, "phone_number_id": "200000000000009", "display_phone_number": "+34 1", "mps": 1_000});
    stage.control("numbers", number).await;
    let answer = stage
        .call("GET", &format!("/v24.0/{waba}/phone_numbers"), None)
        .await
        .1;
    assert_eq!(answer["data"].as_array().map(Vec::len), Some(2), "{answer}");
    assert_eq!(answer["data"][1]["throughput"]["level"], "HIGH");
    stage
        .control(
            "numbers",
            json!({"phone_number_id": "200000000000009", "delete": true}),
        )
        .await;
    let (status, _) = stage.call("GET", "/v24.0/200000000000009", None).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn talkative_customers_write_and_answer_by_themselves() {
    let stage = Stage::with(
        SimConfig {
            quiet_phones: false,
            speed: 1_000.0,
            ..config()
        },
        seed(),
    )
    .await;
    let received = stage
        .receiver
        .until("somebody to write", |received| {
            values(received)
                .iter()
                .any(|value| value.get("messages").is_some())
        })
        .await;
    let value = values(&received)
        .into_iter()
        .find(|value| value.get("messages").is_some())
        .expect("a message");
    assert_eq!(value["messages"][0]["from"], ANA);
}

#[tokio::test]
async fn the_page_needs_nothing_from_elsewhere() {
    let stage = Stage::new().await;
    let answer = stage
        .client
        .get(&stage.url)
        .send()
        .await
        .expect("an answer");
    assert!(
        answer.headers()["content-type"]
            .to_str()
            .expect("text")
            .starts_with("text/html")
    );
    let html = answer.text().await.expect("text");
    for foreign in ["<link", "src=\"http", "@import", "https://cdn"] {
        assert!(
            !html.contains(foreign),
            "the page loads something: {foreign}"
        );
    }
    let thread = stage
        .look(&format!("thread?phone_number_id={NUMBER}&customer={ANA}"))
        .await;
    assert_eq!(thread["data"], json!([]));
}

#[test]
fn every_control_stands_in_the_documentation() {
    let router = include_str!("../../src/control/mod.rs");
    let documentation = include_str!("../../../../docs/SIMULATOR.md");
    let routes: Vec<&str> = router
        .split(".route(\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(routes.len() > 25, "only {routes:?}");
    let missing: Vec<_> = routes
        .iter()
        .filter(|route| !documentation.contains(&format!("/_sim{route}`")))
        .collect();
    assert!(missing.is_empty(), "docs/SIMULATOR.md lacks {missing:?}");
}
