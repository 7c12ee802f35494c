//! Reviews, quality, pauses and categories: what happens to a template by itself and on command.

use rstest::rstest;
use serde_json::{Value, json};

use crate::stage::{ANA, Stage, WABA, config, seed, template_to, text, values};
use crate::template_rules::{body, create, created, utility};

const HOUR_MS: u64 = 3_600_000;

async fn slow() -> Stage {
    let mut slow = config();
    slow.speed = 1.0;
    Stage::with(slow, seed()).await
}

async fn node(stage: &Stage, id: &str) -> Value {
    let fields = "status,category,correct_category,previous_category,rejected_reason,quality_score";
    stage
        .call("GET", &format!("/v24.0/{id}?fields={fields}"), None)
        .await
        .1
}

/// Waits for a webhook of which this is true; its value.
async fn told(stage: &Stage, what: &str, is: impl Fn(&Value) -> bool) -> Value {
    let received = stage
        .receiver
        .until(what, |received| values(received).iter().any(&is))
        .await;
    let mut all = values(&received).into_iter();
    all.find(|value| is(value)).expect("it came")
}

async fn decide(stage: &Stage, id: &str, decision: Value) {
    stage
        .control(&format!("templates/{id}/decide"), decision)
        .await;
}

async fn later(stage: &Stage, ms: u64) {
    stage.control("clock", json!({"advance_ms": ms})).await;
}

async fn hello(stage: &Stage) -> String {
    let path = format!("/v24.0/{WABA}/message_templates?name=hello_world");
    text(&stage.call("GET", &path, None).await.1["data"][0]["id"])
}

#[tokio::test]
async fn an_automatic_review_ends_by_itself() {
    let stage = slow().await;
    let early = created(&stage, utility("early", json!([body("Ya estaba aquí.")]))).await;
    stage
        .control(
            "templates",
            json!({"review": {"mode": "auto", "delay_ms": 60_000}}),
        )
        .await;
    let id = created(
        &stage,
        utility("order", json!([body("Su pedido está listo.")])),
    )
    .await;
    assert_eq!(node(&stage, &id).await["status"], "PENDING");
    later(&stage, 60_000).await;
    for id in [id, early] {
        let id: u64 = id.parse().expect("a number");
        told(&stage, "the approval", |value| {
            value["event"] == "APPROVED" && value["message_template_id"] == id
        })
        .await;
    }
    let twin = created(
        &stage,
        utility("twin", json!([body("Su pedido está listo.")])),
    )
    .await;
    later(&stage, 60_000).await;
    let change = told(&stage, "the rejection", |value| {
        value["event"] == "REJECTED"
    })
    .await;
    assert_eq!(change["message_template_name"], "twin");
    assert!(
        text(&change["rejection_info"]["reason"]).contains("same body"),
        "{change}"
    );
    assert_eq!(
        node(&stage, &twin).await["rejected_reason"],
        "INVALID_FORMAT"
    );
}

#[tokio::test]
async fn a_review_that_was_planned_outlives_a_reset() {
    let stage = slow().await;
    stage
        .control("templates", json!({"review": {"mode": "delayed"}}))
        .await;
    let id = created(
        &stage,
        utility("order", json!([body("Su pedido está listo.")])),
    )
    .await;
    stage.control("reset", json!({})).await;
    later(&stage, 24 * HOUR_MS).await;
    told(&stage, "the approval", |value| value["event"] == "APPROVED").await;
    assert_eq!(node(&stage, &id).await["status"], "APPROVED");
}

#[tokio::test]
async fn a_share_of_reviews_rejects() {
    let stage = slow().await;
    let review = json!({"mode": "auto", "delay_ms": 1_000, "reject_rate": 1.0});
    stage.control("templates", json!({"review": review})).await;
    let id = created(
        &stage,
        utility("order", json!([body("Su pedido está listo.")])),
    )
    .await;
    later(&stage, 1_000).await;
    let change = told(&stage, "the rejection", |value| {
        value["event"] == "REJECTED"
    })
    .await;
    assert_eq!(change["reason"], node(&stage, &id).await["rejected_reason"]);
    assert_ne!(change["reason"], "NONE");
    let wrong = stage
        .client
        .post(format!("{}/_sim/templates", stage.url))
        .json(&json!({"review": {"reject_rate": 2.0}}))
        .send()
        .await
        .expect("an answer");
    assert_eq!(wrong.status(), 400);
}

#[rstest]
#[case::advertising("20% de descuento en toda la tienda, solo hoy.", json!({"mode": "auto"}))]
#[case::drawn("Su pedido está listo.", json!({"recategorise_rate": 1.0}))]
#[tokio::test]
async fn utility_that_is_marketing_becomes_it_at_once(#[case] words: &str, #[case] review: Value) {
    let stage = slow().await;
    stage.control("templates", json!({"review": review})).await;
    let (_, answer) = create(&stage, utility("order", json!([body(words)]))).await;
    assert_eq!(answer["category"], "MARKETING", "{answer}");
}

#[tokio::test]
async fn a_low_quality_pauses_three_hours_then_six_then_for_good() {
    let stage = slow().await;
    let id = hello(&stage).await;
    decide(
        &stage,
        &id,
        json!({"decision": "quality", "quality": "YELLOW"}),
    )
    .await;
    let change = told(&stage, "yellow", |value| {
        value["new_quality_score"] == "YELLOW"
    })
    .await;
    assert_eq!(change["previous_quality_score"], "UNKNOWN");
    assert_eq!(node(&stage, &id).await["status"], "APPROVED");
    for (title, hours) in [("FIRST_PAUSE", 3), ("SECOND_PAUSE", 6)] {
        decide(
            &stage,
            &id,
            json!({"decision": "quality", "quality": "RED"}),
        )
        .await;
        let change = told(&stage, title, |value| value["other_info"]["title"] == title).await;
        assert_eq!(change["event"], "PAUSED", "{change}");
        let (_, answer) = stage
            .send(template_to(ANA, "hello_world", "en_US", &[]))
            .await;
        assert_eq!(answer["error"]["code"], 132_015, "{answer}");
        later(&stage, hours * HOUR_MS - 60_000).await;
        assert_eq!(node(&stage, &id).await["status"], "PAUSED");
        later(&stage, 60_000).await;
        let before = hours / 3;
        stage
            .receiver
            .until("the end of the pause", |received| {
                let all = values(received);
                let ends = all
                    .iter()
                    .filter(|value| value["other_info"]["title"] == "UNPAUSE");
                ends.count() as u64 == before
            })
            .await;
        assert_eq!(node(&stage, &id).await["status"], "APPROVED");
    }
    decide(&stage, &id, json!({"decision": "quality"})).await;
    let change = told(&stage, "the end", |value| value["event"] == "DISABLED").await;
    assert!(
        change["disable_info"]["disable_date"].is_string(),
        "{change}"
    );
    later(&stage, 100 * HOUR_MS).await;
    let known = node(&stage, &id).await;
    assert_eq!(
        (&known["status"], &known["quality_score"]["score"]),
        (&json!("DISABLED"), &json!("RED"))
    );
    let (_, answer) = stage
        .send(template_to(ANA, "hello_world", "en_US", &[]))
        .await;
    assert_eq!(answer["error"]["code"], 132_016, "{answer}");
}

#[tokio::test]
async fn what_was_paused_while_it_was_paced_must_be_unpaused() {
    let stage = slow().await;
    let id = hello(&stage).await;
    let unpause = format!("/v24.0/{id}/unpause");
    assert_eq!(stage.call("POST", &unpause, None).await.0, 400, "it runs");
    stage
        .control(&format!("templates/{id}/pacing"), json!({}))
        .await;
    stage
        .control(&format!("templates/{id}/pause"), json!({}))
        .await;
    later(&stage, 100 * HOUR_MS).await;
    assert_eq!(node(&stage, &id).await["status"], "PAUSED");
    assert_eq!(
        stage.call("POST", &unpause, None).await.1,
        json!({"success": true})
    );
    told(&stage, "the end of the pause", |value| {
        value["other_info"]["title"] == "UNPAUSE"
    })
    .await;
    assert_eq!(node(&stage, &id).await["status"], "APPROVED");
}

#[tokio::test]
async fn another_category_is_announced_a_day_ahead_or_comes_at_once() {
    let stage = slow().await;
    let id = hello(&stage).await;
    decide(
        &stage,
        &id,
        json!({"decision": "category", "category": "MARKETING"}),
    )
    .await;
    let notice = told(&stage, "the notice", |value| {
        value["correct_category"] == "MARKETING"
    })
    .await;
    assert_eq!(notice["new_category"], "UTILITY", "{notice}");
    let at = notice["category_update_timestamp"]
        .as_u64()
        .expect("a time")
        * 1_000;
    assert!(
        at.abs_diff(stage.sim.now_ms() + 24 * HOUR_MS) < 60_000,
        "{notice}"
    );
    let known = node(&stage, &id).await;
    assert_eq!(
        (&known["category"], &known["correct_category"]),
        (&json!("UTILITY"), &json!("MARKETING"))
    );
    later(&stage, 24 * HOUR_MS).await;
    let done = told(&stage, "the change", |value| {
        value["previous_category"] == "UTILITY"
    })
    .await;
    assert_eq!(done["new_category"], "MARKETING", "{done}");
    let known = node(&stage, &id).await;
    assert_eq!(
        (
            &known["category"],
            &known["previous_category"],
            &known["correct_category"]
        ),
        (&json!("MARKETING"), &json!("UTILITY"), &Value::Null)
    );
    let back = json!({"decision": "category", "category": "UTILITY", "at_once": true});
    decide(&stage, &id, back).await;
    assert_eq!(node(&stage, &id).await["category"], "UTILITY");
}

#[rstest]
#[case(json!({"decision": "reject", "reason": "SCAM"}), "REJECTED", "REJECTED")]
#[case(json!({"decision": "appeal"}), "IN_APPEAL", "IN_APPEAL")]
#[case(json!({"decision": "archive"}), "ARCHIVED", "ARCHIVED")]
#[case(json!({"decision": "flag"}), "FLAGGED", "APPROVED")]
#[case(json!({"status": "PAUSED", "hours": 1}), "PAUSED", "PAUSED")]
#[case(json!({"decision": "approve", "category": "MARKETING"}), "APPROVED", "APPROVED")]
#[tokio::test]
async fn a_decision_is_carried_out_and_told(
    #[case] decision: Value,
    #[case] event: &str,
    #[case] status: &str,
) {
    let stage = slow().await;
    let id = hello(&stage).await;
    decide(&stage, &id, decision.clone()).await;
    let change = told(&stage, event, |value| value["event"] == event).await;
    let known = node(&stage, &id).await;
    assert_eq!(known["status"], status);
    assert_eq!(change["message_template_category"], known["category"]);
    if let Some(reason) = decision["reason"].as_str() {
        assert_eq!(change["reason"], reason);
        assert_eq!(known["rejected_reason"], reason);
    }
}

#[tokio::test]
async fn a_decision_in_unknown_words_changes_nothing() {
    let stage = slow().await;
    let id = hello(&stage).await;
    for wrong in [
        json!({"decision": "shred"}),
        json!({"decision": "reject", "reason": "UGLY"}),
        json!({"decision": "category", "category": "NEWS"}),
        json!({"decision": "quality", "quality": "BLUE"}),
        json!({"verdict": "approve"}),
    ] {
        let request = stage
            .client
            .post(format!("{}/_sim/templates/{id}/decide", stage.url))
            .json(&wrong);
        assert_eq!(
            request.send().await.expect("an answer").status(),
            400,
            "{wrong}"
        );
    }
    assert_eq!(node(&stage, &id).await["status"], "APPROVED");
}
