//! A customer signs up: code, token, account, number, and what the app hears of it.

use serde_json::{Value, json};
use sim::{CUSTOMER_BUSINESS, SimConfig};

use crate::stage::{NUMBER, Received, Stage, TOKEN, WABA, config, seed, text, values};

/// The account of the app.
pub(crate) fn app_token(config: &SimConfig) -> String {
    format!("{}|{}", config.app_id, config.app_secret)
}

/// Exchanges a code; status and answer.
pub(crate) async fn exchange(stage: &Stage, code: &str, more: &[(&str, &str)]) -> (u16, Value) {
    let config = stage.sim.config();
    let request = stage
        .client
        .get(format!("{}/v25.0/oauth/access_token", stage.url))
        .query(&[
            ("client_id", config.app_id.as_str()),
            ("client_secret", config.app_secret.as_str()),
            ("code", code),
        ])
        .query(more);
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json().await.expect("JSON"))
}

/// Signs the simulated customer up; what the popup gave, and the token of it.
pub(crate) async fn signed_up(stage: &Stage, wish: Value) -> (Value, String) {
    let made = stage.control("embedded-signup", wish).await;
    let (status, answer) = exchange(stage, &text(&made["code"]), &[]).await;
    assert_eq!(status, 200, "{answer}");
    let token = text(&answer["access_token"]);
    (made, token)
}

/// The first change of this field and event, with the id of its entry.
pub(crate) fn change(received: &[Received], field: &str, event: &str) -> Option<(String, Value)> {
    received.iter().find_map(|one| {
        let body = one.json();
        let entries = body["entry"].as_array()?.clone();
        entries.iter().find_map(|entry| {
            let changes = entry["changes"].as_array()?;
            let found = changes.iter().find(|change| {
                change["field"] == field && (event.is_empty() || change["value"]["event"] == event)
            })?;
            Some((text(&entry["id"]), found["value"].clone()))
        })
    })
}

pub(crate) async fn told(stage: &Stage, field: &str, event: &str) -> (String, Value) {
    let received = stage
        .receiver
        .until(&format!("{field} {event}"), |received| {
            change(received, field, event).is_some()
        })
        .await;
    change(&received, field, event).expect("it came")
}

pub(crate) async fn get(stage: &Stage, token: &str, path: &str) -> Value {
    let (status, answer) = stage.call_as(token, "GET", path, None).await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

pub(crate) fn refusal(answer: &Value) -> (i64, i64) {
    let error = &answer["error"];
    (
        error["code"].as_i64().unwrap_or_default(),
        error["error_subcode"].as_i64().unwrap_or_default(),
    )
}

#[tokio::test]
async fn a_sign_up_gives_a_code_that_becomes_a_token_for_what_was_shared() {
    let stage = Stage::new().await;
    let (made, token) = signed_up(
        &stage,
        json!({"outcome": "finish", "business_id": CUSTOMER_BUSINESS.0, "partner_added": "never"}),
    )
    .await;
    let message: Value = serde_json::from_str(&text(&made["data"])).expect("a JSON string");
    assert_eq!(message, made["message"]);
    assert_eq!(message["type"], "WA_EMBEDDED_SIGNUP");
    assert_eq!(message["event"], "FINISH");
    let (waba, number) = (
        text(&message["data"]["waba_id"]),
        text(&message["data"]["phone_number_id"]),
    );
    let app = app_token(stage.sim.config());
    let path = format!("/v25.0/debug_token?input_token={token}");
    let debugged = get(&stage, &app, &path).await;
    assert_eq!(debugged["data"]["is_valid"], true);
    assert_eq!(debugged["data"]["expires_at"], 0);
    let granular = debugged["data"]["granular_scopes"]
        .as_array()
        .expect("scopes");
    let messaging = granular
        .iter()
        .find(|one| one["scope"] == "whatsapp_business_messaging");
    assert_eq!(
        messaging.expect("it was granted")["target_ids"],
        json!([waba])
    );
    let fields = "fields=name,currency,owner_business_info,account_review_status,primary_funding_id,health_status";
    let account = get(&stage, &token, &format!("/v25.0/{waba}?{fields}")).await;
    assert_eq!(account["owner_business_info"]["name"], CUSTOMER_BUSINESS.1);
    assert_eq!(account["account_review_status"], "PENDING");
    assert!(
        account.get("primary_funding_id").is_none(),
        "nobody pays yet: {account}"
    );
    assert_eq!(account["health_status"]["can_send_message"], "LIMITED");
    let numbers = get(&stage, &token, &format!("/v25.0/{waba}/phone_numbers")).await;
    assert_eq!(numbers["data"][0]["id"], number.as_str());
    // Another's token does not see it, and this one does not see others.
    for (token, path) in [
        (TOKEN, format!("/v25.0/{waba}/phone_numbers")),
        (TOKEN, format!("/v25.0/{number}")),
        (token.as_str(), format!("/v25.0/{WABA}")),
        (token.as_str(), format!("/v25.0/{NUMBER}")),
    ] {
        let (status, answer) = stage.call_as(token, "GET", &path, None).await;
        assert_eq!((status, refusal(&answer)), (400, (100, 33)), "{path}");
    }
}

#[tokio::test]
async fn a_code_works_once_and_for_thirty_seconds() {
    let stage = Stage::with(
        SimConfig {
            speed: 1.0,
            ..config()
        },
        seed(),
    )
    .await;
    let made = stage
        .control("embedded-signup", json!({"outcome": "finish"}))
        .await;
    let code = text(&made["code"]);
    let (_, answer) = exchange(
        &stage,
        &code,
        &[("redirect_uri", "https://elsewhere.example/")],
    )
    .await;
    assert_eq!(refusal(&answer), (100, 36008), "{answer}");
    let (status, _) = exchange(&stage, &code, &[]).await;
    assert_eq!(status, 200, "a refusal does not use the code up");
    let (status, answer) = exchange(&stage, &code, &[]).await;
    assert_eq!((status, refusal(&answer)), (400, (100, 36009)), "{answer}");
    let made = stage
        .control("embedded-signup", json!({"outcome": "finish"}))
        .await;
    stage.control("clock", json!({"advance_ms": 30_000})).await;
    let (status, answer) = exchange(&stage, &text(&made["code"]), &[]).await;
    assert_eq!((status, refusal(&answer)), (400, (100, 36007)), "{answer}");
    let (status, answer) = exchange(&stage, "made-up", &[]).await;
    assert_eq!((status, refusal(&answer)), (400, (100, 0)), "{answer}");
}

#[tokio::test]
async fn a_code_is_given_to_the_app_alone() {
    let stage = Stage::new().await;
    let made = stage
        .control(
            "embedded-signup",
            json!({"outcome": "finish", "code_life_ms": 3_600_000}),
        )
        .await;
    let code = text(&made["code"]);
    let config = stage.sim.config();
    for (id, secret, expected) in [
        ("1", config.app_secret.as_str(), 101),
        (config.app_id.as_str(), "wrong", 1),
    ] {
        let asked = [
            ("client_id", id),
            ("client_secret", secret),
            ("code", code.as_str()),
        ];
        let url = format!("{}/v25.0/oauth/access_token", stage.url);
        let answer = stage
            .client
            .get(url)
            .query(&asked)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status().as_u16(), 400);
        let answer: Value = answer.json().await.expect("JSON");
        assert_eq!(refusal(&answer).0, expected, "{answer}");
    }
    let calls = stage.look("calls").await.to_string();
    assert!(
        !calls.contains(&code) && !calls.contains(&config.app_secret),
        "{calls}"
    );
}

#[tokio::test]
async fn the_app_hears_of_the_sign_up_before_the_browser_or_after_it_or_never() {
    let stage = Stage::new().await;
    for (when, count) in [("never", 0), ("before", 1)] {
        let made = stage
            .control(
                "embedded-signup",
                json!({"outcome": "finish", "partner_added": when}),
            )
            .await;
        let waba = text(&made["waba_id"]);
        let came = values(&stage.receiver.so_far());
        let about = came
            .iter()
            .filter(|value| value["waba_info"]["waba_id"] == waba.as_str());
        assert_eq!(about.count(), count, "{when}: {came:?}");
    }
    let made = stage
        .control(
            "embedded-signup",
            json!({"outcome": "finish", "partner_added": "after"}),
        )
        .await;
    stage.control("clock", json!({"advance_ms": 60_000})).await;
    let waba = text(&made["waba_id"]);
    stage
        .receiver
        .until("PARTNER_ADDED", |received| {
            values(received)
                .iter()
                .any(|value| value["waba_info"]["waba_id"] == waba.as_str())
        })
        .await;
    let (id, value) = told(&stage, "account_update", "PARTNER_ADDED").await;
    assert_eq!(
        id,
        stage.sim.config().business_id,
        "the partner's business, not the account"
    );
    assert!(
        value["waba_info"]["owner_business_id"].is_string(),
        "{value}"
    );
}

#[tokio::test]
async fn an_account_that_subscribed_hears_of_its_review_and_what_it_may_do() {
    let stage = Stage::new().await;
    let (made, token) = signed_up(
        &stage,
        json!({"outcome": "only_waba", "review": "APPROVED"}),
    )
    .await;
    let waba = text(&made["waba_id"]);
    assert_eq!(made["message"]["event"], "FINISH_ONLY_WABA");
    let state = stage.look("state").await;
    assert_eq!(
        state["app"]["config_ids"],
        json!(stage.sim.config().config_ids)
    );
    let mut wabas = state["wabas"].as_array().expect("accounts").iter();
    let known = wabas
        .find(|known| known["id"] == waba.as_str())
        .expect("it");
    assert_eq!(
        (&known["shared"], &known["subscribed"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(made["phone_number_id"], Value::Null);
    let path = format!("/v25.0/{waba}/subscribed_apps");
    let none = get(&stage, &token, &path).await;
    assert_eq!(none["data"], json!([]));
    let (status, answer) = stage.call_as(&token, "POST", &path, None).await;
    assert_eq!(status, 200, "{answer}");
    stage.control("clock", json!({"advance_ms": 180_000})).await;
    let (id, value) = told(&stage, "account_review_update", "").await;
    assert_eq!((id, &value["decision"]), (waba.clone(), &json!("APPROVED")));
    let (id, value) = told(&stage, "business_capability_update", "").await;
    assert_eq!(
        (id, &value["max_phone_numbers_per_business"]),
        (waba.clone(), &json!(2))
    );
    let account = get(
        &stage,
        &token,
        &format!("/v25.0/{waba}?fields=account_review_status"),
    )
    .await;
    assert_eq!(account["account_review_status"], "APPROVED");
}

#[tokio::test]
async fn a_sign_up_that_is_given_up_says_where_and_gives_no_code() {
    let stage = Stage::new().await;
    let made = stage
        .control(
            "embedded-signup",
            json!({"outcome": "cancel", "current_step": "PHONE_NUMBER_SETUP"}),
        )
        .await;
    assert_eq!(made["code"], Value::Null);
    assert_eq!(made["message"]["event"], "CANCEL");
    assert_eq!(
        made["message"]["data"],
        json!({"current_step": "PHONE_NUMBER_SETUP"})
    );
    let made = stage
        .control(
            "embedded-signup",
            json!({"outcome": "error", "error_message": "No", "error_code": "7"}),
        )
        .await;
    assert_eq!(made["message"]["event"], "CANCEL");
    assert_eq!(made["message"]["data"]["error_message"], "No");
    assert!(made["message"]["data"]["session_id"].is_string());
}

#[tokio::test]
async fn a_token_for_sixty_days_ends_after_them() {
    let stage = Stage::new().await;
    let (made, token) = signed_up(&stage, json!({"outcome": "finish", "token_days": 60})).await;
    let waba = text(&made["waba_id"]);
    let app = app_token(stage.sim.config());
    let path = format!("/v25.0/debug_token?input_token={token}");
    let before = get(&stage, &app, &path).await;
    assert_ne!(before["data"]["expires_at"], 0);
    stage
        .control("clock", json!({"advance_ms": 60_u64 * 86_400_000}))
        .await;
    let (status, answer) = stage
        .call_as(&token, "GET", &format!("/v25.0/{waba}"), None)
        .await;
    assert_eq!((status, refusal(&answer)), (401, (190, 463)), "{answer}");
    let after = get(&stage, &app, &path).await;
    assert_eq!(after["data"]["is_valid"], false);
    assert_eq!(after["data"]["error"]["subcode"], 463);
}

#[tokio::test]
async fn a_permission_that_was_not_granted_is_missing_in_the_token() {
    let stage = Stage::new().await;
    let wish = json!({"outcome": "finish", "permissions": {"messaging": false}});
    let (made, token) = signed_up(&stage, wish).await;
    let number = text(&made["phone_number_id"]);
    let path = format!("/v25.0/{number}/register");
    let body = json!({"messaging_product": "whatsapp", "pin": "123456"});
    let (status, answer) = stage.call_as(&token, "POST", &path, Some(body)).await;
    assert_eq!((status, refusal(&answer).0), (403, 200), "{answer}");
    let app = app_token(stage.sim.config());
    let debugged = get(
        &stage,
        &app,
        &format!("/v25.0/debug_token?input_token={token}"),
    )
    .await;
    let scopes = debugged["data"]["scopes"].as_array().expect("scopes");
    assert!(
        !scopes.contains(&json!("whatsapp_business_messaging")),
        "{debugged}"
    );
}

#[tokio::test]
async fn the_apps_own_token_is_good_for_the_app_alone() {
    let stage = Stage::new().await;
    let config = stage.sim.config();
    let app = app_token(config);
    let debugged = get(
        &stage,
        &app,
        &format!("/v25.0/debug_token?input_token={app}"),
    )
    .await;
    assert_eq!(debugged["data"]["type"], "APP");
    assert_eq!(debugged["data"]["is_valid"], true);
    let path = format!("/v25.0/{}/subscriptions", config.app_id);
    let subscribed = get(&stage, &app, &path).await;
    assert_eq!(subscribed["data"][0]["object"], "whatsapp_business_account");
    let (_, answer) = stage.call("GET", &path, None).await;
    assert_eq!(
        refusal(&answer).0,
        15,
        "a system user's is none of the app: {answer}"
    );
    for path in ["/v25.0/me".to_owned(), format!("/v25.0/{WABA}")] {
        let (status, answer) = stage.call_as(&app, "GET", &path, None).await;
        assert_eq!(status, 400, "{path}: {answer}");
    }
    // The secret makes it, too.
    let url = format!("{}/v25.0/oauth/access_token", stage.url);
    let asked = [
        ("client_id", config.app_id.as_str()),
        ("client_secret", config.app_secret.as_str()),
        ("grant_type", "client_credentials"),
    ];
    let answer = stage
        .client
        .get(url)
        .query(&asked)
        .send()
        .await
        .expect("an answer");
    let answer: Value = answer.json().await.expect("JSON");
    assert_eq!(answer["access_token"], app.as_str());
}

#[tokio::test]
async fn whoever_signs_up_again_keeps_account_and_number() {
    let stage = Stage::new().await;
    let (first, _) = signed_up(&stage, json!({"outcome": "finish"})).await;
    let again = json!({"outcome": "close", "waba_id": first["waba_id"], "version": "v3"});
    let (second, token) = signed_up(&stage, again).await;
    for id in ["waba_id", "phone_number_id", "business_id"] {
        assert_eq!(first[id], second[id]);
    }
    assert_eq!(
        second["message"]["event"], "FINISH",
        "closed on the last screen"
    );
    assert!(
        second["message"]["data"].get("waba_ids").is_none(),
        "v3 says less: {second}"
    );
    let waba = text(&second["waba_id"]);
    get(&stage, &token, &format!("/v25.0/{waba}/phone_numbers")).await;
    let elsewhere =
        json!({"outcome": "finish", "waba_id": waba, "business_id": CUSTOMER_BUSINESS.0});
    let sent = stage
        .client
        .post(format!("{}/_sim/embedded-signup", stage.url))
        .json(&elsewhere);
    assert_eq!(sent.send().await.expect("an answer").status().as_u16(), 400);
}

#[tokio::test]
async fn an_override_is_proved_at_once() {
    let stage = Stage::new().await;
    let (made, token) = signed_up(&stage, json!({"outcome": "finish"})).await;
    let waba = text(&made["waba_id"]);
    let path = format!("/v25.0/{waba}/subscribed_apps");
    let with = |verify_token: &str| {
        Some(json!({"override_callback_uri": stage.receiver_url, "verify_token": verify_token}))
    };
    let (_, answer) = stage
        .call_as(&token, "POST", &path, with("bad-token"))
        .await;
    assert_eq!(refusal(&answer), (100, 2200), "{answer}");
    assert_eq!(
        get(&stage, &token, &path).await["data"],
        json!([]),
        "nothing was kept"
    );
    let (status, answer) = stage
        .call_as(&token, "POST", &path, with("good-token"))
        .await;
    assert_eq!(status, 200, "{answer}");
    let kept = get(&stage, &token, &path).await;
    assert_eq!(
        kept["data"][0]["override_callback_uri"],
        stage.receiver_url.as_str()
    );
}
