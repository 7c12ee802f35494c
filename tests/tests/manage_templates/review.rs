//! What Meta says about templates: by webhook at once, by its list now and then.

use domain::{Clock, Timestamp};
use serde_json::json;
use testkit::{WABA, each_database, until};

use crate::stage::{approved, becomes, control, decide, show, written};

#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_says_why_and_what_to_do() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let made = shop
            .api
            .post("/api/v1/templates", &written("pedido"))
            .await
            .expect(201);
        decide(
            app,
            &made,
            json!({ "decision": "reject", "reason": "SCAM" }),
        )
        .await;
        let now = becomes(&shop.api, &made, "status", "REJECTED").await;
        assert_eq!(now["rejected_reason"], "SCAM", "{now}");
        assert!(now["rejection"]["recommendation"].is_string(), "{now}");
        assert_eq!(
            now["editable"]["can"], true,
            "a rejected one may be mended: {now}"
        );
        assert!(now["manager_url"].as_str().unwrap().contains(WABA), "{now}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn quality_and_category_follow_metas_word() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let made = approved(app, &shop.api, "pedido").await;
        decide(
            app,
            &made,
            json!({ "decision": "quality", "quality": "YELLOW" }),
        )
        .await;
        becomes(&shop.api, &made, "quality", "YELLOW").await;
        decide(
            app,
            &made,
            json!({ "decision": "category", "category": "MARKETING" }),
        )
        .await;
        let announced = becomes(&shop.api, &made, "correct_category", "MARKETING").await;
        assert_eq!(announced["category"], "UTILITY", "{announced}");
        assert!(announced["category_changes_at"].is_string(), "{announced}");
        let alert = until("the owner is told", async || {
            let alerts = shop.api.all("/api/v1/alerts").await;
            alerts
                .into_iter()
                .find(|alert| alert["kind"] == "template_category")
                .ok_or_else(|| "no alert".to_owned())
        })
        .await;
        assert!(
            alert["title"].as_str().unwrap().contains("pedido"),
            "{alert}"
        );
        assert!(
            alert["detail"].as_str().unwrap().contains("MARKETING"),
            "{alert}"
        );
        let history = shop
            .api
            .all(&format!(
                "/api/v1/templates/{}/history",
                made["id"].as_str().unwrap()
            ))
            .await;
        for kind in ["quality", "category_announced"] {
            assert!(
                history
                    .iter()
                    .any(|step| step["kind"] == kind && step["source"] == "webhook"),
                "{kind}: {history:?}"
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_elsewhere_comes_by_itself_and_what_is_gone_goes() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        shop.api.get("/api/v1/templates").await.expect(200);
        let spec = json!({ "waba_id": WABA, "name": "de_fuera", "language": "es", "components": [{ "type": "BODY", "text": "Hola" }] });
        let id = control(app, "/_sim/templates", &spec).await["id"].as_str().unwrap().to_owned();
        shop.api.post("/api/v1/templates/sync", &json!({})).await.expect(202);
        let found = until("it is listed", async || {
            let list = shop.api.get("/api/v1/templates?name=de_fuera").await.expect(200);
            list["data"].get(0).cloned().ok_or_else(|| list.to_string())
        })
        .await;
        assert_eq!((&found["meta_id"], &found["owner"]), (&json!(id), &json!("account")), "{found}");
        let copy = format!("/api/v1/templates/{}", found["id"].as_str().unwrap());
        shop.api.patch(&copy, &json!({ "components": [] })).await.expect_problem(409, "not_yours");
        let gone = crate::stage::graph(app).delete(&format!("/v24.0/{WABA}/message_templates?name=de_fuera")).await;
        gone.expect(200);
        shop.api.post("/api/v1/templates/sync", &json!({})).await.expect(202);
        until("it is gone", async || {
            let list = shop.api.get("/api/v1/templates?name=de_fuera").await.expect(200);
            let ended = list["data"].as_array().unwrap().iter().all(|one| one["status"] == "PENDING_DELETION");
            if ended { Ok(()) } else { Err(list.to_string()) }
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_cut_off_deletes_nothing() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let made = approved(app, &shop.api, "pedido").await;
        app.faults(
            &json!({ "error_rate": 1.0, "error_code": 2, "only_path": "message_templates" }),
        )
        .await;
        let failed = engine::templates::sync(&app.engine, WABA).await;
        assert!(failed.is_err(), "{failed:?}");
        app.faults(&json!({ "error_rate": 0.0 })).await;
        assert_eq!(show(&shop.api, &made).await["status"], "APPROVED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_word_that_comes_later_changes_nothing() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let made = approved(app, &shop.api, "pedido").await;
        let now = Clock::system().now();
        let told = |event: &str, at: Timestamp| {
            json!({ "object": "whatsapp_business_account", "entry": [{ "id": WABA, "time": at.0 / 1_000_000, "changes": [{
                "field": "message_template_status_update", "value": { "event": event, "message_template_id": made["meta_id"].as_str().unwrap().parse::<u64>().unwrap(),
                "message_template_name": made["name"], "message_template_language": "es", "reason": null } }] }] })
            .to_string()
        };
        // Far ahead, so that nothing of the simulator's own comes after it.
        let ahead = now.plus(std::time::Duration::from_secs(40 * 24 * 3_600));
        app.delivered(told("DISABLED", ahead)).await;
        app.delivered(told("APPROVED", ahead.minus(std::time::Duration::from_secs(60)))).await;
        app.projected().await;
        let now = show(&shop.api, &made).await;
        assert_eq!(now["status"], "DISABLED", "{now}");
    })
    .await;
}
