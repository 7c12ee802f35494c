//! Alerts about what the platform itself notices: silence, a queue that stands still, messages that die, connections
//! that lack something. Each is raised by itself and is over by itself.

use std::time::Duration;

use domain::Clock;
use serde_json::{Value, json};
use testkit::{Setup, Tenant, TestApp, each_database_with, until};

use crate::alerts::open;
use crate::stage::signed_up;

const MINUTE: Duration = Duration::from_secs(60);

fn template() -> Value {
    json!({ "to": "+34600000001", "template": { "name": "hello_world", "language": "en_US" } })
}

/// Sweeps until the platform has, or has not, an alert of this kind of its own.
async fn of_platform(app: &TestApp, kind: &str, wanted: bool) -> Option<Value> {
    until(&format!("{kind} is open: {wanted}"), async || {
        engine::health::alerts::sweep(&app.engine).await.unwrap();
        let open = app.admin().all("/api/v1/admin/alerts").await;
        let found = open
            .iter()
            .find(|alert| alert["kind"] == kind && alert["tenant_id"].is_null());
        if found.is_some() == wanted {
            Ok(found.cloned())
        } else {
            Err(format!("{open:?}"))
        }
    })
    .await
}

/// The same of a tenant.
async fn of_tenant(app: &TestApp, shop: &Tenant, kind: &str, wanted: bool) -> Option<Value> {
    until(&format!("{kind} is open: {wanted}"), async || {
        engine::health::alerts::sweep(&app.engine).await.unwrap();
        let open = open(app, shop).await;
        let found = open.iter().find(|alert| alert["kind"] == kind);
        if found.is_some() == wanted {
            Ok(found.cloned())
        } else {
            Err(format!("{open:?}"))
        }
    })
    .await
}

fn has_words(alert: Option<Value>) -> Value {
    let alert = alert.unwrap();
    for part in ["title", "action"] {
        let words = alert[part].as_str().unwrap();
        assert!(
            !words.is_empty() && !words.starts_with("alert-"),
            "no words: {alert}"
        );
    }
    alert
}

#[tokio::test(flavor = "multi_thread")]
async fn meta_that_takes_messages_and_posts_nothing_is_told_to_the_platform() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        app.faults(&json!({ "webhook_offline": true })).await;
        let id = shop.api.send(&template()).await;
        until("Meta has taken it", async || {
            let row = shop.api.message(&id).await;
            if row["accepted_at"].is_string() {
                Ok(())
            } else {
                Err(row.to_string())
            }
        })
        .await;
        until("that is counted", async || {
            let numbers = store::vitals::any_tenant_numbers(&app.engine.db)
                .await
                .unwrap();
            if numbers.iter().any(|number| number.sent_at.is_some()) {
                Ok(())
            } else {
                Err(format!("{numbers:?}"))
            }
        })
        .await;
        of_platform(app, "webhook_silence", false).await;
        app.engine.clock.advance(16 * MINUTE);
        let alert = has_words(of_platform(app, "webhook_silence", true).await);
        assert_eq!(alert["severity"], "critical", "{alert}");
        app.faults(&json!({ "webhook_offline": false })).await;
        app.customer_says(&shop.number, "34600000009", "hola");
        of_platform(app, "webhook_silence", false).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_nothing_holds_and_that_does_not_leave_is_told_to_the_platform() {
    let nobody_works = || Setup {
        clock: Clock::manual(Clock::system().now()),
        workers: false,
        ..Setup::default()
    };
    each_database_with(nobody_works, async |app| {
        let shop = app.tenant(1).await;
        let id = shop.api.send(&template()).await;
        of_platform(app, "queue_age", false).await;
        app.engine.clock.advance(16 * MINUTE);
        has_words(of_platform(app, "queue_age", true).await);
        let path = format!("/api/v1/messages/{id}/cancel");
        let answer = shop.api.post(&path, &json!({})).await;
        assert!(answer.status < 300, "{answer:?}");
        of_platform(app, "queue_age", false).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_messages_that_died_in_a_day_are_told_until_somebody_has_dealt_with_them() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        let rule = json!({ "match": { "method": "POST", "path": "/messages" }, "answer": { "code": 131_051, "mode": "sync" } });
        app.faults(&json!({ "script": [rule] })).await;
        let mut died = Vec::new();
        for n in 0..10 {
            if n == 9 {
                of_tenant(app, &shop, "dead_letters", false).await;
            }
            let id = shop.api.send(&template()).await;
            app.status_of(&shop, &id, "failed").await;
            died.push(id);
        }
        let alert = has_words(of_tenant(app, &shop, "dead_letters", true).await);
        assert_eq!(alert["parameters"]["count"], "10", "{alert}");
        let all = json!({ "ids": died });
        let answer = shop.api.post("/api/v1/dead-letters/dismiss", &all).await;
        assert!(answer.status < 300, "{answer:?}");
        of_tenant(app, &shop, "dead_letters", false).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_nobody_pays_for_is_told_until_somebody_does() {
    each_database_with(Setup::by_hand, async |app| {
        let (own, row) = signed_up(app, json!({})).await;
        assert_eq!(row["problem"]["cause"], "payment_missing", "{row}");
        let alert = has_words(of_tenant(app, &own.shop, "payment_missing", true).await);
        assert_eq!(alert["severity"], "warning", "{alert}");
        let paid = json!({ "waba_id": own.waba, "payment": "ok" });
        app.meta().post("/_sim/wabas", &paid).await.expect(200);
        let path = format!("/api/v1/connections/{}/resume", own.connection);
        own.shop.api.post(&path, &json!({})).await.expect(202);
        of_tenant(app, &own.shop, "payment_missing", false).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_stopped_is_told_until_it_is_made() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.new_tenant("Una").await;
        let wish = json!({ "outcome": "finish", "partner_added": "never", "code_life_ms": 86_400_000, "verified": false });
        let made = app.meta().post("/_sim/embedded-signup", &wish).await.expect(200);
        let body = json!({ "code": made["code"], "waba_id": made["waba_id"], "phone_number_id": made["phone_number_id"] });
        let begun = shop.api.post("/api/v1/connections/embedded-signup", &body).await.expect(202);
        let alert = has_words(of_tenant(app, &shop, "connection_failed", true).await);
        assert_eq!(alert["parameters"]["cause"], "number_not_verified", "{alert}");
        let verified = json!({ "phone_number_id": made["phone_number_id"], "code_verification_status": "VERIFIED" });
        app.meta().post("/_sim/numbers", &verified).await.expect(200);
        let path = format!("/api/v1/connections/{}/resume", begun["id"].as_str().unwrap());
        shop.api.post(&path, &json!({})).await.expect(202);
        of_tenant(app, &shop, "connection_failed", false).await;
    })
    .await;
}
