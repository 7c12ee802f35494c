//! Edits and deletions: how often, of what, and what follows.

use serde_json::{Value, json};

use crate::stage::{ANA, Stage, WABA, template_to, text, values};
use crate::template_rules::{body, create, created, utility};

const DAY_MS: u64 = 24 * 3_600_000;

async fn decide(stage: &Stage, id: &str, decision: Value) {
    stage
        .control(&format!("templates/{id}/decide"), decision)
        .await;
}

async fn approved(stage: &Stage, name: &str) -> String {
    let id = created(stage, utility(name, json!([body("Su pedido está listo.")]))).await;
    decide(stage, &id, json!({"decision": "approve"})).await;
    id
}

async fn edit(stage: &Stage, id: &str, change: Value) -> (u16, Value) {
    stage
        .call("POST", &format!("/v24.0/{id}"), Some(change))
        .await
}

async fn delete(stage: &Stage, query: &str) -> (u16, Value) {
    let path = format!("/v24.0/{WABA}/message_templates?{query}");
    stage.call("DELETE", &path, None).await
}

async fn status(stage: &Stage, id: &str) -> String {
    text(&stage.call("GET", &format!("/v24.0/{id}"), None).await.1["status"])
}

async fn later(stage: &Stage, ms: u64) {
    stage.control("clock", json!({"advance_ms": ms})).await;
}

#[tokio::test]
async fn an_approved_template_is_edited_once_a_day_and_ten_times_in_thirty() {
    let mut slow = crate::stage::config();
    slow.speed = 1.0;
    let stage = Stage::with(slow, crate::stage::seed()).await;
    let id = approved(&stage, "order").await;
    for round in 0..10 {
        let change =
            json!({"components": [body(&format!("Su pedido está listo, vuelta {round}."))]});
        let (code, answer) = edit(&stage, &id, change.clone()).await;
        assert_eq!((code, &answer["success"]), (200, &json!(true)), "{answer}");
        assert_eq!(status(&stage, &id).await, "PENDING");
        let (code, answer) = edit(&stage, &id, change.clone()).await;
        assert_eq!(code, 400, "it waits for review: {answer}");
        decide(&stage, &id, json!({"decision": "approve"})).await;
        let (code, answer) = edit(&stage, &id, change).await;
        assert_eq!(
            (code, &answer["error"]["error_user_title"]),
            (400, &json!("Edit limit reached")),
            "within a day: {answer}"
        );
        later(&stage, DAY_MS).await;
    }
    let change = json!({"components": [body("Su pedido está listo del todo.")]});
    let (code, answer) = edit(&stage, &id, change.clone()).await;
    assert_eq!(code, 400, "the eleventh: {answer}");
    later(&stage, 20 * DAY_MS).await;
    assert_eq!(edit(&stage, &id, change).await.0, 200);
    let told = stage
        .receiver
        .until("the new words", |received| {
            values(received)
                .iter()
                .any(|value| value["message_template_element"] == "Su pedido está listo del todo.")
        })
        .await;
    assert!(
        told.iter()
            .any(|one| one.json()["entry"][0]["changes"][0]["field"]
                == "message_template_components_update")
    );
}

#[tokio::test]
async fn what_cannot_be_edited_is_refused_and_stays() {
    let stage = Stage::new().await;
    let id = approved(&stage, "order").await;
    for wrong in [
        json!({}),
        json!({"category": "MARKETING"}),
        json!({"name": "other", "components": [body("Hola")]}),
        json!({"language": "en", "components": [body("Hola")]}),
        json!({"components": [body("")]}),
        json!({"message_send_ttl_seconds": 5}),
    ] {
        let (code, answer) = edit(&stage, &id, wrong.clone()).await;
        assert_eq!(
            (code, &answer["error"]["code"]),
            (400, &json!(100)),
            "{wrong}: {answer}"
        );
    }
    assert_eq!(status(&stage, &id).await, "APPROVED");
    decide(
        &stage,
        &id,
        json!({"decision": "reject", "reason": "PROMOTIONAL"}),
    )
    .await;
    for _ in 0..3 {
        let change = json!({"category": "MARKETING", "components": [body("Hola a todos")]});
        assert_eq!(
            edit(&stage, &id, change).await.0,
            200,
            "as often as one likes"
        );
        decide(&stage, &id, json!({"decision": "reject"})).await;
    }
    decide(&stage, &id, json!({"decision": "disable"})).await;
    let change = json!({"components": [body("Hola a todos")]});
    assert_eq!(edit(&stage, &id, change).await.0, 400, "disabled");
}

#[tokio::test]
async fn the_life_of_messages_changes_without_a_review() {
    let stage = Stage::new().await;
    let id = approved(&stage, "order").await;
    let (code, answer) = edit(&stage, &id, json!({"message_send_ttl_seconds": 3_600})).await;
    assert_eq!(code, 200, "{answer}");
    let path = format!("/v24.0/{id}?fields=status,message_send_ttl_seconds");
    let node = stage.call("GET", &path, None).await.1;
    assert_eq!(
        (&node["status"], &node["message_send_ttl_seconds"]),
        (&json!("APPROVED"), &json!(3_600))
    );
}

#[tokio::test]
async fn the_name_of_a_deleted_template_is_taken_for_thirty_days() {
    let stage = Stage::new().await;
    let id = approved(&stage, "order").await;
    let fresh = created(&stage, utility("draft", json!([body("Hola")]))).await;
    assert_eq!(delete(&stage, "name=nobody").await.0, 400);
    assert_eq!(
        delete(&stage, &format!("name=order&hsm_id={fresh}"))
            .await
            .0,
        400,
        "the id of another name"
    );
    assert_eq!(
        delete(&stage, &format!("name=order&hsm_id={id}")).await.1,
        json!({"success": true})
    );
    let (code, answer) = create(&stage, utility("order", json!([body("Hola")]))).await;
    assert_eq!(
        (code, &answer["error"]["error_subcode"]),
        (400, &json!(2_388_023)),
        "{answer}"
    );
    stage
        .receiver
        .until("the end", |received| {
            values(received)
                .iter()
                .any(|value| value["event"] == "DELETED")
        })
        .await;
    let (code, _) = stage.call("GET", &format!("/v24.0/{id}"), None).await;
    assert_eq!(code, 400, "it is gone");
    later(&stage, 30 * DAY_MS + 1).await;
    let again = created(&stage, utility("order", json!([body("Hola")]))).await;
    assert_ne!(again, id, "an id comes once");
    assert_eq!(delete(&stage, "name=draft").await.0, 200);
    created(&stage, utility("draft", json!([body("Hola")]))).await;
}

#[tokio::test]
async fn a_name_goes_in_all_languages_and_a_disabled_one_stays() {
    let stage = Stage::new().await;
    for language in ["es", "en", "pt_BR"] {
        let mut template = utility("order", json!([body("Hola")]));
        template["language"] = json!(language);
        created(&stage, template).await;
    }
    let path = format!("/v24.0/{WABA}/message_templates?name=order");
    let list = stage.call("GET", &path, None).await.1;
    assert_eq!(list["data"].as_array().map(Vec::len), Some(3));
    let one = text(&list["data"][0]["id"]);
    decide(&stage, &one, json!({"decision": "disable"})).await;
    assert_eq!(delete(&stage, "name=order").await.0, 400, "one is disabled");
    decide(&stage, &one, json!({"decision": "approve"})).await;
    assert_eq!(delete(&stage, "name=order").await.0, 200);
    let list = stage.call("GET", &path, None).await.1;
    assert_eq!(list["data"], json!([]));
    let ids = [
        created(&stage, utility("a", json!([body("Hola")]))).await,
        created(&stage, utility("b", json!([body("Hola")]))).await,
    ];
    let list = format!("hsm_ids=[{},{}]", ids[0], ids[1]);
    assert_eq!(delete(&stage, &list).await.0, 200);
    assert_eq!(delete(&stage, &list).await.0, 400, "they are gone");
}

#[tokio::test]
async fn what_was_sent_is_still_delivered_after_a_deletion() {
    let stage = Stage::new().await;
    let id = approved(&stage, "order").await;
    stage
        .control("customers", json!({"phone": ANA, "online": false}))
        .await;
    stage.accepted(template_to(ANA, "order", "es", &[])).await;
    assert_eq!(delete(&stage, "name=order").await.0, 200);
    assert_eq!(status(&stage, &id).await, "PENDING_DELETION");
    let (_, answer) = stage.send(template_to(ANA, "order", "es", &[])).await;
    assert_eq!(answer["error"]["code"], 132_001, "{answer}");
    stage
        .control("customers", json!({"phone": ANA, "online": true}))
        .await;
    stage
        .receiver
        .until("the delivery", |received| {
            crate::stage::Receiver::statuses(received)
                .iter()
                .any(|(_, status)| status == "delivered")
        })
        .await;
    later(&stage, 30 * DAY_MS + 1).await;
    stage
        .receiver
        .until("the end", |received| {
            values(received)
                .iter()
                .any(|value| value["event"] == "DELETED")
        })
        .await;
}
