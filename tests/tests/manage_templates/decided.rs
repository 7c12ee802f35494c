//! About a template that several tenants send from one account the platform decides; none of them can for the others.

use serde_json::{Value, json};
use testkit::{Setup, Tenant, TestApp, each_database_with, until};

use crate::stage::{becomes, decide};

const PLATFORM: &str = "/api/v1/admin/templates";

/// The template of everybody on the account, as a tenant sees it.
async fn everybodys(tenant: &Tenant) -> Value {
    let all = tenant.api.all("/api/v1/templates").await;
    let found = all.into_iter().find(|one| one["name"] == "hello_world");
    found.expect("everybody sees it")
}

/// A message that waits because its tenant has paused the queue.
async fn waiting(tenant: &Tenant, to: &str) -> String {
    let pause = json!({ "reason": "story" });
    let pausing = tenant.api.post("/api/v1/queue/pause", &pause).await;
    pausing.expect(200);
    let template = json!({ "name": "hello_world", "language": "en_US" });
    let body = json!({ "to": to, "template": template });
    tenant.api.send(&body).await
}

/// Lets the queues go and waits until both messages are held for this reason.
async fn held(waits: &[(&Tenant, &String)], hold: &str) {
    for (tenant, id) in waits {
        let body = json!({});
        let resuming = tenant.api.post("/api/v1/queue/resume", &body).await;
        resuming.expect(200);
        until(&format!("held as {hold}"), async || {
            let message = tenant.api.message(id).await;
            match message["queue"]["hold"].to_string().contains(hold) {
                true => Ok(()),
                false => Err(message.to_string()),
            }
        })
        .await;
    }
}

/// The row that the platform sees.
async fn row(app: &TestApp, template: &Value) -> Value {
    let all = app.admin().all(PLATFORM).await;
    let found = all.into_iter().find(|one| one["id"] == template["id"]);
    found.expect("the platform sees what is on its account")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_meta_paused_for_everybody_the_platform_lets_go() {
    each_database_with(Setup::default, async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let shared = everybodys(&shop).await;
        assert_eq!(shared["decides"], false, "{shared}");
        let mut stream = app.admin().listen_at("/api/v1/admin/stream", None).await;
        let (one, two) = (
            waiting(&shop, "+34600000701").await,
            waiting(&other, "+34600000702").await,
        );
        // Pacing: nobody but a person ends it.
        decide(app, &shared, json!({ "decision": "pause" })).await;
        becomes(&shop.api, &shared, "status", "PAUSED").await;
        let told = stream.next_of("template.changed").await;
        assert_eq!(told.data["template_id"], shared["id"], "{told:?}");
        held(&[(&shop, &one), (&other, &two)], "template_paused").await;
        let seen = row(app, &shared).await;
        assert_eq!(
            [&seen["status"], &seen["waiting"], &seen["paused_until"]],
            [&json!("PAUSED"), &json!(2), &Value::Null],
            "{seen}"
        );
        let unpause = |base: &str| format!("{base}/{}/unpause", shared["id"].as_str().unwrap());
        let no = shop
            .api
            .post(&unpause("/api/v1/templates"), &json!({}))
            .await;
        no.expect_problem(409, "not_yours");
        let free = app
            .admin()
            .post(&unpause(PLATFORM), &json!({}))
            .await
            .expect(200);
        assert_eq!(
            (&free["status"], &free["waiting"]),
            (&json!("APPROVED"), &json!(0)),
            "{free}"
        );
        app.status_of(&shop, &one, "delivered").await;
        app.status_of(&other, &two, "delivered").await;
        let again = app.admin().post(&unpause(PLATFORM), &json!({})).await;
        again.expect_problem(409, "not_paused");
        let log = app.admin().all("/api/v1/admin/audit").await;
        let acts = log.iter().filter(|act| act["action"] == "template.unpause");
        assert_eq!(acts.count(), 1, "{log:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_marketing_for_everybody_goes_when_the_platform_says_so() {
    each_database_with(Setup::default, async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let shared = everybodys(&shop).await;
        let (one, two) = (
            waiting(&shop, "+34600000711").await,
            waiting(&other, "+34600000712").await,
        );
        let marketing = json!({ "decision": "category", "category": "MARKETING", "at_once": true });
        decide(app, &shared, marketing).await;
        becomes(&shop.api, &shared, "category", "MARKETING").await;
        let word = "template_became_marketing";
        held(&[(&shop, &one), (&other, &two)], word).await;
        assert_eq!(row(app, &shared).await["awaits_release"], true);
        let release = |base: &str| format!("{base}/{}/release", shared["id"].as_str().unwrap());
        let send = json!({ "action": "send" });
        let no = shop.api.post(&release("/api/v1/templates"), &send).await;
        no.expect_problem(409, "not_yours");
        // A tenant takes back its own, and nobody else's.
        let cancel = json!({ "action": "cancel" });
        let path = release("/api/v1/templates");
        let taken_back = other.api.post(&path, &cancel).await.expect(200);
        assert_eq!(taken_back["messages"], 1, "{taken_back}");
        app.status_of(&other, &two, "cancelled").await;
        let path = release(PLATFORM);
        let wrong = app.admin().post(&path, &json!({ "action": "?" })).await;
        wrong.expect_problem(422, "invalid");
        let decided = app.admin().post(&path, &send).await.expect(200);
        assert_eq!(decided["messages"], 1, "{decided}");
        app.status_of(&shop, &one, "delivered").await;
        assert_eq!(app.sim.outbound_summary().total, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn about_a_tenants_own_template_the_platform_does_not_decide() {
    each_database_with(Setup::default, async |app| {
        let shop = app.tenant(1).await;
        let made = crate::stage::approved(app, &shop.api, "pedido").await;
        decide(app, &made, json!({ "decision": "pause" })).await;
        let here = becomes(&shop.api, &made, "status", "PAUSED").await;
        assert_eq!(here["decides"], true, "{here}");
        let seen = row(app, &made).await;
        assert_eq!(seen["tenant_name"], "Shop 1", "{seen}");
        let path = format!("{PLATFORM}/{}/unpause", made["id"].as_str().unwrap());
        let no = app.admin().post(&path, &json!({})).await;
        no.expect_problem(409, "not_yours");
    })
    .await;
}
