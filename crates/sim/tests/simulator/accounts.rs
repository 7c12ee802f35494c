//! What Meta does to accounts, numbers, templates and tokens.

use serde_json::{Value, json};

use crate::stage::{
    ANA, NUMBER, OTHER_NUMBER, Received, Stage, TOKEN, WABA, config, seed, template_to, text,
    text_to, values,
};

fn statuses_of(wamid: &str, received: &[Received]) -> Vec<Value> {
    values(received)
        .iter()
        .flat_map(|value| value["statuses"].as_array().cloned().unwrap_or_default())
        .filter(|status| status["id"] == wamid)
        .collect()
}

/// The value of the first change of this field that has `event`, or of any when `event` is empty.
async fn told(stage: &Stage, field: &str, event: &str) -> Value {
    let find = |received: &[Received]| {
        received.iter().find_map(|one| {
            let body = one.json();
            let changes: Vec<Value> = body["entry"]
                .as_array()?
                .iter()
                .flat_map(|entry| entry["changes"].as_array().cloned().unwrap_or_default())
                .collect();
            let change = changes.into_iter().find(|change| {
                change["field"] == field && (event.is_empty() || change["value"]["event"] == event)
            })?;
            Some(change["value"].clone())
        })
    };
    let received = stage
        .receiver
        .until(field, |received| find(received).is_some())
        .await;
    find(&received).expect("it came")
}

async fn template_id(stage: &Stage, name: &str) -> String {
    let state = stage.look("state").await;
    let templates = state["templates"].as_array().expect("templates").iter();
    let mut found =
        templates.filter(|template| template["name"] == name && template["waba_id"] == WABA);
    text(&found.next().expect("the template")["id"])
}

async fn send_hello(stage: &Stage, to: &str) -> (String, String) {
    let (status, answer) = stage
        .send(template_to(to, "hello_world", "en_US", &[]))
        .await;
    assert_eq!(status, 200, "{answer}");
    (
        text(&answer["messages"][0]["id"]),
        text(&answer["messages"][0]["message_status"]),
    )
}

#[tokio::test]
async fn a_paced_template_holds_what_comes_after_the_first_and_lets_it_go() {
    let stage = Stage::new().await;
    let id = template_id(&stage, "hello_world").await;
    stage
        .control(
            &format!("templates/{id}/pacing"),
            json!({"first": 1, "after_minutes": 60}),
        )
        .await;
    let (_, first) = send_hello(&stage, ANA).await;
    let (held, word) = send_hello(&stage, "34600000002").await;
    assert_eq!(
        (first.as_str(), word.as_str()),
        ("accepted", "held_for_quality_assessment")
    );
    stage
        .control("clock", json!({"advance_ms": 30 * 60_000}))
        .await;
    assert_eq!(stage.sim.outbound()[1].status, "held");
    stage
        .control("clock", json!({"advance_ms": 31 * 60_000}))
        .await;
    stage
        .receiver
        .until("sent and delivered", |received| {
            statuses_of(&held, received).len() >= 2
        })
        .await;
    let (_, word) = send_hello(&stage, "34600000003").await;
    assert_eq!(word, "accepted", "pacing is over");
}

#[tokio::test]
async fn a_paced_template_of_bad_quality_is_paused_and_what_was_held_fails() {
    let stage = Stage::new().await;
    let id = template_id(&stage, "hello_world").await;
    for (title, status) in [
        ("FIRST_PAUSE", "PAUSED"),
        ("SECOND_PAUSE", "PAUSED"),
        ("DISABLED", "DISABLED"),
    ] {
        stage
            .control(
                &format!("templates/{id}/pacing"),
                json!({"outcome": "pause", "after_minutes": null}),
            )
            .await;
        let (held, word) = send_hello(&stage, ANA).await;
        assert_eq!(word, "held_for_quality_assessment");
        let answer = stage
            .control(&format!("templates/{id}/pause"), json!({}))
            .await;
        assert_eq!(answer["held"], 1);
        let received = stage
            .receiver
            .until("a failure", |received| {
                !statuses_of(&held, received).is_empty()
            })
            .await;
        assert_eq!(
            statuses_of(&held, &received)[0]["errors"][0]["code"],
            132015
        );
        let changes = || values(&stage.receiver.so_far());
        stage
            .receiver
            .until(title, |received| {
                values(received)
                    .iter()
                    .any(|value| value["other_info"]["title"] == title)
            })
            .await;
        let change = changes()
            .into_iter()
            .find(|value| value["other_info"]["title"] == title)
            .expect("it");
        assert_eq!(change["event"], status, "{change}");
        assert!(change["message_template_id"].is_u64(), "{change}");
        told(&stage, "message_template_quality_update", "").await;
        let (_, answer) = stage
            .send(template_to(ANA, "hello_world", "en_US", &[]))
            .await;
        let code = if status == "PAUSED" { 132_015 } else { 132_016 };
        assert_eq!(answer["error"]["code"], code, "{answer}");
        stage
            .control(
                &format!("templates/{id}/decide"),
                json!({"status": "APPROVED"}),
            )
            .await;
    }
}

#[tokio::test]
async fn the_portfolio_reaches_so_many_users_a_day_outside_of_windows() {
    let mut fast = config();
    fast.speed = 1.0;
    let stage = Stage::with(fast, seed()).await;
    stage
        .control("numbers", json!({"phone_number_id": NUMBER, "mps": 1_000}))
        .await;
    let portfolio = stage
        .control("portfolio", json!({"limit": "TIER_250"}))
        .await;
    assert_eq!(portfolio["used"], 0);
    let (_, number) = stage
        .call(
            "GET",
            &format!("/v24.0/{NUMBER}?fields=whatsapp_business_manager_messaging_limit"),
            None,
        )
        .await;
    assert_eq!(
        number["whatsapp_business_manager_messaging_limit"],
        "TIER_250"
    );
    stage.ana_writes("Hola").await;
    for index in 0..250 {
        send_hello(&stage, &format!("34600010{index:03}")).await;
    }
    send_hello(&stage, "34600010007").await;
    stage
        .accepted(text_to(ANA, "inside her window she does not count"))
        .await;
    assert_eq!(stage.look("portfolio").await["used"], 250);
    let (over, _) = send_hello(&stage, "34600010999").await;
    stage.control("clock", json!({"advance_ms": 10_000})).await;
    let received = stage
        .receiver
        .until("a failure", |received| {
            !statuses_of(&over, received).is_empty()
        })
        .await;
    assert_eq!(
        statuses_of(&over, &received)[0]["errors"][0]["code"],
        131048
    );
    stage.control("portfolio", json!({"refusal": "sync"})).await;
    let (status, answer) = stage
        .send(template_to("34600010998", "hello_world", "en_US", &[]))
        .await;
    assert_eq!((status, &answer["error"]["code"]), (400, &json!(131048)));
    stage
        .control("clock", json!({"advance_ms": 24 * 3_600_000}))
        .await;
    assert_eq!(stage.look("portfolio").await["used"], 0, "24 hours roll on");
    send_hello(&stage, "34600010998").await;
}

#[tokio::test]
async fn half_of_the_limit_used_with_good_quality_raises_it_after_six_hours() {
    let mut fast = config();
    fast.speed = 1.0;
    let stage = Stage::with(fast, seed()).await;
    stage
        .control("numbers", json!({"phone_number_id": NUMBER, "mps": 1_000}))
        .await;
    stage
        .control("portfolio", json!({"limit": "TIER_250"}))
        .await;
    for index in 0..125 {
        send_hello(&stage, &format!("34600010{index:03}")).await;
    }
    assert_eq!(
        stage.look("portfolio").await["raising"],
        false,
        "the first step needs a verified business"
    );
    stage.control("portfolio", json!({"verified": true})).await;
    send_hello(&stage, "34600010000").await;
    assert_eq!(stage.look("portfolio").await["raising"], true);
    stage
        .control("clock", json!({"advance_ms": 5 * 3_600_000}))
        .await;
    assert_eq!(stage.look("portfolio").await["limit"], "TIER_250");
    stage
        .control("clock", json!({"advance_ms": 3_600_000}))
        .await;
    let value = told(&stage, "business_capability_update", "").await;
    assert_eq!(
        value,
        json!({"max_daily_conversations_per_business": "TIER_2K", "max_phone_numbers_per_waba": 25})
    );
    assert_eq!(stage.look("portfolio").await["limit"], "TIER_2K");
    let value = stage.control("portfolio", json!({"raise": true})).await;
    assert_eq!(value["limit"], "TIER_10K");
}

#[tokio::test]
async fn a_throughput_upgrade_refuses_for_a_minute_and_then_is_fast() {
    let mut slow = config();
    slow.speed = 1.0;
    let stage = Stage::with(slow, seed()).await;
    stage
        .control(&format!("numbers/{NUMBER}/upgrade"), json!({}))
        .await;
    let (status, answer) = stage.send(text_to(ANA, "x")).await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (500, &json!(131057)),
        "{answer}"
    );
    stage.control("clock", json!({"advance_ms": 60_000})).await;
    let value = told(&stage, "phone_number_quality_update", "THROUGHPUT_UPGRADE").await;
    assert_eq!(value["display_phone_number"], "34612345678");
    stage.accepted(text_to(ANA, "x")).await;
    let (_, number) = stage
        .call("GET", &format!("/v24.0/{NUMBER}?fields=throughput"), None)
        .await;
    assert_eq!(number["throughput"]["level"], "HIGH");
}

#[tokio::test]
async fn without_a_payment_method_what_costs_fails_and_what_is_free_goes() {
    let stage = Stage::new().await;
    stage
        .control("wabas", json!({"waba_id": WABA, "payment": "missing"}))
        .await;
    let (costs, _) = send_hello(&stage, "34600000070").await;
    stage.ana_writes("Hola").await;
    let free = stage.accepted(text_to(ANA, "x")).await;
    let (utility, _) = send_hello(&stage, ANA).await;
    let all = [&costs, &free, &utility];
    let received = stage
        .receiver
        .until("all", |received| {
            all.iter()
                .all(|wamid| !statuses_of(wamid, received).is_empty())
        })
        .await;
    assert_eq!(
        statuses_of(&costs, &received)[0]["errors"][0]["code"],
        131042
    );
    assert_eq!(statuses_of(&free, &received)[0]["status"], "sent");
    assert_eq!(statuses_of(&utility, &received)[0]["status"], "sent");
    stage
        .control(
            "wabas",
            json!({"waba_id": WABA, "payment": "missing_refused"}),
        )
        .await;
    let (status, answer) = stage
        .send(template_to("34600000070", "hello_world", "en_US", &[]))
        .await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (400, &json!(131042)),
        "{answer}"
    );
    let (status, _) = stage
        .call_as(
            crate::stage::OTHER_TOKEN,
            "POST",
            &format!("/v24.0/{OTHER_NUMBER}/messages"),
            Some(template_to(ANA, "hello_world", "en_US", &[])),
        )
        .await;
    assert_eq!(status, 200, "another account pays");
}

#[tokio::test]
async fn what_is_checked_first_is_told_first() {
    let stage = Stage::new().await;
    let bad = json!({"messaging_product": "whatsapp", "to": ANA, "type": "text", "text": {}});
    let path = format!("/v24.0/{NUMBER}/messages");
    stage
        .control(
            "numbers",
            json!({"phone_number_id": NUMBER, "status": "PENDING", "mps": 0}),
        )
        .await;
    stage.control("app", json!({"require_proof": true})).await;
    stage
        .control(
            "tokens",
            json!({"token": TOKEN, "state": "expired", "messaging": false, "wabas": []}),
        )
        .await;
    let code = |answer: &Value| {
        (
            answer["error"]["code"].as_i64(),
            answer["error"]["error_subcode"].as_i64(),
        )
    };
    let (status, answer) = stage.call("POST", &path, Some(bad.clone())).await;
    assert_eq!(
        (status, code(&answer)),
        (401, (Some(190), Some(463))),
        "{answer}"
    );
    stage
        .control("tokens", json!({"token": TOKEN, "state": "revoked"}))
        .await;
    let (_, answer) = stage.call("POST", &path, Some(bad.clone())).await;
    assert_eq!(code(&answer), (Some(190), Some(460)), "{answer}");
    stage
        .control("tokens", json!({"token": TOKEN, "state": "valid"}))
        .await;
    let (status, answer) = stage.call("POST", &path, Some(bad.clone())).await;
    assert_eq!(
        (status, code(&answer)),
        (400, (Some(100), None)),
        "{answer}"
    );
    assert_eq!(answer["error"]["type"], "GraphMethodException");
    let (_, answer) = stage
        .call(
            "POST",
            &format!("{path}?appsecret_proof=00"),
            Some(bad.clone()),
        )
        .await;
    assert!(
        text(&answer["error"]["message"]).contains("Invalid appsecret_proof"),
        "{answer}"
    );
    let proof = sim::sign(&stage.sim.config().app_secret, TOKEN.as_bytes());
    let proven = format!(
        "{path}?appsecret_proof={}",
        proof.trim_start_matches("sha256=")
    );
    let (_, answer) = stage.call("POST", &proven, Some(bad.clone())).await;
    assert_eq!(
        code(&answer),
        (Some(100), Some(33)),
        "the token sees no account: {answer}"
    );
    stage
        .control("tokens", json!({"token": TOKEN, "wabas": [WABA]}))
        .await;
    let (status, answer) = stage.call("POST", &proven, Some(bad.clone())).await;
    assert_eq!((status, code(&answer).0), (403, Some(200)), "{answer}");
    stage
        .control(
            "tokens",
            json!({"token": TOKEN, "messaging": true, "management": false}),
        )
        .await;
    let (status, answer) = stage
        .call(
            "GET",
            &format!(
                "/v24.0/{WABA}/message_templates?{}",
                &proven[path.len() + 1..]
            ),
            None,
        )
        .await;
    assert_eq!((status, code(&answer).0), (403, Some(10)), "{answer}");
    let (_, answer) = stage.call("POST", &proven, Some(bad)).await;
    assert_eq!(
        code(&answer).0,
        Some(100),
        "the form comes before the state: {answer}"
    );
    let (_, answer) = stage.call("POST", &proven, Some(text_to(ANA, "x"))).await;
    assert_eq!(
        code(&answer).0,
        Some(133010),
        "the state comes before the rate: {answer}"
    );
    stage
        .control(
            "numbers",
            json!({"phone_number_id": NUMBER, "status": "CONNECTED"}),
        )
        .await;
    let (_, answer) = stage.call("POST", &proven, Some(text_to(ANA, "x"))).await;
    assert_eq!(code(&answer).0, Some(130429), "{answer}");
}

#[tokio::test]
async fn management_calls_are_counted_by_the_hour_and_refused_past_the_limit() {
    let mut slow = config();
    slow.speed = 1.0;
    let stage = Stage::with(slow, seed()).await;
    stage
        .control(
            "numbers",
            json!({"phone_number_id": NUMBER, "status": "DISCONNECTED"}),
        )
        .await;
    let path = format!("/v24.0/{WABA}/phone_numbers");
    for _ in 0..200 {
        assert_eq!(stage.call("GET", &path, None).await.0, 200);
    }
    stage.control("clock", json!({"advance_ms": 600_000})).await;
    let answer = stage
        .client
        .get(format!("{}{path}", stage.url))
        .bearer_auth(TOKEN)
        .send()
        .await
        .expect("an answer");
    let usage: Value = serde_json::from_str(
        answer.headers()["x-business-use-case-usage"]
            .to_str()
            .expect("text"),
    )
    .expect("JSON");
    let minutes = usage[WABA][0]["estimated_time_to_regain_access"]
        .as_u64()
        .expect("minutes");
    assert!((49..=50).contains(&minutes), "{usage}");
    assert_eq!(answer.status(), 400);
    let answer: Value = answer.json().await.expect("JSON");
    assert_eq!(answer["error"]["code"], 80007);
    stage
        .control("clock", json!({"advance_ms": 3_000_000}))
        .await;
    assert_eq!(
        stage.call("GET", &path, None).await.0,
        200,
        "an hour later it goes on"
    );
}

#[tokio::test]
async fn only_marketing_templates_go_by_the_marketing_api() {
    let stage = Stage::new().await;
    let sale = json!({"waba_id": WABA, "name": "sale", "language": "es", "category": "MARKETING", "components": [{"type": "BODY", "text": "Hoy"}]});
    stage.control("templates", sale).await;
    let path = format!("/v24.0/{NUMBER}/marketing_messages");
    let (status, answer) = stage
        .call("POST", &path, Some(template_to(ANA, "sale", "es", &[])))
        .await;
    assert_eq!(
        (status, &answer["messages"][0]["message_status"]),
        (200, &json!("accepted")),
        "{answer}"
    );
    let wamid = text(&answer["messages"][0]["id"]);
    let received = stage
        .receiver
        .until("sent", |received| !statuses_of(&wamid, received).is_empty())
        .await;
    assert_eq!(
        statuses_of(&wamid, &received)[0]["pricing"]["category"],
        "marketing_lite"
    );
    let (_, answer) = stage
        .call(
            "POST",
            &path,
            Some(template_to(ANA, "hello_world", "en_US", &[])),
        )
        .await;
    assert_eq!(answer["error"]["code"], 134100, "{answer}");
    let (_, answer) = stage.call("POST", &path, Some(text_to(ANA, "x"))).await;
    assert_eq!(answer["error"]["code"], 131055, "{answer}");
}

#[tokio::test]
async fn a_number_with_trouble_shows_it_in_its_health() {
    let stage = Stage::new().await;
    stage
        .control(
            "numbers",
            json!({"phone_number_id": NUMBER, "health_error": 141_006}),
        )
        .await;
    let (_, number) = stage
        .call(
            "GET",
            &format!("/v24.0/{NUMBER}?fields=health_status"),
            None,
        )
        .await;
    let health = &number["health_status"];
    assert_eq!(
        (
            &health["can_send_message"],
            &health["entities"][0]["errors"][0]["error_code"]
        ),
        (&json!("BLOCKED"), &json!(141_006)),
        "{health}"
    );
}
