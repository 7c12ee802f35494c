//! A number that the WhatsApp Business app uses as well.

use serde_json::{Value, json};

use crate::signing_up::{get, signed_up, told};
use crate::stage::{ANA, NUMBER, Received, Stage, TOKEN, WABA, text, values};

/// A number in coexistence whose account is subscribed; account, number, token.
async fn brought_over(stage: &Stage) -> (String, String, String) {
    let (made, token) = signed_up(
        stage,
        json!({"outcome": "coexistence", "partner_added": "never"}),
    )
    .await;
    assert_eq!(
        made["message"]["event"],
        "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING"
    );
    let waba = text(&made["waba_id"]);
    assert_eq!(
        made["message"]["data"],
        json!({"waba_id": waba}),
        "the number is asked for"
    );
    let numbers = get(
        stage,
        &token,
        &format!("/v25.0/{waba}/phone_numbers?fields=id,is_on_biz_app,status,platform_type"),
    )
    .await;
    let number = &numbers["data"][0];
    assert_eq!(
        (&number["is_on_biz_app"], &number["status"]),
        (&json!(true), &json!("CONNECTED"))
    );
    let (status, _) = stage
        .call_as(
            &token,
            "POST",
            &format!("/v25.0/{waba}/subscribed_apps"),
            None,
        )
        .await;
    assert_eq!(status, 200);
    (waba, text(&number["id"]), token)
}

async fn ask(stage: &Stage, token: &str, number: &str, kind: &str) -> (u16, Value) {
    let body = json!({"messaging_product": "whatsapp", "sync_type": kind});
    stage
        .call_as(
            token,
            "POST",
            &format!("/v25.0/{number}/smb_app_data"),
            Some(body),
        )
        .await
}

fn parts(received: &[Received], key: &str) -> Vec<Value> {
    values(received)
        .iter()
        .filter(|value| value[key].is_array())
        .cloned()
        .collect()
}

#[tokio::test]
async fn contacts_come_over_in_batches_once() {
    let stage = Stage::new().await;
    let (_, number, token) = brought_over(&stage).await;
    stage
        .control(&format!("numbers/{number}/phone"), json!({"contacts": 60}))
        .await;
    let (status, answer) = ask(&stage, &token, &number, "smb_app_state_sync").await;
    assert_eq!(status, 200, "{answer}");
    assert!(answer["request_id"].is_string(), "{answer}");
    stage.control("clock", json!({"advance_ms": 60_000})).await;
    let received = stage
        .receiver
        .until("all contacts", |received| {
            let batches = parts(received, "state_sync");
            batches
                .iter()
                .map(|value| value["state_sync"].as_array().map_or(0, Vec::len))
                .sum::<usize>()
                == 60
        })
        .await;
    let batches = parts(&received, "state_sync");
    assert_eq!(batches.len(), 3, "twenty-five at a time");
    let contact = &batches[0]["state_sync"][0];
    assert_eq!(
        (&contact["type"], &contact["action"]),
        (&json!("contact"), &json!("add"))
    );
    assert!(contact["contact"]["full_name"].is_string(), "{contact}");
    let (_, answer) = ask(&stage, &token, &number, "smb_app_state_sync").await;
    assert_eq!(answer["error"]["error_subcode"], 2_593_107, "{answer}");
}

#[tokio::test]
async fn history_comes_over_in_three_phases_until_it_is_whole() {
    let stage = Stage::new().await;
    let (_, number, token) = brought_over(&stage).await;
    stage
        .control(
            &format!("numbers/{number}/phone"),
            json!({"threads": 9, "messages": 8}),
        )
        .await;
    let (status, answer) = ask(&stage, &token, &number, "history").await;
    assert_eq!(status, 200, "{answer}");
    stage.control("clock", json!({"advance_ms": 600_000})).await;
    let received = stage
        .receiver
        .until("nine chunks", |received| {
            parts(received, "history").len() == 9
        })
        .await;
    let mut chunks: Vec<(i64, i64, i64)> = Vec::new();
    let mut messages = 0;
    for value in parts(&received, "history") {
        let metadata = &value["history"][0]["metadata"];
        let number = |key: &str| metadata[key].as_i64().expect("a number");
        chunks.push((number("phase"), number("chunk_order"), number("progress")));
        for thread in value["history"][0]["threads"].as_array().expect("threads") {
            for message in thread["messages"].as_array().expect("messages") {
                assert!(
                    message["history_context"]["status"].is_string(),
                    "{message}"
                );
                assert!(message["type"].is_string(), "{message}");
                messages += 1;
            }
        }
    }
    assert_eq!(messages, 9 * 8 * 3);
    let came = chunks.clone();
    chunks.sort_unstable();
    let orders: Vec<(i64, i64)> = chunks
        .iter()
        .map(|(phase, order, _)| (*phase, *order))
        .collect();
    assert_eq!(
        orders,
        [
            (0, 1),
            (0, 2),
            (0, 3),
            (1, 1),
            (1, 2),
            (1, 3),
            (2, 1),
            (2, 2),
            (2, 3)
        ]
    );
    assert_ne!(came, chunks, "they come in no order");
    assert!(
        chunks.windows(2).all(|pair| pair[0].2 < pair[1].2),
        "{chunks:?}"
    );
    assert_eq!(chunks.last().map(|last| last.2), Some(100));
}

#[tokio::test]
async fn pictures_of_the_last_two_weeks_come_after_the_history() {
    let stage = Stage::new().await;
    let (_, number, token) = brought_over(&stage).await;
    stage
        .control(
            &format!("numbers/{number}/phone"),
            json!({"threads": 20, "messages": 10}),
        )
        .await;
    ask(&stage, &token, &number, "history").await;
    stage.control("clock", json!({"advance_ms": 900_000})).await;
    let pictures = |received: &[Received]| -> Vec<Value> {
        let all = parts(received, "messages").into_iter();
        all.map(|value| value["messages"][0].clone())
            .filter(|message| message["type"] == "image")
            .collect()
    };
    let received = stage
        .receiver
        .until("a picture", |received| !pictures(received).is_empty())
        .await;
    let picture = pictures(&received).remove(0);
    let id = text(&picture["image"]["id"]);
    let medium = get(&stage, &token, &format!("/v25.0/{id}")).await;
    assert_eq!(medium["mime_type"], picture["image"]["mime_type"]);
}

#[tokio::test]
async fn a_history_that_is_not_shared_is_refused_by_webhook() {
    let stage = Stage::new().await;
    let (_, number, token) = brought_over(&stage).await;
    stage
        .control(
            &format!("numbers/{number}/phone"),
            json!({"share_history": false}),
        )
        .await;
    let (status, _) = ask(&stage, &token, &number, "history").await;
    assert_eq!(status, 200);
    stage.control("clock", json!({"advance_ms": 10_000})).await;
    let (_, value) = told(&stage, "history", "").await;
    assert_eq!(value["history"][0]["errors"][0]["code"], 2_593_109);
}

#[tokio::test]
async fn what_is_on_the_phone_is_asked_for_within_a_day_and_of_such_numbers_only() {
    let stage = Stage::new().await;
    let (_, number, token) = brought_over(&stage).await;
    let (_, answer) = ask(&stage, &token, &number, "everything").await;
    assert_eq!(answer["error"]["code"], 100, "{answer}");
    stage
        .control("clock", json!({"advance_ms": 24 * 3_600_000}))
        .await;
    let (_, answer) = ask(&stage, &token, &number, "history").await;
    assert_eq!(answer["error"]["error_subcode"], 2_593_108, "{answer}");
    let (_, answer) = ask(&stage, TOKEN, NUMBER, "history").await;
    assert_eq!(answer["error"]["code"], 100, "{answer}");
}

#[tokio::test]
async fn such_a_number_is_not_registered_by_the_api() {
    let stage = Stage::new().await;
    let (_, number, token) = brought_over(&stage).await;
    let body = json!({"messaging_product": "whatsapp", "pin": "123456"});
    for edge in ["register", "deregister"] {
        let path = format!("/v25.0/{number}/{edge}");
        let (status, answer) = stage
            .call_as(&token, "POST", &path, Some(body.clone()))
            .await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (400, &json!(100)),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn what_the_business_does_on_its_phone_is_told() {
    let stage = Stage::new().await;
    let (waba, number, _) = brought_over(&stage).await;
    let path = |what: &str| format!("numbers/{number}/{what}");
    let message = json!({"type": "text", "text": {"body": "Os espero"}});
    let wrote = stage
        .control(
            &path("business-writes"),
            json!({"to": ANA, "message": message}),
        )
        .await;
    let (id, value) = told(&stage, "smb_message_echoes", "").await;
    assert_eq!(id, waba);
    let echo = &value["message_echoes"][0];
    assert_eq!((&echo["id"], &echo["to"]), (&wrote["wamid"], &json!(ANA)));
    assert_eq!(echo["text"]["body"], "Os espero");
    stage
        .control(
            &path("business-contact"),
            json!({"phone_number": ANA, "remove": true}),
        )
        .await;
    let (_, value) = told(&stage, "smb_app_state_sync", "").await;
    assert_eq!(value["state_sync"][0]["action"], "remove");
    assert_eq!(
        value["state_sync"][0]["contact"],
        json!({"phone_number": ANA})
    );
    // It leaves on its phone, and comes back.
    let event = format!("wabas/{waba}/account-update");
    stage
        .control(&event, json!({"event": "PARTNER_REMOVED", "reason": "PRIMARY_INACTIVITY", "initiated_by": "SYSTEM"}))
        .await;
    let (_, value) = told(&stage, "account_update", "PARTNER_REMOVED").await;
    assert_eq!(value["disconnection_info"]["reason"], "PRIMARY_INACTIVITY");
    assert!(value["phone_number"].is_string(), "{value}");
    let state = stage.look("state").await.to_string();
    assert!(state.contains("DISCONNECTED"), "{state}");
    stage
        .control(&event, json!({"event": "ACCOUNT_RECONNECTED"}))
        .await;
    told(&stage, "account_update", "ACCOUNT_RECONNECTED").await;
    stage
        .control(
            &path("business-writes"),
            json!({"to": ANA, "message": message}),
        )
        .await;
    let refused = stage.client.post(format!(
        "{}/_sim/numbers/{NUMBER}/business-writes",
        stage.url
    ));
    let refused = refused
        .json(&json!({"to": ANA, "message": message}))
        .send()
        .await
        .expect("an answer");
    assert_eq!(refused.status().as_u16(), 400, "{WABA} uses no app");
}
