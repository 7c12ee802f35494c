//! Messages whose template is paused, switched off or made dearer wait, and go or end afterwards.

use domain::Clock;
use serde_json::{Value, json};
use testkit::{Setup, Tenant, TestApp, each_database_with, until};

use crate::stage::{approved, becomes, body, decide, send};

/// Sends that were recorded and cannot leave yet, because somebody has paused the queue.
async fn waiting(shop: &Tenant, template: &Value, count: usize) -> Vec<String> {
    let pause = json!({ "reason": "story" });
    shop.api
        .post("/api/v1/queue/pause", &pause)
        .await
        .expect(200);
    let mut ids = Vec::new();
    for n in 0..count {
        ids.push(
            shop.api
                .send(&send(template, &format!("+3460000050{n}")))
                .await,
        );
    }
    ids
}

async fn resume(shop: &Tenant) {
    shop.api
        .post("/api/v1/queue/resume", &json!({}))
        .await
        .expect(200);
}

async fn held(app: &TestApp, shop: &Tenant, id: &str, hold: &str) {
    until(&format!("held as {hold}"), async || {
        let message = shop.api.message(id).await;
        if message["queue"]["hold"]["reason"] == hold
            || message["queue"]["hold"]["code"] == hold
            || message["queue"]["hold"].to_string().contains(hold)
        {
            Ok(())
        } else {
            Err(format!("{} {message}", app.url))
        }
    })
    .await;
}

async fn alert(shop: &Tenant, kind: &str) -> Value {
    until(&format!("the alert {kind}"), async || {
        let alerts = shop.api.all("/api/v1/alerts").await;
        alerts
            .into_iter()
            .find(|alert| alert["kind"] == kind)
            .ok_or_else(|| "no alert".to_owned())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_with_a_paused_template_is_held_told_and_freed() {
    let setup = || Setup {
        clock: Clock::system(),
        ..Setup::default()
    };
    each_database_with(setup, async |app| {
        let shop = app.tenant(1).await;
        let made = approved(app, &shop.api, "pedido").await;
        let ids = waiting(&shop, &made, 2).await;
        decide(app, &made, json!({ "decision": "pause", "other_info": { "title": "FIRST_PAUSE", "description": "x" } })).await;
        let now = becomes(&shop.api, &made, "status", "PAUSED").await;
        assert!(now["paused_until"].is_string(), "{now}");
        resume(&shop).await;
        held(app, &shop, &ids[0], "template_paused").await;
        held(app, &shop, &ids[1], "template_paused").await;
        let uses = crate::stage::show(&shop.api, &made).await["uses"].clone();
        assert_eq!(
            uses,
            json!([{ "kind": "queued", "id": null, "name": "template_paused", "count": 2 }])
        );
        let refused = shop
            .api
            .post("/api/v1/messages", &send(&made, "+34600000510"))
            .await
            .expect_problem(422, "invalid");
        assert_eq!(refused["errors"][0]["meta_code"], 132_015, "{refused}");
        let told = alert(&shop, "template_paused").await;
        assert!(told["title"].as_str().unwrap().contains("pedido"), "{told}");
        let path = format!("/api/v1/templates/{}/unpause", made["id"].as_str().unwrap());
        let free = shop.api.post(&path, &json!({})).await.expect(200);
        assert_eq!(free["status"], "APPROVED", "{free}");
        for id in &ids {
            app.status_of(&shop, id, "delivered").await;
        }
        shop.api
            .post(&path, &json!({}))
            .await
            .expect_problem(409, "not_paused");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_with_a_template_that_is_switched_off_stays_until_somebody_cancels_it() {
    each_database_with(Setup::default, async |app| {
        let shop = app.tenant(1).await;
        let made = approved(app, &shop.api, "pedido").await;
        let ids = waiting(&shop, &made, 1).await;
        decide(app, &made, json!({ "decision": "disable" })).await;
        becomes(&shop.api, &made, "status", "DISABLED").await;
        resume(&shop).await;
        held(app, &shop, &ids[0], "template_disabled").await;
        alert(&shop, "template_disabled").await;
        let path = format!("/api/v1/templates/{}", made["id"].as_str().unwrap());
        shop.api.delete(&path).await.expect_problem(409, "disabled");
        shop.api
            .post(&format!("/api/v1/messages/{}/cancel", ids[0]), &json!({}))
            .await
            .expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_with_a_template_that_became_marketing_goes_when_somebody_says_so() {
    each_database_with(Setup::default, async |app| {
        let shop = app.tenant(1).await;
        let made = approved(app, &shop.api, "pedido").await;
        let ids = waiting(&shop, &made, 2).await;
        decide(
            app,
            &made,
            json!({ "decision": "category", "category": "MARKETING", "at_once": true }),
        )
        .await;
        let now = becomes(&shop.api, &made, "category", "MARKETING").await;
        assert_eq!(
            (&now["previous_category"], &now["awaits_release"]),
            (&json!("UTILITY"), &json!(true)),
            "{now}"
        );
        resume(&shop).await;
        held(app, &shop, &ids[0], "template_became_marketing").await;
        let told = alert(&shop, "template_became_marketing").await;
        assert!(told["detail"].as_str().unwrap().contains("cost"), "{told}");
        // Who sends now knows what it is.
        let fresh = shop.api.send(&send(&made, "+34600000520")).await;
        app.status_of(&shop, &fresh, "delivered").await;
        shop.api
            .post(&format!("/api/v1/messages/{}/cancel", ids[1]), &json!({}))
            .await
            .expect(200);
        let path = format!("/api/v1/templates/{}/release", made["id"].as_str().unwrap());
        shop.api
            .post(&path, &json!({ "action": "perhaps" }))
            .await
            .expect_problem(422, "invalid");
        let decided = shop
            .api
            .post(&path, &json!({ "action": "send" }))
            .await
            .expect(200);
        assert_eq!(decided["messages"], 1, "{decided}");
        app.status_of(&shop, &ids[0], "delivered").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_scheduled_before_the_pause_is_held_when_its_time_comes() {
    each_database_with(Setup::default, async |app| {
        let shop = app.tenant(1).await;
        let made = approved(app, &shop.api, "pedido").await;
        let mut later = send(&made, "+34600000530");
        later["send_at"] = json!(
            app.engine
                .clock
                .now()
                .plus(std::time::Duration::from_secs(4))
                .rfc3339()
        );
        let id = shop.api.send(&later).await;
        decide(app, &made, json!({ "decision": "pause", "other_info": { "title": "FIRST_PAUSE", "description": "x" } })).await;
        becomes(&shop.api, &made, "status", "PAUSED").await;
        held(app, &shop, &id, "template_paused").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_with_a_template_that_is_edited_goes_when_its_new_text_is_approved() {
    each_database_with(Setup::default, async |app| {
        let shop = app.tenant(1).await;
        let made = approved(app, &shop.api, "pedido").await;
        let ids = waiting(&shop, &made, 3).await;
        let path = format!("/api/v1/templates/{}", made["id"].as_str().unwrap());
        let text = "Hola {{1}}, su pedido {{2}} le espera en la tienda.";
        let text = json!({ "components": [body(text, &["Ana", "OC-1"])] });
        shop.api.patch(&path, &text).await.expect(200);
        becomes(&shop.api, &made, "status", "PENDING").await;
        resume(&shop).await;
        for id in &ids {
            held(app, &shop, id, "template_review").await;
        }
        decide(
            app,
            &made,
            json!({ "decision": "reject", "reason": "INVALID_FORMAT" }),
        )
        .await;
        becomes(&shop.api, &made, "status", "REJECTED").await;
        alert(&shop, "template_rejected").await;
        held(app, &shop, &ids[0], "template_review").await;
        let text = "Hola {{1}}, su pedido {{2}} está en la tienda. Gracias.";
        let text = json!({ "components": [body(text, &["Ana", "OC-1"])] });
        shop.api.patch(&path, &text).await.expect(200);
        decide(app, &made, json!({ "decision": "approve" })).await;
        for id in &ids {
            app.status_of(&shop, id, "delivered").await;
        }
        assert_eq!(app.sim.outbound_summary().max_identical_sends, 1);
        // The correction of what was rejected is none of the edits that Meta counts.
        let history = shop.api.get(&format!("{path}/history")).await.expect(200);
        let kinds = history["data"].as_array().unwrap().iter();
        let edits = kinds.filter(|step| step["kind"] == "edited").count();
        assert_eq!(edits, 1, "{history}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_with_which_messages_wait_is_deleted_with_them_or_not_at_all() {
    each_database_with(Setup::default, async |app| {
        let shop = app.tenant(1).await;
        let made = approved(app, &shop.api, "pedido").await;
        let ids = waiting(&shop, &made, 3).await;
        let mut later = send(&made, "+34600000599");
        let tomorrow = app
            .engine
            .clock
            .now()
            .plus(std::time::Duration::from_secs(86_400));
        later["send_at"] = json!(tomorrow.rfc3339());
        let scheduled = shop.api.send(&later).await;
        let path = format!("/api/v1/templates/{}", made["id"].as_str().unwrap());
        let refused = shop
            .api
            .delete(&path)
            .await
            .expect_problem(409, "messages_wait");
        assert!(
            refused["detail"]
                .as_str()
                .unwrap()
                .starts_with("4 messages"),
            "{refused}"
        );
        assert_eq!(
            crate::stage::calls(app, "DELETE", "message_templates").await,
            0
        );
        let along = format!("{path}?cancel_waiting=true");
        // What Meta refuses to delete stays, and so does what waits for it.
        let refuses = |rate: f64| json!({ "error_rate": rate, "error_code": 100, "only_path": "message_templates" });
        app.faults(&refuses(1.0)).await;
        let refused = shop.api.delete(&along).await;
        assert!(refused.status >= 400, "{refused:?}");
        app.faults(&refuses(0.0)).await;
        for id in ids.iter().chain([&scheduled]) {
            let message = shop.api.message(id).await;
            assert_ne!(message["status"], "cancelled", "{message}");
        }
        shop.api.delete(&along).await.expect(204);
        for id in ids.iter().chain([&scheduled]) {
            app.status_of(&shop, id, "cancelled").await;
        }
        resume(&shop).await;
        assert_eq!(app.sim.outbound_summary().total, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_with_a_template_that_meta_reinstates_goes() {
    each_database_with(Setup::default, async |app| {
        let shop = app.tenant(1).await;
        let made = approved(app, &shop.api, "pedido").await;
        let ids = waiting(&shop, &made, 2).await;
        decide(app, &made, json!({ "decision": "disable" })).await;
        becomes(&shop.api, &made, "status", "DISABLED").await;
        resume(&shop).await;
        held(app, &shop, &ids[1], "template_disabled").await;
        decide(app, &made, json!({ "decision": "reinstate" })).await;
        becomes(&shop.api, &made, "status", "APPROVED").await;
        for id in &ids {
            app.status_of(&shop, id, "delivered").await;
        }
    })
    .await;
}
