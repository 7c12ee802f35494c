//! What Meta does to accounts and integrations: the account changes, and the app is told.

use serde_json::{Value, json};

use crate::signing_up::{app_token, get, signed_up, told};
use crate::stage::{ANA, NUMBER, Stage, WABA, template_to, text, text_to, values};

const DAY_MS: u64 = 86_400_000;

async fn happens(stage: &Stage, waba: &str, wish: Value) -> Value {
    stage
        .control(&format!("wabas/{waba}/account-update"), wish)
        .await
}

fn code(answer: &Value) -> i64 {
    answer["error"]["code"].as_i64().unwrap_or_default()
}

async fn sends(stage: &Stage, body: Value) -> i64 {
    let (_, answer) = stage.send(body).await;
    code(&answer)
}

fn hello() -> Value {
    template_to(ANA, "hello_world", "en_US", &[])
}

async fn health(stage: &Stage) -> (Value, Value) {
    let node = get(
        stage,
        crate::stage::TOKEN,
        &format!("/v25.0/{WABA}?fields=health_status,status"),
    )
    .await;
    let number = get(
        stage,
        crate::stage::TOKEN,
        &format!("/v25.0/{NUMBER}?fields=health_status,status"),
    )
    .await;
    (node, number)
}

#[tokio::test]
async fn a_restricted_account_may_not_begin_conversations_until_it_is_over() {
    let stage = Stage::new().await;
    stage.ana_writes("Hola").await;
    let wish = json!({"event": "ACCOUNT_RESTRICTION", "restrictions": ["RESTRICTED_BIZ_INITIATED_MESSAGING"], "days": 3});
    happens(&stage, WABA, wish).await;
    let (id, value) = told(&stage, "account_update", "ACCOUNT_RESTRICTION").await;
    assert_eq!(id, WABA);
    let restriction = &value["restriction_info"][0];
    assert_eq!(
        restriction["restriction_type"],
        "RESTRICTED_BIZ_INITIATED_MESSAGING"
    );
    assert!(restriction["expiration"].is_u64(), "{value}");
    assert_eq!(sends(&stage, hello()).await, 368);
    assert_eq!(
        sends(&stage, text_to(ANA, "Hola")).await,
        0,
        "answers still go"
    );
    let (account, number) = health(&stage).await;
    assert_eq!(account["health_status"]["can_send_message"], "BLOCKED");
    assert_eq!(
        number["health_status"]["can_send_message"], "BLOCKED",
        "the worst counts"
    );
    stage
        .control("clock", json!({"advance_ms": 3 * DAY_MS}))
        .await;
    assert_eq!(sends(&stage, hello()).await, 0, "it is over");
}

#[tokio::test]
async fn each_restriction_forbids_what_it_names() {
    let stage = Stage::new().await;
    stage.ana_writes("Hola").await;
    let all = json!([
        "RESTRICTED_CUSTOMER_INITIATED_MESSAGING",
        "RESTRICTED_UTILITY_TEMPLATES",
        "RESTRICTED_ADD_PHONE_NUMBER_ACTION"
    ]);
    happens(
        &stage,
        WABA,
        json!({"event": "ACCOUNT_RESTRICTION", "restrictions": all}),
    )
    .await;
    assert_eq!(sends(&stage, text_to(ANA, "Hola")).await, 368);
    assert_eq!(sends(&stage, hello()).await, 131_064, "a utility template");
    let number = json!({"cc": "34", "phone_number": "600999888", "verified_name": "Otra"});
    let (_, answer) = stage
        .call(
            "POST",
            &format!("/v25.0/{WABA}/phone_numbers"),
            Some(number),
        )
        .await;
    assert_eq!(code(&answer), 368, "{answer}");
}

#[tokio::test]
async fn a_disabled_account_sends_nothing_until_it_is_reinstated() {
    let stage = Stage::new().await;
    happens(
        &stage,
        WABA,
        json!({"event": "DISABLED_UPDATE", "ban_state": "SCHEDULE_FOR_DISABLE"}),
    )
    .await;
    assert_eq!(sends(&stage, hello()).await, 0, "only announced");
    happens(
        &stage,
        WABA,
        json!({"event": "DISABLED_UPDATE", "ban_state": "DISABLE"}),
    )
    .await;
    assert_eq!(sends(&stage, hello()).await, 131_031);
    let (account, number) = health(&stage).await;
    assert_eq!(account["health_status"]["can_send_message"], "BLOCKED");
    assert_eq!(number["status"], "BANNED");
    happens(
        &stage,
        WABA,
        json!({"event": "DISABLED_UPDATE", "ban_state": "REINSTATE"}),
    )
    .await;
    assert_eq!(sends(&stage, hello()).await, 0);
    let came = stage
        .receiver
        .until("three steps", |received| {
            let values = values(received);
            values
                .iter()
                .filter(|value| value["event"] == "DISABLED_UPDATE")
                .count()
                == 3
        })
        .await;
    let states: Vec<Value> = values(&came)
        .iter()
        .filter(|value| value["event"] == "DISABLED_UPDATE")
        .map(|value| value["ban_info"]["waba_ban_state"].clone())
        .collect();
    for state in ["SCHEDULE_FOR_DISABLE", "DISABLE", "REINSTATE"] {
        assert!(states.contains(&json!(state)), "{states:?}");
    }
}

#[tokio::test]
async fn an_account_that_is_unshared_is_out_of_reach() {
    let stage = Stage::new().await;
    let (made, token) = signed_up(
        &stage,
        json!({"outcome": "finish", "partner_added": "never"}),
    )
    .await;
    let waba = text(&made["waba_id"]);
    happens(&stage, &waba, json!({"event": "PARTNER_REMOVED"})).await;
    let (id, value) = told(&stage, "account_update", "PARTNER_REMOVED").await;
    assert_eq!(id, stage.sim.config().business_id);
    assert_eq!(value["waba_info"]["waba_id"], waba.as_str());
    let (_, answer) = stage
        .call_as(&token, "GET", &format!("/v25.0/{waba}"), None)
        .await;
    assert_eq!(
        (code(&answer), &answer["error"]["error_subcode"]),
        (100, &json!(33)),
        "{answer}"
    );
    // The token itself is still one, of nothing.
    let app = app_token(stage.sim.config());
    let debugged = get(
        &stage,
        &app,
        &format!("/v25.0/debug_token?input_token={token}"),
    )
    .await;
    assert_eq!(debugged["data"]["is_valid"], true);
    assert_eq!(
        debugged["data"]["granular_scopes"][0]["target_ids"],
        json!([])
    );
}

#[tokio::test]
async fn an_app_that_is_taken_away_has_a_token_no_more() {
    let stage = Stage::new().await;
    let (made, token) = signed_up(
        &stage,
        json!({"outcome": "finish", "partner_added": "never"}),
    )
    .await;
    let waba = text(&made["waba_id"]);
    happens(&stage, &waba, json!({"event": "PARTNER_APP_UNINSTALLED"})).await;
    let (_, value) = told(&stage, "account_update", "PARTNER_APP_UNINSTALLED").await;
    assert_eq!(
        value["waba_info"]["partner_app_id"],
        stage.sim.config().app_id.as_str()
    );
    let (status, answer) = stage
        .call_as(&token, "GET", &format!("/v25.0/{waba}"), None)
        .await;
    assert_eq!(
        (status, code(&answer), &answer["error"]["error_subcode"]),
        (401, 190, &json!(458)),
        "{answer}"
    );
    // Whoever signs up again is connected again.
    let (_, token) = signed_up(&stage, json!({"outcome": "finish", "waba_id": waba})).await;
    get(&stage, &token, &format!("/v25.0/{waba}/phone_numbers")).await;
}

#[tokio::test]
async fn the_tokens_of_an_account_end_on_command() {
    let stage = Stage::new().await;
    let (made, token) = signed_up(&stage, json!({"outcome": "finish"})).await;
    let waba = text(&made["waba_id"]);
    for (state, subcode) in [("expired", 463), ("revoked", 460), ("uninstalled", 458)] {
        stage
            .control(&format!("wabas/{waba}/tokens"), json!({"state": state}))
            .await;
        let (status, answer) = stage
            .call_as(&token, "GET", &format!("/v25.0/{waba}"), None)
            .await;
        assert_eq!(
            (status, &answer["error"]["error_subcode"]),
            (401, &json!(subcode)),
            "{answer}"
        );
    }
    stage
        .control(&format!("wabas/{waba}/tokens"), json!({"state": "valid"}))
        .await;
    get(&stage, &token, &format!("/v25.0/{waba}")).await;
}

#[tokio::test]
async fn a_rejected_account_sends_nothing() {
    let stage = Stage::new().await;
    stage
        .control(
            &format!("wabas/{WABA}/review"),
            json!({"decision": "REJECTED"}),
        )
        .await;
    let (_, value) = told(&stage, "account_review_update", "").await;
    assert_eq!(value["decision"], "REJECTED");
    assert_eq!(sends(&stage, hello()).await, 131_031);
}

#[tokio::test]
async fn names_qualities_pins_and_alerts_are_told() {
    let stage = Stage::new().await;
    let number = |what: &str| format!("numbers/{NUMBER}/{what}");
    stage
        .control(
            &number("name"),
            json!({"decision": "REJECTED", "reason": "NAME_NOT_CONSISTENT", "name": "Otra"}),
        )
        .await;
    let (_, value) = told(&stage, "phone_number_name_update", "").await;
    assert_eq!(value["requested_verified_name"], "Otra");
    assert_eq!(value["rejection_reason"], "NAME_NOT_CONSISTENT");
    let shown = get(
        &stage,
        crate::stage::TOKEN,
        &format!("/v25.0/{NUMBER}?fields=verified_name,name_status"),
    )
    .await;
    assert_eq!(
        shown["verified_name"], "Panadería San Juan",
        "the old name stays"
    );
    stage
        .control(&number("quality"), json!({"rating": "RED"}))
        .await;
    told(&stage, "phone_number_quality_update", "FLAGGED").await;
    let shown = get(&stage, crate::stage::TOKEN, &format!("/v25.0/{NUMBER}")).await;
    assert_eq!(shown["quality_rating"], "RED");
    stage
        .control(&number("security"), json!({"event": "PIN_CHANGED"}))
        .await;
    told(&stage, "security", "PIN_CHANGED").await;
    let pin = json!({"messaging_product": "whatsapp", "pin": "000000"});
    let (_, answer) = stage
        .call(
            "POST",
            &format!("/v25.0/{NUMBER}/register"),
            Some(pin.clone()),
        )
        .await;
    assert_eq!(code(&answer), 133_005, "somebody else set it: {answer}");
    stage
        .control(&number("security"), json!({"event": "PIN_REQUEST_SUCCESS"}))
        .await;
    let (status, answer) = stage
        .call("POST", &format!("/v25.0/{NUMBER}/register"), Some(pin))
        .await;
    assert_eq!(status, 200, "there is none: {answer}");
    stage
        .control(
            &format!("wabas/{WABA}/alert"),
            json!({"severity": "CRITICAL"}),
        )
        .await;
    let (_, value) = told(&stage, "account_alerts", "").await;
    assert_eq!(value["alert_info"]["alert_severity"], "CRITICAL");
}

#[tokio::test]
async fn a_deleted_account_is_told_once_and_gone() {
    let stage = Stage::new().await;
    happens(&stage, WABA, json!({"event": "ACCOUNT_DELETED"})).await;
    let (id, _) = told(&stage, "account_update", "ACCOUNT_DELETED").await;
    assert_eq!(id, WABA);
    let (_, answer) = stage.call("GET", &format!("/v25.0/{WABA}"), None).await;
    assert_eq!(answer["error"]["error_subcode"], 33, "{answer}");
    let (_, answer) = stage.send(hello()).await;
    assert_eq!(answer["error"]["error_subcode"], 33, "{answer}");
}

#[tokio::test]
async fn what_is_no_event_changes_nothing() {
    let stage = Stage::new().await;
    for body in [
        json!({"event": "SOMETHING"}),
        json!({"event": "DISABLED_UPDATE", "ban_state": "MAYBE"}),
        json!({"event": "ACCOUNT_RESTRICTION", "restrictions": ["EVERYTHING"]}),
        json!({"event": "PARTNER_REMOVED", "reason": "BOREDOM"}),
        json!({"event": "ACCOUNT_OFFBOARDED"}),
    ] {
        let sent = stage
            .client
            .post(format!("{}/_sim/wabas/{WABA}/account-update", stage.url))
            .json(&body);
        assert_eq!(
            sent.send().await.expect("an answer").status().as_u16(),
            400,
            "{body}"
        );
    }
    assert_eq!(sends(&stage, hello()).await, 0);
}

#[tokio::test]
async fn an_outage_ends_by_the_virtual_clock() {
    let stage = Stage::new().await;
    let path = format!("/v25.0/{NUMBER}");
    for (wish, status) in [
        (json!({"kind": "error", "code": 1}), 500),
        (json!({"kind": "error"}), 500),
        (json!({"kind": "unavailable"}), 503),
        (json!({"kind": "slow", "slow_ms": 50}), 200),
    ] {
        stage.control("outage", wish.clone()).await;
        let (found, _) = stage.call("GET", &path, None).await;
        assert_eq!(found, status, "{wish}");
    }
    stage
        .control("outage", json!({"kind": "reset", "for_ms": 600_000}))
        .await;
    let url = format!("{}{path}", stage.url);
    let sent = stage
        .client
        .get(url)
        .bearer_auth(crate::stage::TOKEN)
        .send()
        .await;
    assert!(sent.is_err(), "the connection closes");
    stage.control("clock", json!({"advance_ms": 600_000})).await;
    let (found, _) = stage.call("GET", &path, None).await;
    assert_eq!(found, 200);
    stage
        .control("outage", json!({"kind": "unavailable"}))
        .await;
    stage.control("outage", json!({"kind": null})).await;
    let (found, _) = stage.call("GET", &path, None).await;
    assert_eq!(found, 200);
}

#[tokio::test]
async fn a_removed_version_is_served_by_the_oldest_left_and_says_so() {
    let stage = Stage::new().await;
    let version = async |path: String| {
        let asked = stage
            .client
            .get(format!("{}{path}", stage.url))
            .bearer_auth(crate::stage::TOKEN);
        let answer = asked.send().await.expect("an answer");
        let served = answer.headers().get("facebook-api-version").cloned();
        let status = answer.status().as_u16();
        (
            status,
            served.map(|served| served.to_str().expect("text").to_owned()),
        )
    };
    assert_eq!(
        version(format!("/v24.0/{NUMBER}")).await,
        (200, Some("v24.0".to_owned()))
    );
    stage.control("app", json!({"oldest_version": 25})).await;
    assert_eq!(
        version(format!("/v24.0/{NUMBER}")).await,
        (200, Some("v25.0".to_owned()))
    );
    assert_eq!(
        version(format!("/{NUMBER}")).await,
        (200, Some("v25.0".to_owned()))
    );
    assert_eq!(
        version(format!("/v99.0/{NUMBER}")).await.0,
        400,
        "there is none such"
    );
}
