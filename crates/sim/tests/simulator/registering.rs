//! How a number is proved, registered and taken off.

use serde_json::json;

use crate::signing_up::{get, refusal, signed_up, told};
use crate::stage::{NUMBER, Stage, text, text_to};

#[tokio::test]
async fn a_number_is_registered_with_its_pin_and_then_sends() {
    let stage = Stage::new().await;
    let (made, token) = signed_up(&stage, json!({"outcome": "finish"})).await;
    let (waba, number) = (text(&made["waba_id"]), text(&made["phone_number_id"]));
    stage
        .call_as(
            &token,
            "POST",
            &format!("/v25.0/{waba}/subscribed_apps"),
            None,
        )
        .await;
    let send = format!("/v25.0/{number}/messages");
    let hello = text_to(crate::stage::ANA, "Hola");
    let (_, answer) = stage
        .call_as(&token, "POST", &send, Some(hello.clone()))
        .await;
    assert_eq!(refusal(&answer).0, 133_010, "{answer}");
    let register = format!("/v25.0/{number}/register");
    let with = |pin: &str| Some(json!({"messaging_product": "whatsapp", "pin": pin}));
    stage
        .control(
            "numbers",
            json!({"phone_number_id": number, "code_verification_status": "NOT_VERIFIED"}),
        )
        .await;
    let (_, answer) = stage
        .call_as(&token, "POST", &register, with("123456"))
        .await;
    assert_eq!(refusal(&answer).0, 133_006, "{answer}");
    stage.control("numbers", json!({"phone_number_id": number, "code_verification_status": "VERIFIED", "pin": "654321"})).await;
    let (_, answer) = stage
        .call_as(&token, "POST", &register, with("123456"))
        .await;
    assert_eq!(refusal(&answer).0, 133_005, "{answer}");
    let (status, answer) = stage
        .call_as(&token, "POST", &register, with("654321"))
        .await;
    assert_eq!(status, 200, "{answer}");
    let (_, value) = told(&stage, "phone_number_quality_update", "ONBOARDING").await;
    assert_eq!(value["max_daily_conversations_per_business"], "TIER_250");
    let (status, answer) = stage
        .call_as(&token, "POST", &send, Some(hello.clone()))
        .await;
    assert_eq!(status, 200, "{answer}");
    stage
        .control("clock", json!({"advance_ms": 3_600_000}))
        .await;
    let (_, value) = told(&stage, "phone_number_name_update", "").await;
    assert_eq!(value["decision"], "APPROVED");
    let shown = get(
        &stage,
        &token,
        &format!("/v25.0/{number}?fields=status,name_status,is_pin_enabled"),
    )
    .await;
    assert_eq!(
        (&shown["status"], &shown["name_status"]),
        (&json!("CONNECTED"), &json!("APPROVED"))
    );
    assert_eq!(shown["is_pin_enabled"], true);
    let (status, _) = stage
        .call_as(&token, "POST", &format!("/v25.0/{number}/deregister"), None)
        .await;
    assert_eq!(status, 200);
    let (_, answer) = stage.call_as(&token, "POST", &send, Some(hello)).await;
    assert_eq!(refusal(&answer).0, 133_010, "{answer}");
}

#[tokio::test]
async fn a_number_is_registered_ten_times_within_three_days() {
    let stage = Stage::new().await;
    let path = format!("/v25.0/{NUMBER}/register");
    let body = json!({"messaging_product": "whatsapp", "pin": "123456"});
    for _ in 0..10 {
        let (status, answer) = stage.call("POST", &path, Some(body.clone())).await;
        assert_eq!(status, 200, "{answer}");
    }
    let (_, answer) = stage.call("POST", &path, Some(body.clone())).await;
    assert_eq!(refusal(&answer).0, 133_016, "{answer}");
    stage
        .control("clock", json!({"advance_ms": 72 * 3_600_000}))
        .await;
    let (status, answer) = stage.call("POST", &path, Some(body.clone())).await;
    assert_eq!(status, 200, "{answer}");
    let until = stage.sim.now_ms() + 300_000;
    stage
        .control(
            "numbers",
            json!({"phone_number_id": NUMBER, "deleted_until_ms": until}),
        )
        .await;
    let (_, answer) = stage.call("POST", &path, Some(body)).await;
    assert_eq!(refusal(&answer).0, 133_015, "{answer}");
}

#[tokio::test]
async fn too_many_wrong_pins_lock_the_number() {
    let stage = Stage::new().await;
    stage
        .control(
            "numbers",
            json!({"phone_number_id": NUMBER, "pin": "654321"}),
        )
        .await;
    let path = format!("/v25.0/{NUMBER}/register");
    let with = |pin: &str| Some(json!({"messaging_product": "whatsapp", "pin": pin}));
    for _ in 0..5 {
        let (_, answer) = stage.call("POST", &path, with("000000")).await;
        assert_eq!(refusal(&answer).0, 133_005, "{answer}");
    }
    let (_, answer) = stage.call("POST", &path, with("654321")).await;
    assert_eq!(refusal(&answer).0, 133_008, "even the right one: {answer}");
    // It is changed by a number that is connected, and told.
    let (status, _) = stage
        .call(
            "POST",
            &format!("/v25.0/{NUMBER}"),
            Some(json!({"pin": "111111"})),
        )
        .await;
    assert_eq!(status, 200);
    let (_, value) = told(&stage, "security", "PIN_CHANGED").await;
    assert!(value["requester"].is_string(), "{value}");
    let (status, answer) = stage.call("POST", &path, with("111111")).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test]
async fn a_number_is_proved_by_the_code_that_its_phone_gets() {
    let stage = Stage::new().await;
    stage
        .control(
            "numbers",
            json!({"phone_number_id": NUMBER, "code_verification_status": "NOT_VERIFIED"}),
        )
        .await;
    let ask = format!("/v25.0/{NUMBER}/request_code");
    let (_, answer) = stage
        .call(
            "POST",
            &ask,
            Some(json!({"code_method": "FAX", "language": "es"})),
        )
        .await;
    assert_eq!(refusal(&answer).0, 100, "{answer}");
    let wish = json!({"code_method": "SMS", "language": "es"});
    let (status, answer) = stage.call("POST", &ask, Some(wish.clone())).await;
    assert_eq!(status, 200, "{answer}");
    let state = stage.look("state").await;
    let numbers = state["numbers"].as_array().expect("numbers").iter();
    let mut numbers = numbers.filter(|number| number["phone_number_id"] == NUMBER);
    let code = text(&numbers.next().expect("the number")["verification_code"]);
    let verify = format!("/v25.0/{NUMBER}/verify_code");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let (_, answer) = stage
        .call("POST", &verify, Some(json!({"code": wrong})))
        .await;
    assert_eq!(refusal(&answer).0, 136_025, "{answer}");
    let spaced = format!("{}-{}", &code[..3], &code[3..]);
    let (status, answer) = stage
        .call("POST", &verify, Some(json!({"code": spaced})))
        .await;
    assert_eq!(status, 200, "{answer}");
    let (_, answer) = stage.call("POST", &ask, Some(wish)).await;
    assert_eq!(refusal(&answer).0, 136_024, "it is verified: {answer}");
}
