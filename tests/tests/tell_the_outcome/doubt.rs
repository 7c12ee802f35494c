//! One decision about many sends whose outcome nobody knows.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{each_database_with, until};

use crate::CUSTOMER;
use crate::queue::{by_hand, doubtful, waits_for_somebody};

const SETTLE: &str = "/api/v1/queue/uncertain/settle";

#[tokio::test(flavor = "multi_thread")]
async fn many_uncertain_sends_are_settled_by_one_decision_that_is_written_down() {
    each_database_with(by_hand, async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let mut ids = Vec::new();
        for _ in 0..2 {
            ids.push(doubtful(app, &shop).await);
        }
        let foreign = doubtful(app, &other).await;
        let early = shop.api.all("/api/v1/queue/uncertain?all=true").await;
        let reason = early[0]["reason"].clone();
        for id in &ids {
            waits_for_somebody(app, &shop, id).await;
        }
        let rows = shop.api.all("/api/v1/queue/uncertain").await;
        for row in &rows {
            assert_eq!(row["contact_phone"], CUSTOMER, "{row}");
            assert!(row["since"].is_string(), "{row}");
            assert_eq!(row["reason"], reason, "the first reason stays: {row}");
        }
        for wrong in [
            json!({ "decision": "mark_sent" }),
            json!({ "ids": [], "decision": "mark_sent" }),
            json!({ "ids": vec![ids[0].clone(); 1_001], "decision": "mark_sent" }),
            json!({ "ids": ids, "all": true, "decision": "mark_sent" }),
            json!({ "ids": ids, "phone_number_id": shop.number, "decision": "mark_sent" }),
            json!({ "all": true, "decision": "forget" }),
        ] {
            let answer = shop.api.post(SETTLE, &wrong).await;
            assert_eq!(answer.status, 422, "{wrong}");
        }
        let none = json!({ "all": true, "phone_number_id": other.number, "decision": "mark_sent" });
        let none = shop.api.post(SETTLE, &none).await.expect(200);
        assert_eq!(none["settled"], 0, "{none}");

        let some = json!({ "ids": [ids[0], foreign], "decision": "mark_sent" });
        let some = shop.api.post(SETTLE, &some).await.expect(200);
        assert_eq!(some["settled"], 1, "{some}");
        assert_eq!(some["refused"][0]["id"], foreign.as_str(), "{some}");
        assert_eq!(shop.api.message(&ids[0]).await["status"], "sent");
        assert_eq!(other.api.message(&foreign).await["status"], "uncertain");

        let rest = json!({ "all": true, "phone_number_id": shop.number, "decision": "give_up" });
        let rest = shop.api.post(SETTLE, &rest).await.expect(200);
        assert_eq!(
            (&rest["settled"], &rest["more"]),
            (&json!(1), &json!(false))
        );
        assert_eq!(shop.api.message(&ids[1]).await["status"], "failed");
        let again = json!({ "all": true, "decision": "send_again" });
        let again = shop.api.post(SETTLE, &again).await.expect(200);
        assert_eq!(again["settled"], 0, "nothing is left: {again}");

        let acts = app.admin().all("/api/v1/admin/audit").await;
        let acts: Vec<_> = acts
            .iter()
            .filter(|act| act["action"] == "message.settle")
            .collect();
        assert_eq!(acts.len(), 2, "{acts:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_be_sent_again_leaves_once_more() {
    each_database_with(by_hand, async |app| {
        let shop = app.tenant(1).await;
        let ids = [doubtful(app, &shop).await, doubtful(app, &shop).await];
        for id in &ids {
            waits_for_somebody(app, &shop, id).await;
        }
        let before = app.sim.outbound().len();
        let all = json!({ "all": true, "decision": "send_again" });
        let all = shop.api.post(SETTLE, &all).await.expect(200);
        assert_eq!(all["settled"], 2, "{all}");
        app.engine.clock.advance(Duration::from_secs(5));
        until("both have left", async || match app.sim.outbound().len() {
            now if now == before + 2 => Ok(()),
            now => Err(now.to_string()),
        })
        .await;
        let rows = shop.api.all("/api/v1/queue/uncertain?all=true").await;
        assert_eq!(rows, Vec::<Value>::new());
    })
    .await;
}
