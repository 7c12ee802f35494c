//! The browser's side of a sign-up, by the requests that a browser makes.

use serde_json::{Value, json};

use crate::signing_up::exchange;
use crate::stage::{Stage, text};

async fn page(stage: &Stage, changes: &[(&str, &str)]) -> (u16, String) {
    let config = stage.sim.config();
    let mut pairs = vec![
        ("client_id", config.app_id.as_str()),
        ("config_id", config.config_ids[0].as_str()),
        ("response_type", "code"),
        ("override_default_response_type", "true"),
    ];
    for (key, value) in changes {
        pairs.retain(|(known, _)| known != key);
        pairs.push((key, value));
    }
    let url = format!("{}/v25.0/dialog/oauth", stage.url);
    let answer = stage
        .client
        .get(url)
        .query(&pairs)
        .send()
        .await
        .expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.text().await.expect("a page"))
}

#[tokio::test]
async fn the_popup_opens_for_the_app_and_its_login_configuration_only() {
    let stage = Stage::new().await;
    let (status, html) = page(&stage, &[]).await;
    assert_eq!(status, 200);
    let config = stage.sim.config();
    for secret in [&config.app_secret, &config.verify_token] {
        assert!(!html.contains(secret.as_str()), "the page holds no secret");
    }
    for (change, words) in [
        (("client_id", "1"), "Invalid App ID"),
        (("config_id", "1"), "Invalid configuration"),
        (("response_type", "token"), "Invalid response type"),
    ] {
        let (status, html) = page(&stage, &[change]).await;
        assert_eq!(status, 400, "{change:?}");
        assert!(html.contains(words), "{html}");
    }
    let sdk = stage.client.get(format!("{}/en_US/sdk.js", stage.url));
    let sdk = sdk.send().await.expect("an answer");
    assert_eq!(
        sdk.headers()["content-type"],
        "text/javascript; charset=utf-8"
    );
    assert!(sdk.text().await.expect("a script").contains("window.FB"));
}

#[tokio::test]
async fn what_a_person_allows_in_the_popup_becomes_a_code() {
    let stage = Stage::new().await;
    stage
        .control(
            "popup",
            json!({"order": "code_first", "gap_ms": 5, "partner_added": "never"}),
        )
        .await;
    let url = format!("{}/dialog/signup", stage.url);
    let known: Value = stage
        .client
        .get(&url)
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(
        (&known["order"], &known["gap_ms"]),
        (&json!("code_first"), &json!(5))
    );
    let business = text(&known["businesses"][0]["id"]);
    let config = stage.sim.config();
    let mut wish = json!({
        "client_id": config.app_id, "config_id": config.config_ids[0], "version": "v4", "outcome": "finish",
        "business_id": business, "business_name": null, "waba_id": null, "waba_name": "Luna",
        "phone_number_id": null, "display_phone_number": "+34600111222", "verified_name": "Luna",
        "management": true, "messaging": true, "solution_id": null,
    });
    let made: Value = stage
        .client
        .post(&url)
        .json(&wish)
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(made["message"]["event"], "FINISH", "{made}");
    assert_eq!(made["message"]["data"]["business_id"], business.as_str());
    // Its time begins when the window closes.
    stage
        .control("clock", json!({"advance_ms": 3_600_000}))
        .await;
    let closed = stage.client.post(format!("{}/dialog/closed", stage.url));
    closed
        .json(&json!({"code": made["code"]}))
        .send()
        .await
        .expect("an answer");
    let (status, answer) = exchange(&stage, &text(&made["code"]), &[]).await;
    assert_eq!(status, 200, "{answer}");
    wish["config_id"] = json!("1");
    let refused = stage
        .client
        .post(&url)
        .json(&wish)
        .send()
        .await
        .expect("an answer");
    assert_eq!(refused.status().as_u16(), 400);
}
