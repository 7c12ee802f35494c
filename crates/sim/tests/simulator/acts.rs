//! What customers do beside writing, and how the business hears of it.

use rstest::rstest;
use serde_json::{Value, json};

use crate::stage::{ANA, NUMBER, Received, Stage, template_to, text, text_to, values};

fn statuses_of(wamid: &str, received: &[Received]) -> Vec<Value> {
    values(received)
        .iter()
        .flat_map(|value| value["statuses"].as_array().cloned().unwrap_or_default())
        .filter(|status| status["id"] == wamid)
        .collect()
}

fn messages(received: &[Received]) -> Vec<Value> {
    values(received)
        .iter()
        .flat_map(|value| value["messages"].as_array().cloned().unwrap_or_default())
        .collect()
}

async fn message_of_type(stage: &Stage, kind: &str) -> Value {
    let of = |received: &[Received]| {
        messages(received)
            .into_iter()
            .find(|message| message["type"] == kind)
    };
    let received = stage
        .receiver
        .until(kind, |received| of(received).is_some())
        .await;
    of(&received).expect("it came")
}

async fn refused(stage: &Stage, path: &str, body: Value) -> String {
    let url = format!("{}/_sim/{path}", stage.url);
    let answer = stage
        .client
        .post(url)
        .json(&body)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 400, "{path} {body} was taken");
    let answer: Value = answer.json().await.expect("JSON");
    text(&answer["error"])
}

fn marketing_template() -> Value {
    json!({"waba_id": crate::stage::WABA, "name": "sale", "language": "es", "category": "MARKETING",
           "components": [{"type": "BODY", "text": "Hoy todo a mitad de precio."}]})
}

#[tokio::test]
async fn an_ad_click_brings_a_referral_and_the_first_answer_opens_72_free_hours() {
    let stage = Stage::new().await;
    stage.control("templates", marketing_template()).await;
    stage
        .control(
            &format!("customers/{ANA}/ad-click"),
            json!({"phone_number_id": NUMBER, "text": "Hola"}),
        )
        .await;
    let message = message_of_type(&stage, "text").await;
    assert_eq!(message["referral"]["source_type"], "ad", "{message}");
    assert!(
        message["referral"]["ctwa_clid"].is_string() && message["referral"]["headline"].is_string()
    );
    let thread = format!("thread?phone_number_id={NUMBER}&customer={ANA}");
    assert_eq!(
        stage.look(&thread).await["entry_closes_ms"],
        Value::Null,
        "nobody answered yet"
    );
    stage.accepted(text_to(ANA, "¡Hola!")).await;
    let closes = stage.look(&thread).await["entry_closes_ms"]
        .as_u64()
        .expect("open");
    stage
        .control("clock", json!({"advance_ms": 71 * 3_600_000}))
        .await;
    let wamid = stage.accepted(template_to(ANA, "sale", "es", &[])).await;
    let received = stage
        .receiver
        .until("sent", |received| !statuses_of(&wamid, received).is_empty())
        .await;
    let sent = &statuses_of(&wamid, &received)[0];
    assert_eq!(
        sent["pricing"],
        json!({"billable": false, "pricing_model": "PMP", "type": "free_entry_point", "category": "referral_conversion"})
    );
    assert_eq!(
        sent["conversation"]["expiration_timestamp"],
        (closes / 1_000).to_string(),
        "{sent}"
    );
    let free_form = stage
        .accepted(text_to(ANA, "still needs the 24-hour window"))
        .await;
    let received = stage
        .receiver
        .until("a failure", |received| {
            !statuses_of(&free_form, received).is_empty()
        })
        .await;
    assert_eq!(
        statuses_of(&free_form, &received)[0]["errors"][0]["code"],
        131047
    );
    stage
        .control("clock", json!({"advance_ms": 2 * 3_600_000}))
        .await;
    let wamid = stage.accepted(template_to(ANA, "sale", "es", &[])).await;
    let received = stage
        .receiver
        .until("sent", |received| !statuses_of(&wamid, received).is_empty())
        .await;
    assert_eq!(
        statuses_of(&wamid, &received)[0]["pricing"]["type"],
        "regular"
    );
}

#[tokio::test]
async fn an_ad_click_that_nobody_answers_for_a_day_opens_nothing() {
    let stage = Stage::new().await;
    stage
        .control(
            &format!("customers/{ANA}/ad-click"),
            json!({"phone_number_id": NUMBER}),
        )
        .await;
    stage
        .control("clock", json!({"advance_ms": 25 * 3_600_000}))
        .await;
    stage
        .accepted(template_to(ANA, "hello_world", "en_US", &[]))
        .await;
    let thread = stage
        .look(&format!("thread?phone_number_id={NUMBER}&customer={ANA}"))
        .await;
    assert_eq!(thread["entry_closes_ms"], Value::Null);
}

#[tokio::test]
async fn who_stops_marketing_is_told_of_and_gets_none_until_it_is_resumed() {
    let stage = Stage::new().await;
    stage.control("templates", marketing_template()).await;
    for (choice, fails) in [("stop", true), ("resume", false)] {
        stage
            .control(
                &format!("customers/{ANA}/marketing"),
                json!({"phone_number_id": NUMBER, "value": choice}),
            )
            .await;
        let told = |received: &[Received]| {
            let mut preferences = values(received).into_iter().flat_map(|value| {
                value["user_preferences"]
                    .as_array()
                    .cloned()
                    .unwrap_or_default()
            });
            preferences.find(|preference| preference["value"] == choice)
        };
        let received = stage
            .receiver
            .until(choice, |received| told(received).is_some())
            .await;
        let preference = told(&received).expect("it came");
        assert_eq!(
            (&preference["wa_id"], &preference["category"]),
            (&json!(ANA), &json!("marketing_messages"))
        );
        assert!(preference["timestamp"].is_u64(), "{preference}");
        let change = received
            .iter()
            .find(|one| one.json().to_string().contains("user_preferences"))
            .expect("it")
            .json();
        assert!(
            change["entry"][0].get("time").is_none(),
            "its entry carries no time: {change}"
        );
        let wamid = stage.accepted(template_to(ANA, "sale", "es", &[])).await;
        let received = stage
            .receiver
            .until("a status", |received| {
                !statuses_of(&wamid, received).is_empty()
            })
            .await;
        let status = &statuses_of(&wamid, &received)[0];
        assert_eq!(status["errors"][0]["code"] == 131050, fails, "{status}");
    }
    stage
        .accepted(template_to(ANA, "hello_world", "en_US", &[]))
        .await;
}

#[rstest]
#[case::capped(json!({"phone": "34600000060", "marketing_capped": true}), "34600000060", Some(131_049))]
#[case::united_states(json!({"phone": "12025550123"}), "12025550123", Some(131_049))]
#[case::experiment(json!({"phone": "34600000061", "experiment": true}), "34600000061", Some(130_472))]
#[case::blocks_us(json!({"phone": "34600000062", "blocks_business": true}), "34600000062", Some(131_026))]
#[case::nothing(json!({"phone": "34600000063"}), "34600000063", None)]
#[tokio::test]
async fn marketing_meets(#[case] customer: Value, #[case] to: &str, #[case] code: Option<i64>) {
    let stage = Stage::new().await;
    stage.control("templates", marketing_template()).await;
    stage.control("customers", customer).await;
    let wamid = stage.accepted(template_to(to, "sale", "es", &[])).await;
    let received = stage
        .receiver
        .until("a status", |received| {
            !statuses_of(&wamid, received).is_empty()
        })
        .await;
    let status = &statuses_of(&wamid, &received)[0];
    assert_eq!(status["errors"][0]["code"].as_i64(), code, "{status}");
}

#[tokio::test]
async fn the_experiment_spares_who_has_an_open_window_and_utility_always_goes() {
    let stage = Stage::new().await;
    stage.control("templates", marketing_template()).await;
    stage
        .control(
            "customers",
            json!({"phone": ANA, "experiment": true, "marketing_capped": false}),
        )
        .await;
    stage.ana_writes("Hola").await;
    for (template, language) in [("sale", "es"), ("hello_world", "en_US")] {
        let wamid = stage
            .accepted(template_to(ANA, template, language, &[]))
            .await;
        let received = stage
            .receiver
            .until("a status", |received| {
                !statuses_of(&wamid, received).is_empty()
            })
            .await;
        assert_eq!(statuses_of(&wamid, &received)[0]["status"], "sent");
    }
}

#[tokio::test]
async fn edits_and_deletions_are_told_to_numbers_in_coexistence_only() {
    let stage = Stage::new().await;
    let first = stage.ana_writes("Dos barras").await;
    stage
        .control(
            &format!("customers/{ANA}/edit"),
            json!({"wamid": first, "text": "Tres barras"}),
        )
        .await;
    let unsupported = message_of_type(&stage, "unsupported").await;
    assert_eq!(
        (
            &unsupported["unsupported"]["type"],
            &unsupported["errors"][0]["code"]
        ),
        (&json!("edit"), &json!(131051))
    );
    stage
        .control(
            "numbers",
            json!({"phone_number_id": NUMBER, "coexistence": true}),
        )
        .await;
    let second = stage.ana_writes("Dos barras").await;
    stage
        .control(
            &format!("customers/{ANA}/edit"),
            json!({"wamid": second, "text": "Tres barras"}),
        )
        .await;
    let edit = message_of_type(&stage, "edit").await;
    assert_eq!(edit["edit"]["original_message_id"], second.as_str());
    assert_eq!(
        edit["edit"]["message"],
        json!({"type": "text", "text": {"body": "Tres barras"}})
    );
    stage
        .control(&format!("customers/{ANA}/delete"), json!({"wamid": second}))
        .await;
    let revoke = message_of_type(&stage, "revoke").await;
    assert_eq!(revoke["revoke"], json!({"original_message_id": second}));
    let thread = stage
        .look(&format!("thread?phone_number_id={NUMBER}&customer={ANA}"))
        .await;
    let shown = thread["data"]
        .as_array()
        .expect("messages")
        .iter()
        .find(|message| message["wamid"] == second.as_str())
        .expect("it");
    assert_eq!(
        (
            &shown["content"]["body"],
            &shown["edited"],
            &shown["deleted"]
        ),
        (&json!("Tres barras"), &json!(true), &json!(true))
    );
    let why = refused(
        &stage,
        &format!("customers/{ANA}/delete"),
        json!({"wamid": second}),
    )
    .await;
    assert!(why.contains("already"), "{why}");
}

#[tokio::test]
async fn an_edit_is_possible_for_15_minutes_and_a_deletion_for_two_days() {
    let stage = Stage::new().await;
    let wamid = stage.ana_writes("Hola").await;
    stage
        .control("clock", json!({"advance_ms": 16 * 60_000}))
        .await;
    let why = refused(
        &stage,
        &format!("customers/{ANA}/edit"),
        json!({"wamid": wamid, "text": "x"}),
    )
    .await;
    assert!(why.contains("15 minutes"), "{why}");
    stage
        .control("clock", json!({"advance_ms": 49 * 3_600_000}))
        .await;
    let why = refused(
        &stage,
        &format!("customers/{ANA}/delete"),
        json!({"wamid": wamid}),
    )
    .await;
    assert!(why.contains("two days"), "{why}");
    let why = refused(
        &stage,
        "customers/34699999999/edit",
        json!({"wamid": wamid, "text": "x"}),
    )
    .await;
    assert!(why.contains("wrote no message"), "{why}");
}

#[tokio::test]
async fn a_customer_with_a_new_number_has_a_new_user_id_and_an_old_one_that_is_dead() {
    let stage = Stage::new().await;
    stage.ana_writes("Hola").await;
    let answer = stage
        .control(
            &format!("customers/{ANA}/number"),
            json!({"new_phone": "34600000099"}),
        )
        .await;
    let system = message_of_type(&stage, "system").await;
    assert_eq!(system["from"], ANA);
    assert_eq!(
        (
            &system["system"]["type"],
            &system["system"]["wa_id"],
            &system["system"]["user_id"]
        ),
        (
            &json!("user_changed_number"),
            &json!("34600000099"),
            &answer["user_id"]
        )
    );
    assert_eq!(system["system"]["previous_user_id"], system["from_user_id"]);
    let with_system = values(&stage.receiver.so_far())
        .into_iter()
        .find(|value| value["messages"][0]["type"] == "system")
        .expect("it");
    assert!(
        with_system.get("contacts").is_none(),
        "a system message has no contacts"
    );
    let old = stage
        .accepted(template_to(ANA, "hello_world", "en_US", &[]))
        .await;
    let new = stage
        .accepted(text_to("34600000099", "the window went with her"))
        .await;
    let received = stage
        .receiver
        .until("both", |received| {
            !statuses_of(&old, received).is_empty() && !statuses_of(&new, received).is_empty()
        })
        .await;
    assert_eq!(statuses_of(&old, &received)[0]["errors"][0]["code"], 131026);
    assert_eq!(statuses_of(&new, &received)[0]["status"], "sent");
    let thread = stage
        .look(&format!(
            "thread?phone_number_id={NUMBER}&customer=34600000099"
        ))
        .await;
    assert_eq!(thread["data"].as_array().map(Vec::len), Some(3), "{thread}");
    let why = refused(
        &stage,
        "customers/34600000099/number",
        json!({"new_phone": "34600000099"}),
    )
    .await;
    assert!(why.contains("another phone number"), "{why}");
}

#[tokio::test]
async fn a_hidden_new_number_tells_the_new_user_id_only() {
    let stage = Stage::new().await;
    stage.ana_writes("Hola").await;
    stage
        .control(
            &format!("customers/{ANA}/number"),
            json!({"new_phone": "34600000098", "hidden": true}),
        )
        .await;
    let system = message_of_type(&stage, "system").await;
    assert_eq!(system["system"]["type"], "user_changed_user_id");
    assert!(system["system"].get("wa_id").is_none(), "{system}");
}

#[tokio::test]
async fn a_phone_that_goes_away_under_way_gets_it_later_and_meta_gives_up_after_its_time() {
    let stage = Stage::new().await;
    stage.ana_writes("Hola").await;
    stage
        .control("customers", json!({"phone": ANA, "online": false}))
        .await;
    let wamid = stage.accepted(text_to(ANA, "x")).await;
    stage
        .receiver
        .until("sent", |received| statuses_of(&wamid, received).len() == 1)
        .await;
    stage
        .control("clock", json!({"advance_ms": 31 * 24 * 3_600_000_u64}))
        .await;
    stage
        .control("customers", json!({"phone": ANA, "online": true}))
        .await;
    stage.control("clock", json!({"advance_ms": 60_000})).await;
    let late = stage
        .accepted(template_to(ANA, "hello_world", "en_US", &[]))
        .await;
    stage
        .receiver
        .until("delivered and read", |received| {
            statuses_of(&late, received).len() == 3
        })
        .await;
    let old: Vec<Value> = statuses_of(&wamid, &stage.receiver.so_far());
    assert_eq!(old.len(), 1, "what is 31 days old was delivered: {old:#?}");
}

#[tokio::test]
async fn a_phone_switched_off_before_delivery_gets_each_status_once() {
    let config = sim::SimConfig {
        speed: 1.0,
        ..crate::stage::config()
    };
    let stage = Stage::with(config, crate::stage::seed()).await;
    let wamid = stage
        .accepted(template_to(ANA, "hello_world", "en_US", &[]))
        .await;
    stage
        .control("customers", json!({"phone": ANA, "online": false}))
        .await;
    stage.control("clock", json!({"advance_ms": 60_000})).await;
    stage
        .receiver
        .until("sent", |received| !statuses_of(&wamid, received).is_empty())
        .await;
    assert_eq!(
        stage.sim.outbound()[0].status,
        "sent",
        "an offline phone received"
    );
    stage
        .control("customers", json!({"phone": ANA, "online": true}))
        .await;
    stage.control("clock", json!({"advance_ms": 60_000})).await;
    let received = stage
        .receiver
        .until("read", |received| statuses_of(&wamid, received).len() >= 3)
        .await;
    let mut words: Vec<String> = statuses_of(&wamid, &received)
        .iter()
        .map(|status| text(&status["status"]))
        .collect();
    words.sort();
    assert_eq!(words, ["delivered", "read", "sent"]);
}

#[tokio::test]
async fn the_business_blocks_who_wrote_and_hears_no_more_of_them() {
    let stage = Stage::new().await;
    stage.ana_writes("Hola").await;
    let path = format!("/v24.0/{NUMBER}/block_users");
    let block = |users: &[&str]| {
        let users: Vec<Value> = users.iter().map(|user| json!({"user": user})).collect();
        json!({"messaging_product": "whatsapp", "block_users": users})
    };
    let (status, answer) = stage
        .call("POST", &path, Some(block(&[ANA, "34600000077"])))
        .await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (400, &json!(139100)),
        "{answer}"
    );
    assert_eq!(
        answer["block_users"]["added_users"][0]["wa_id"], ANA,
        "a mixed result has the list as well: {answer}"
    );
    assert_eq!(
        answer["block_users"]["failed_users"][0]["errors"][0]["code"],
        131047
    );
    let (status, answer) = stage
        .call("POST", &path, Some(block(&["34600000077"])))
        .await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (400, &json!(139100)),
        "{answer}"
    );
    let (_, answer) = stage.call("GET", &path, None).await;
    assert_eq!(answer["data"][0]["wa_id"], ANA, "{answer}");
    stage
        .receiver
        .until("her first message", |received| {
            !messages(received).is_empty()
        })
        .await;
    let before = 1;
    stage.ana_writes("¿Hola?").await;
    let wamid = stage.accepted(text_to(ANA, "x")).await;
    let received = stage
        .receiver
        .until("a failure", |received| {
            !statuses_of(&wamid, received).is_empty()
        })
        .await;
    assert_eq!(
        statuses_of(&wamid, &received)[0]["errors"][0]["code"],
        131026
    );
    assert_eq!(
        messages(&received).len(),
        before,
        "a blocked user came through"
    );
    let (status, answer) = stage.call("DELETE", &path, Some(block(&[ANA]))).await;
    assert_eq!(
        (status, &answer["block_users"]["removed_users"][0]["wa_id"]),
        (200, &json!(ANA)),
        "{answer}"
    );
    stage.ana_writes("¿Ahora sí?").await;
    stage
        .receiver
        .until("a message", |received| messages(received).len() > before)
        .await;
}
