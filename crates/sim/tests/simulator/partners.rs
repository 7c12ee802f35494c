//! What a partner pays and manages for its customers: credit lines, system users, accounts that are shared.

use serde_json::{Value, json};
use sim::{CUSTOMER_BUSINESS, SimConfig};

use crate::signing_up::{get, signed_up};
use crate::stage::{ANA, NUMBER, Stage, TOKEN, WABA, config, seed, template_to, text, values};

fn code(answer: &Value) -> i64 {
    answer["error"]["code"].as_i64().unwrap_or_default()
}

/// The id of the platform's own system user.
async fn system_user(stage: &Stage) -> String {
    text(&get(stage, TOKEN, "/v25.0/me").await["id"])
}

async fn post(stage: &Stage, token: &str, path: &str, body: Value) -> Value {
    let (status, answer) = stage.call_as(token, "POST", path, Some(body)).await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

/// A customer's account with a registered number that hears of what it sends; account, number, token.
async fn connected(stage: &Stage) -> (String, String, String) {
    let wish = json!({"outcome": "finish", "business_id": CUSTOMER_BUSINESS.0});
    let (made, token) = signed_up(stage, wish).await;
    let (waba, number) = (text(&made["waba_id"]), text(&made["phone_number_id"]));
    post(
        stage,
        &token,
        &format!("/v25.0/{waba}/subscribed_apps"),
        json!({}),
    )
    .await;
    let pin = json!({"messaging_product": "whatsapp", "pin": "123456"});
    post(stage, &token, &format!("/v25.0/{number}/register"), pin).await;
    (waba, number, token)
}

/// Sends a template, and gives the statuses that came of it until `word`.
async fn statuses(stage: &Stage, token: &str, number: &str, word: &str) -> Vec<Value> {
    let body = template_to(ANA, "hello_world", "en_US", &[]);
    let sent = post(stage, token, &format!("/v25.0/{number}/messages"), body).await;
    let wamid = text(&sent["messages"][0]["id"]);
    let of = |received: &[crate::stage::Received]| -> Vec<Value> {
        values(received)
            .iter()
            .flat_map(|value| value["statuses"].as_array().cloned().unwrap_or_default())
            .filter(|status| status["id"] == wamid.as_str())
            .collect()
    };
    let received = stage
        .receiver
        .until(word, |received| {
            of(received).iter().any(|status| status["status"] == word)
        })
        .await;
    of(&received)
}

#[tokio::test]
async fn a_credit_line_pays_for_a_customer_until_it_is_taken_back() {
    let stage = Stage::new().await;
    let (waba, number, token) = connected(&stage).await;
    let failed = statuses(&stage, &token, &number, "failed").await;
    assert_eq!(failed[0]["errors"][0]["code"], 131_042, "nobody pays yet");
    let business = stage.sim.config().business_id.clone();
    let lines = get(&stage, TOKEN, &format!("/v25.0/{business}/extendedcredits")).await;
    let line = text(&lines["data"][0]["id"]);
    let attach = format!("/v25.0/{line}/whatsapp_credit_sharing_and_attach");
    let wish = json!({"waba_id": waba, "waba_currency": "EUR"});
    let (_, answer) = stage
        .call_as(TOKEN, "POST", &attach, Some(wish.clone()))
        .await;
    assert_eq!(
        code(&answer),
        200,
        "the system user is not assigned yet: {answer}"
    );
    let user = system_user(&stage).await;
    let users = format!("/v25.0/{waba}/assigned_users");
    let asked = format!("{users}?user={user}&tasks=['MANAGE']");
    post(&stage, TOKEN, &asked, json!({})).await;
    let assigned = get(&stage, TOKEN, &format!("{users}?business={business}")).await;
    assert_eq!(assigned["data"][0]["id"], user.as_str());
    for (wish, why) in [
        (json!({"waba_id": waba}), "no currency"),
        (
            json!({"waba_id": waba, "waba_currency": "XXX"}),
            "no such currency",
        ),
        (
            json!({"waba_id": "1", "waba_currency": "EUR"}),
            "no such account",
        ),
    ] {
        let (_, answer) = stage.call_as(TOKEN, "POST", &attach, Some(wish)).await;
        assert_eq!(code(&answer), 100, "{why}: {answer}");
    }
    let shared = post(&stage, TOKEN, &attach, wish).await;
    assert_eq!(shared["waba_id"], waba.as_str());
    let allocation = text(&shared["allocation_config_id"]);
    let node = get(
        &stage,
        TOKEN,
        &format!("/v25.0/{allocation}?fields=receiving_credential{{id}}"),
    )
    .await;
    let account = get(
        &stage,
        &token,
        &format!("/v25.0/{waba}?fields=primary_funding_id"),
    )
    .await;
    assert_eq!(
        node["receiving_credential"]["id"],
        account["primary_funding_id"]
    );
    let (_, answer) = stage
        .call_as(
            TOKEN,
            "POST",
            &attach,
            Some(json!({"waba_id": waba, "waba_currency": "USD"})),
        )
        .await;
    assert_eq!(code(&answer), 100, "the currency is frozen: {answer}");
    let list = format!(
        "/v25.0/{line}/owning_credit_allocation_configs?receiving_business_id={}",
        CUSTOMER_BUSINESS.0
    );
    assert_eq!(
        get(&stage, TOKEN, &list).await["data"][0]["id"],
        allocation.as_str()
    );
    statuses(&stage, &token, &number, "delivered").await;
    let (status, answer) = stage
        .call_as(TOKEN, "DELETE", &format!("/v25.0/{allocation}"), None)
        .await;
    assert_eq!(
        (status, &answer["success"]),
        (200, &json!(true)),
        "{answer}"
    );
    let node = get(&stage, TOKEN, &format!("/v25.0/{allocation}")).await;
    assert_eq!(node["request_status"], "DELETED");
    let failed = statuses(&stage, &token, &number, "failed").await;
    assert_eq!(failed[0]["errors"][0]["code"], 131_042, "it was taken back");
}

#[tokio::test]
async fn the_newer_way_shares_with_the_business_and_attaches_with_the_customers_token() {
    let stage = Stage::new().await;
    let (waba, number, token) = connected(&stage).await;
    let line = stage
        .sim
        .config()
        .credit_line_id
        .clone()
        .expect("a credit line");
    let attach = format!("/v25.0/{line}/whatsapp_credit_attach");
    let wish = json!({"waba_id": waba, "waba_currency": "EUR"});
    let (_, answer) = stage
        .call_as(&token, "POST", &attach, Some(wish.clone()))
        .await;
    assert_eq!(
        answer["error"]["error_subcode"], 33,
        "not shared with them yet: {answer}"
    );
    let share = format!("/v25.0/{line}/whatsapp_credit_sharing");
    let shared = post(
        &stage,
        TOKEN,
        &share,
        json!({"receiving_business_id": CUSTOMER_BUSINESS.0}),
    )
    .await;
    assert!(shared["allocation_config_id"].is_string(), "{shared}");
    post(&stage, &token, &attach, wish).await;
    statuses(&stage, &token, &number, "delivered").await;
}

#[tokio::test]
async fn a_customer_may_bring_a_payment_method_of_its_own() {
    let stage = Stage::new().await;
    let (waba, number, token) = connected(&stage).await;
    stage
        .control("wabas", json!({"waba_id": waba, "payment": "ok"}))
        .await;
    statuses(&stage, &token, &number, "delivered").await;
    let account = get(
        &stage,
        &token,
        &format!("/v25.0/{waba}?fields=primary_funding_id"),
    )
    .await;
    assert!(account["primary_funding_id"].is_string(), "{account}");
}

#[tokio::test]
async fn credit_lines_are_for_their_owner_and_who_has_the_permission() {
    let stage = Stage::new().await;
    let (_, _, token) = connected(&stage).await;
    let business = stage.sim.config().business_id.clone();
    let line = stage
        .sim
        .config()
        .credit_line_id
        .clone()
        .expect("a credit line");
    for path in [
        format!("/v25.0/{line}"),
        format!("/v25.0/{business}/extendedcredits"),
    ] {
        let (_, answer) = stage.call_as(&token, "GET", &path, None).await;
        assert_eq!(answer["error"]["error_subcode"], 33, "{path}: {answer}");
    }
    stage
        .control(
            "tokens",
            json!({"token": TOKEN, "business_management": false}),
        )
        .await;
    let (status, answer) = stage
        .call("GET", &format!("/v25.0/{business}/extendedcredits"), None)
        .await;
    assert_eq!((status, code(&answer)), (403, 200), "{answer}");
    // A tech provider has none.
    let without = SimConfig {
        credit_line_id: None,
        ..config()
    };
    let stage = Stage::with(without, seed()).await;
    let lines = get(&stage, TOKEN, &format!("/v25.0/{business}/extendedcredits")).await;
    assert_eq!(lines["data"], json!([]));
}

#[tokio::test]
async fn a_partner_lists_what_it_owns_and_what_was_shared_with_it() {
    let stage = Stage::new().await;
    let (waba, _, token) = connected(&stage).await;
    let business = stage.sim.config().business_id.clone();
    let owned = get(
        &stage,
        TOKEN,
        &format!("/v25.0/{business}/owned_whatsapp_business_accounts"),
    )
    .await;
    assert_eq!(owned["data"][0]["id"], WABA);
    let path = format!(
        "/v25.0/{business}/client_whatsapp_business_accounts?fields=id,owner_business_info"
    );
    let clients = get(&stage, TOKEN, &path).await;
    assert_eq!(
        clients["data"].as_array().map(Vec::len),
        Some(1),
        "{clients}"
    );
    assert_eq!(clients["data"][0]["id"], waba.as_str());
    let (_, answer) = stage.call_as(&token, "GET", &path, None).await;
    assert_eq!(
        answer["error"]["error_subcode"], 33,
        "a customer does not: {answer}"
    );
    let client = get(
        &stage,
        TOKEN,
        &format!(
            "/v25.0/{}?fields=name,verification_status",
            CUSTOMER_BUSINESS.0
        ),
    )
    .await;
    assert_eq!(client["name"], CUSTOMER_BUSINESS.1);
}

#[tokio::test]
async fn the_token_of_a_hosted_sign_up_is_fetched_with_a_proof() {
    let stage = Stage::new().await;
    let (waba, number, _) = connected(&stage).await;
    let path = format!("/v25.0/{}/system_user_access_tokens", CUSTOMER_BUSINESS.0);
    let (_, answer) = stage
        .call("POST", &path, Some(json!({"fetch_only": true})))
        .await;
    assert_eq!(code(&answer), 100, "{answer}");
    let secret = &stage.sim.config().app_secret;
    // HMAC-SHA256, as the simulator's own signature of a webhook has it.
    let proof = sim::sign(secret, TOKEN.as_bytes()).replace("sha256=", "");
    let body = json!({"fetch_only": true, "appsecret_proof": proof});
    let fetched = post(&stage, TOKEN, &path, body.clone()).await;
    let token = text(&fetched["access_token"]);
    let numbers = get(&stage, &token, &format!("/v25.0/{waba}/phone_numbers")).await;
    assert_eq!(numbers["data"][0]["id"], number.as_str());
    let (_, answer) = stage
        .call_as(&token, "GET", &format!("/v25.0/{NUMBER}"), None)
        .await;
    assert_eq!(answer["error"]["error_subcode"], 33, "{answer}");
    stage
        .control(
            &format!("wabas/{waba}/account-update"),
            json!({"event": "PARTNER_REMOVED"}),
        )
        .await;
    let (_, answer) = stage.call("POST", &path, Some(body)).await;
    assert_eq!(
        answer["error"]["error_subcode"], 33,
        "nothing is shared any more: {answer}"
    );
}

#[tokio::test]
async fn each_business_has_a_messaging_limit_of_its_own() {
    let stage = Stage::new().await;
    let (waba, number, token) = connected(&stage).await;
    let customer = CUSTOMER_BUSINESS.0;
    let limit = json!({"limit": "TIER_10K", "business_id": customer});
    stage.control("portfolio", limit).await;
    let field = "whatsapp_business_manager_messaging_limit";
    let theirs = get(&stage, &token, &format!("/v25.0/{number}?fields={field}")).await;
    assert_eq!(theirs[field], "TIER_10K");
    let ours = get(&stage, TOKEN, &format!("/v25.0/{NUMBER}?fields={field}")).await;
    assert_eq!(ours[field], "TIER_2K", "the platform's own is another");
    stage
        .control("portfolio", json!({"raise": true, "business_id": customer}))
        .await;
    let (id, value) = crate::signing_up::told(&stage, "business_capability_update", "").await;
    assert_eq!(
        (id, &value["max_daily_conversations_per_business"]),
        (waba, &json!("TIER_100K"))
    );
}

#[tokio::test]
async fn a_person_is_another_one_to_each_business() {
    let stage = Stage::new().await;
    let (_, number, token) = connected(&stage).await;
    stage
        .control("wabas", json!({"waba_id": WABA, "payment": "ok"}))
        .await;
    stage.ana_writes("Hola").await;
    let message = json!({"type": "text", "text": {"body": "Hola"}});
    stage
        .control(
            "inbound",
            json!({"phone_number_id": number, "from": ANA, "message": message}),
        )
        .await;
    let ids = |received: &[crate::stage::Received]| -> Vec<(Value, Value)> {
        let values = values(received);
        let with = values.iter().filter(|value| value["messages"].is_array());
        with.map(|value| {
            (
                value["metadata"]["phone_number_id"].clone(),
                value["contacts"][0]["user_id"].clone(),
            )
        })
        .collect()
    };
    let received = stage
        .receiver
        .until("both", |received| ids(received).len() == 2)
        .await;
    let of = |number: &str| {
        let all = ids(&received);
        let found = all.iter().find(|(known, _)| known == number);
        text(&found.expect("it came").1)
    };
    let (ours, theirs) = (of(NUMBER), of(&number));
    assert_ne!(ours, theirs);
    // It reaches them by the numbers of that business, and by no other.
    let by_user = |user: &str| json!({"messaging_product": "whatsapp", "recipient": user, "type": "text", "text": {"body": "Hola"}});
    let path = format!("/v25.0/{number}/messages");
    post(&stage, &token, &path, by_user(&theirs)).await;
    post(&stage, &token, &path, by_user(&ours)).await;
    stage.control("clock", json!({"advance_ms": 60_000})).await;
    stage
        .receiver
        .until("one sent, one failed", |received| {
            let values = values(received);
            let statuses = |word: &str| {
                let all = values
                    .iter()
                    .filter(|value| value["metadata"]["phone_number_id"] == number.as_str());
                let all =
                    all.flat_map(|value| value["statuses"].as_array().cloned().unwrap_or_default());
                all.filter(|status| status["status"] == word).count()
            };
            statuses("sent") == 1 && statuses("failed") == 1
        })
        .await;
}
