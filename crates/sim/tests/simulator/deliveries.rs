//! How webhooks travel: signed, retried, doubled, shuffled, batched, never lost.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use sim::Faults;

use crate::stage::{ANA, NUMBER, Received, Receiver, Stage, WABA, template_to, values};

fn header(received: &Received, name: &str) -> String {
    received.headers[name].to_str().expect("text").to_owned()
}

#[tokio::test]
async fn the_signature_is_over_the_escaped_raw_bytes() {
    let stage = Stage::new().await;
    stage.ana_writes("¿Qué tal? 🥖 a/b").await;
    let received = stage
        .receiver
        .until("the message", |received| !received.is_empty())
        .await;
    let one = &received[0];
    assert!(
        one.body.is_ascii(),
        "the body is not escaped: {:?}",
        one.body
    );
    let raw = String::from_utf8(one.body.to_vec()).expect("ASCII");
    assert!(
        raw.contains("\\u00bfQu\\u00e9 tal? \\ud83e\\udd56 a\\/b"),
        "{raw}"
    );
    let secret = &stage.sim.config().app_secret;
    assert_eq!(
        header(one, "x-hub-signature-256"),
        sim::sign(secret, &one.body)
    );
    assert!(header(one, "x-hub-signature").starts_with("sha1="));
    assert_eq!(header(one, "content-type"), "application/json");
    let value = &values(&received)[0];
    assert_eq!(value["messages"][0]["text"]["body"], "¿Qué tal? 🥖 a/b");
    assert_eq!(value["contacts"][0]["profile"]["name"], "Ana Muñoz 🥖");
    assert_eq!(
        value["metadata"],
        json!({"display_phone_number": "34612345678", "phone_number_id": NUMBER})
    );
    assert_eq!(one.json()["entry"][0]["id"], WABA);
    assert!(
        one.json()["entry"][0].get("time").is_none(),
        "messages carry no entry.time"
    );
}

#[test]
fn the_signature_equals_a_known_one() {
    // RFC 4231, test case 2.
    assert_eq!(
        sim::sign("Jefe", b"what do ya want for nothing?"),
        "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
}

#[tokio::test]
async fn a_webhook_is_tried_until_somebody_says_2xx() {
    let stage = Stage::new().await;
    stage.receiver.will_answer([500, 404, 302, 503]);
    stage.ana_writes("Hola").await;
    let received = stage
        .receiver
        .until("five attempts", |received| received.len() == 5)
        .await;
    assert!(
        received.windows(2).all(|pair| pair[0].body == pair[1].body),
        "a retry had another body"
    );
    let report = quiet(&stage).await;
    assert_eq!(
        (
            report["delivered"].as_u64(),
            report["failed_attempts"].as_u64()
        ),
        (Some(1), Some(4)),
        "{report}"
    );
    assert_eq!(stage.sim.pending_webhooks(), 0);
}

/// Waits until no webhook is pending.
async fn quiet(stage: &Stage) -> serde_json::Value {
    for _ in 0..500 {
        let report = stage.look("webhooks").await;
        if report["pending"] == 0 {
            return report;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("webhooks stayed pending: {}", stage.look("webhooks").await)
}

#[tokio::test]
async fn a_webhook_waits_for_a_receiver_and_for_the_network() {
    let stage = Stage::new().await;
    stage
        .control("faults", json!({"webhook_offline": true}))
        .await;
    stage.ana_writes("Uno").await;
    stage.control("clock", json!({"advance_ms": 2_000})).await;
    for _ in 0..200 {
        if stage.look("webhooks").await["queued"] == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(stage.look("webhooks").await["queued"], 1);
    assert!(
        stage.receiver.so_far().is_empty(),
        "a webhook left although it was held"
    );
    stage
        .control("faults", json!({"webhook_offline": false}))
        .await;
    stage
        .receiver
        .until("the held message", |received| received.len() == 1)
        .await;
}

#[tokio::test]
async fn duplicates_shuffling_and_batches_keep_every_update() {
    let stage = Stage::new().await;
    stage.sim.set_faults(Faults {
        webhook_duplicate_rate: 0.5,
        webhook_stale_rate: 0.2,
        webhook_shuffle: true,
        webhook_batch_max: 7,
        webhook_delay_ms: 20,
        ..Faults::default()
    });
    stage.receiver.will_answer([500, 200, 500, 200, 200, 500]);
    let mut expected = BTreeSet::new();
    for index in 0..60 {
        let wamid = stage
            .accepted(template_to(
                &format!("346000010{index:02}"),
                "hello_world",
                "en_US",
                &[],
            ))
            .await;
        expected.insert((wamid.clone(), "sent".to_owned()));
        expected.insert((wamid, "delivered".to_owned()));
    }
    let received = stage
        .receiver
        .until("every status", |received| {
            let came: BTreeSet<_> = Receiver::statuses(received).into_iter().collect();
            came.is_superset(&expected)
        })
        .await;
    let all = Receiver::statuses(&received).len();
    let distinct: BTreeSet<_> = Receiver::statuses(&received).into_iter().collect();
    assert!(all > distinct.len(), "nothing came twice");
    let batched = received
        .iter()
        .any(|one| values(std::slice::from_ref(one)).len() > 1);
    assert!(batched, "nothing was batched");
    let too_large = received
        .iter()
        .any(|one| values(std::slice::from_ref(one)).len() > 7);
    assert!(!too_large, "a batch was too large");
}

#[tokio::test]
async fn an_account_that_is_not_subscribed_is_silent_and_an_override_is_verified() {
    let stage = Stage::new().await;
    let path = format!("/v24.0/{WABA}/subscribed_apps");
    let (status, answer) = stage.call("DELETE", &path, None).await;
    assert_eq!((status, &answer), (200, &json!({"success": true})));
    assert_eq!(stage.call("GET", &path, None).await.1, json!({"data": []}));
    stage.ana_writes("Nobody hears this").await;
    stage.control("clock", json!({"advance_ms": 2_000})).await;
    for _ in 0..200 {
        if stage.look("webhooks").await["unsubscribed"] == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(stage.receiver.so_far().is_empty());
    let wrong = json!({"override_callback_uri": stage.receiver_url, "verify_token": "bad-token"});
    let (status, answer) = stage.call("POST", &path, Some(wrong)).await;
    assert_eq!(
        (status, answer["error"]["error_subcode"].as_i64()),
        (400, Some(2200)),
        "{answer}"
    );
    let right = json!({"override_callback_uri": stage.receiver_url, "verify_token": "good-token"});
    assert_eq!(stage.call("POST", &path, Some(right)).await.0, 200);
    let answer = stage.call("GET", &path, None).await.1;
    assert_eq!(
        answer["data"][0]["override_callback_uri"],
        stage.receiver_url.as_str()
    );
    stage.ana_writes("Now").await;
    stage
        .receiver
        .until("the message", |received| received.len() == 1)
        .await;
}

#[tokio::test]
async fn the_apps_subscription_is_set_with_its_own_token_after_verification() {
    let stage = Stage::new().await;
    let config = stage.sim.config().clone();
    let token = format!("{}|{}", config.app_id, config.app_secret);
    let path = format!("/v24.0/{}/subscriptions", config.app_id);
    let mut body = json!({"object": "whatsapp_business_account", "callback_url": stage.receiver_url,
                          "verify_token": "bad-token", "fields": "messages"});
    let (status, _) = stage
        .call_as(&token, "POST", &path, Some(body.clone()))
        .await;
    assert_eq!(status, 400);
    body["verify_token"] = json!("good-token");
    let (status, answer) = stage.call_as(&token, "POST", &path, Some(body)).await;
    assert_eq!(status, 200, "{answer}");
    let answer = stage.call_as(&token, "GET", &path, None).await.1;
    assert_eq!(
        answer["data"][0]["callback_url"],
        stage.receiver_url.as_str()
    );
    // Only `messages` was asked for: an event of the account stays away.
    stage
        .control(
            "account-events",
            json!({"waba_id": WABA, "field": "account_update", "value": {"event": "X"}}),
        )
        .await;
    stage.ana_writes("Hola").await;
    let received = stage
        .receiver
        .until("the message", |received| !received.is_empty())
        .await;
    assert!(
        received
            .iter()
            .all(|one| one.json()["entry"][0]["changes"][0]["field"] == "messages")
    );
}

#[tokio::test]
async fn a_raw_body_is_signed_and_answered_with_the_first_attempt() {
    let stage = Stage::new().await;
    stage.receiver.will_answer([503]);
    let url = format!("{}/_sim/deliver", stage.url);
    let raw = "{\"object\":\"whatsapp_business_account\",\"entry\":[],\"x\":\"ñ\"}";
    let answer = stage
        .client
        .post(&url)
        .body(raw)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 503);
    let received = stage
        .receiver
        .until("the retry", |received| received.len() == 2)
        .await;
    assert_eq!(
        received[1].body,
        "{\"object\":\"whatsapp_business_account\",\"entry\":[],\"x\":\"\\u00f1\"}"
    );
    assert_eq!(
        header(&received[1], "x-hub-signature-256"),
        sim::sign(&stage.sim.config().app_secret, &received[1].body)
    );
    let answer = stage
        .client
        .post(&url)
        .body("not json")
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn keys_can_be_left_out() {
    let stage = Stage::new().await;
    let message = json!({"type": "text", "text": {"body": "Hola"}});
    let body = json!({"phone_number_id": NUMBER, "from": ANA, "message": message, "omit": ["contacts", "from"]});
    stage.control("inbound", body).await;
    let received = stage
        .receiver
        .until("the message", |received| !received.is_empty())
        .await;
    let value = &values(&received)[0];
    assert!(
        value.get("contacts").is_none() && value["messages"][0].get("from").is_none(),
        "{value}"
    );
    assert!(value["messages"][0]["from_user_id"].is_string());
}

#[tokio::test]
async fn the_clock_is_not_moved_to_where_time_would_stand() {
    let stage = Stage::new().await;
    for far in [u64::MAX, 300_000_000_000_000] {
        let sent = stage
            .client
            .post(format!("{}/_sim/clock", stage.url))
            .json(&json!({ "advance_ms": far }))
            .send()
            .await
            .expect("an answer");
        assert_eq!(sent.status().as_u16(), 400, "took {far}");
    }
    stage.ana_writes("Hola").await;
    stage
        .receiver
        .until("what Ana wrote", |received| received.len() == 1)
        .await;
}
