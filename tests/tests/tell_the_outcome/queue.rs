//! The queue as people see and stop it: what waits and why, pausing, resuming, taking back, deciding.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Setup, Tenant, TestApp, each_database, each_database_with, until};

use super::{delivered, hello, refused, refuses, takes_again};

async fn queue(shop: &Tenant) -> Value {
    shop.api.get("/api/v1/queue").await.expect(200)
}

/// The row of the tenant's number.
async fn row(shop: &Tenant) -> Value {
    let queue = queue(shop).await;
    let rows = queue["numbers"].as_array().unwrap();
    let own = rows
        .iter()
        .find(|row| row["phone_number_id"] == shop.number.as_str());
    own.cloned().unwrap_or_else(|| panic!("{queue}"))
}

async fn act(shop: &Tenant, verb: &str, body: &Value) -> Value {
    shop.api
        .post(&format!("/api/v1/queue/{verb}"), body)
        .await
        .expect(200)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_number_holds_its_messages_and_lets_them_go_again() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let number = json!({ "phone_number_id": shop.number, "reason": "hasta que llegue el pan" });
        assert_eq!(act(&shop, "pause", &number).await["changed"], true);
        assert_eq!(
            act(&shop, "pause", &number).await["changed"],
            false,
            "it is paused already"
        );
        let id = shop.api.send(&hello()).await;
        let held = app.status_of(&shop, &id, "held").await;
        assert_eq!(held["hold"]["code"], "paused_number", "{held}");
        assert_eq!(held["hold"]["until"], Value::Null);
        assert!(
            held["hold"]["explanation"].as_str().unwrap().len() > 20,
            "{held}"
        );
        assert_eq!(held["queue"]["state"], "held", "{held}");
        let listed = shop.api.all("/api/v1/messages?direction=outbound").await;
        assert_eq!(listed[0]["status"], "held", "the list says so as well");
        let now = row(&shop).await;
        assert_eq!(
            (&now["held"], &now["queued"], &now["lanes"]["transactional"]),
            (&json!(1), &json!(0), &json!(1)),
            "{now}"
        );
        assert_eq!(now["paused"]["reason"], "hasta que llegue el pan", "{now}");
        assert_eq!(now["paused"]["by_platform"], false);

        // Another tenant goes on, and cannot touch it.
        let free = other.api.send(&hello()).await;
        delivered(&other, &free).await;
        other
            .api
            .post("/api/v1/queue/resume", &number)
            .await
            .expect_problem(404, "not_found");
        let everybody = app.admin().get("/api/v1/admin/queue").await.expect(200);
        let rows = everybody["data"].as_array().unwrap();
        let seen = rows
            .iter()
            .find(|row| row["tenant_id"] == shop.id.as_str())
            .unwrap();
        assert_eq!(
            (&seen["held"], &seen["tenant_name"]),
            (&json!(1), &json!(shop.name)),
            "{seen}"
        );
        assert!(
            !everybody.to_string().contains("hello_world"),
            "the platform sees no messages"
        );

        assert_eq!(act(&shop, "resume", &number).await["changed"], true);
        delivered(&shop, &id).await;
        let acts = shop.api.all("/api/v1/audit?action=queue.").await;
        let words: Vec<_> = acts
            .iter()
            .map(|act| act["action"].as_str().unwrap())
            .collect();
        assert_eq!(words, ["queue.resume", "queue.pause"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_platform_paused_the_tenant_cannot_resume() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let tenant = json!({ "tenant_id": shop.id, "reason": "abuse" });
        app.admin()
            .post("/api/v1/admin/queue/pause", &tenant)
            .await
            .expect(200);
        let id = shop.api.send(&hello()).await;
        let held = app.status_of(&shop, &id, "held").await;
        assert_eq!(held["hold"]["code"], "paused_by_platform", "{held}");
        assert_eq!(queue(&shop).await["paused"]["by_platform"], true);
        assert_eq!(act(&shop, "resume", &json!({})).await["changed"], false);
        assert_eq!(shop.api.message(&id).await["status"], "held");
        let rows = app.admin().get("/api/v1/admin/queue").await.expect(200);
        let rows = rows["data"].as_array().unwrap();
        let seen = rows
            .iter()
            .find(|row| row["tenant_id"] == shop.id.as_str())
            .unwrap();
        assert_eq!(seen["tenant_paused"]["reason"], "abuse", "{seen}");
        app.admin()
            .post("/api/v1/admin/queue/resume", &tenant)
            .await
            .expect(200);
        delivered(&shop, &id).await;
        for (body, status, code) in [
            (json!({}), 422, "invalid"),
            (json!({ "tenant_id": "ten_x" }), 404, "not_found"),
            (json!({ "phone_number_id": "1" }), 404, "not_found"),
            (
                json!({ "tenant_id": shop.id, "phone_number_id": shop.number }),
                422,
                "invalid",
            ),
        ] {
            app.admin()
                .post("/api/v1/admin/queue/pause", &body)
                .await
                .expect_problem(status, code);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_not_left_can_be_taken_back_and_never_leaves() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        act(&shop, "pause", &json!({})).await;
        let (one, two) = (shop.api.send(&hello()).await, shop.api.send(&hello()).await);
        let path = format!("/api/v1/messages/{one}/cancel");
        other
            .api
            .post(&path, &json!({}))
            .await
            .expect_problem(404, "not_found");
        let cancelled = shop.api.post(&path, &json!({})).await.expect(200);
        assert_eq!(cancelled["status"], "cancelled", "{cancelled}");
        assert!(cancelled["ended_at"].is_string(), "{cancelled}");
        shop.api
            .post(&path, &json!({}))
            .await
            .expect_problem(409, "already_left");
        let life = shop
            .api
            .get(&format!("/api/v1/messages/{one}/life"))
            .await
            .expect(200);
        assert_eq!(
            life["events"].as_array().unwrap().last().unwrap()["kind"],
            "cancelled",
            "{life}"
        );

        assert_eq!(
            act(&other, "cancel", &json!({ "all": true })).await["cancelled"],
            0,
            "another tenant's stay"
        );
        assert_eq!(
            act(&shop, "cancel", &json!({ "lane": "bulk" })).await["cancelled"],
            0
        );
        assert_eq!(
            act(&shop, "cancel", &json!({ "phone_number_id": shop.number })).await["cancelled"],
            1
        );
        act(&shop, "resume", &json!({})).await;
        let third = shop.api.send(&hello()).await;
        delivered(&shop, &third).await;
        assert_eq!(app.sim.outbound().len(), 1, "only the third one left");
        for id in [&one, &two] {
            assert_eq!(shop.api.message(id).await["status"], "cancelled");
        }
        let done = shop.api.all("/api/v1/dead-letters?status=cancelled").await;
        assert_eq!(done.len(), 2);
        let summary = shop
            .api
            .get("/api/v1/dead-letters/summary")
            .await
            .expect(200);
        assert_eq!(summary["open"], 0, "whoever cancelled knows: {summary}");
        // Cancelled by mistake: it can be sent again.
        let again = shop
            .api
            .post(&format!("/api/v1/messages/{one}/retry"), &json!({}))
            .await
            .expect(202);
        delivered(&shop, again["id"].as_str().unwrap()).await;
        for wrong in [
            json!({ "lane": "fast" }),
            json!({ "batch": "a b" }),
            json!({}),
            json!({ "all": true, "lane": "bulk" }),
        ] {
            shop.api
                .post("/api/v1/queue/cancel", &wrong)
                .await
                .expect_problem(422, "invalid");
        }
        let long = json!({ "reason": "x".repeat(201) });
        shop.api
            .post("/api/v1/queue/pause", &long)
            .await
            .expect_problem(422, "invalid");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_misspelt_member_does_not_make_a_request_do_more_than_was_meant() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let died = refused(app, &shop, 131_047, 1).await;
        act(&shop, "pause", &json!({ "batch": "spring" })).await;
        let mut message = hello();
        message["batch"] = json!("spring");
        let waiting = shop.api.send(&message).await;
        let keys = shop.api.all("/api/v1/api-keys").await.len();
        for (path, body) in [
            ("queue/cancel", json!({ "bach": "autumn" })),
            ("queue/pause", json!({ "bach": "autumn" })),
            ("queue/resume", json!({ "number": shop.number })),
            ("messages/retry", json!({ "filter": { "cod": 131_026 } })),
            ("messages/retry", json!({ "filter": {}, "befor": "msg_1" })),
            (
                "dead-letters/dismiss",
                json!({ "filter": { "cod": 131_026 } }),
            ),
            ("dead-letters/dismiss", json!({ "filters": {} })),
            (
                "api-keys",
                json!({ "name": "reads only", "scope": ["inbox:read"] }),
            ),
            (
                "invitations",
                json!({ "email": "a@example.com", "role": "agent", "conversation": "own" }),
            ),
        ] {
            let path = format!("/api/v1/{path}");
            let problem = shop
                .api
                .post(&path, &body)
                .await
                .expect_problem(422, "bad_body");
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains("unknown field"), "{path} {body}: {detail}");
        }
        shop.api
            .put("/api/v1/auto-replies", &json!({ "welcom": "Hola" }))
            .await
            .expect_problem(422, "bad_body");
        app.admin()
            .post(
                "/api/v1/admin/invitations",
                &json!({ "email": "a@example.com", "tenant": "ten_1" }),
            )
            .await
            .expect_problem(422, "bad_body");
        for path in ["messages/retry", "dead-letters/dismiss"] {
            let nothing = json!({ "filter": { "batch": "" } });
            shop.api
                .post(&format!("/api/v1/{path}"), &nothing)
                .await
                .expect_problem(422, "invalid");
        }
        let now = queue(&shop).await;
        assert!(now["paused"].is_null(), "nothing else was paused: {now}");
        assert!(
            now["batches"][0]["paused"].is_object(),
            "nor resumed: {now}"
        );
        assert_ne!(shop.api.message(&waiting).await["status"], "cancelled");
        let letters = shop.api.all("/api/v1/dead-letters?state=open").await;
        assert_eq!(letters.len(), died.len(), "{letters:?}");
        assert_eq!(app.sim.outbound().len(), 0, "nothing was sent again");
        assert_eq!(shop.api.all("/api/v1/api-keys").await.len(), keys);
    })
    .await;
}

/// A clock that the story moves.
pub(crate) fn by_hand() -> Setup {
    Setup {
        settle: Duration::from_secs(60),
        ..Setup::by_hand()
    }
}

/// A message of which nobody knows whether it left: the answer was lost, and Meta reports nothing.
pub(crate) async fn doubtful(app: &TestApp, shop: &Tenant) -> String {
    app.faults(
        &json!({ "drop_response_rate": 1.0, "only_path": "messages", "webhook_offline": true }),
    )
    .await;
    let id = shop.api.send(&hello()).await;
    app.status_of(shop, &id, "uncertain").await;
    app.faults(&json!({ "drop_response_rate": 0.0 })).await;
    id
}

pub(crate) async fn waits_for_somebody(app: &TestApp, shop: &Tenant, id: &str) -> Value {
    app.engine.clock.advance(Duration::from_secs(61));
    until("somebody has to decide", async || {
        let rows = shop.api.all("/api/v1/queue/uncertain").await;
        let found = rows.iter().find(|row| row["message"]["id"] == id);
        found.cloned().ok_or(format!("{rows:?}"))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_knows_is_listed_with_its_evidence_and_settled_by_a_person() {
    each_database_with(by_hand, async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let id = doubtful(app, &shop).await;
        let early = shop.api.all("/api/v1/queue/uncertain").await;
        assert!(early.is_empty(), "a report may still settle it: {early:?}");
        let waiting = shop.api.all("/api/v1/queue/uncertain?all=true").await;
        assert!(waiting[0]["settle_at"].is_string(), "{waiting:?}");
        let row = waits_for_somebody(app, &shop, &id).await;
        assert!(
            row["reason"].as_str().unwrap().len() > 10 && row["doubts"] == 1,
            "{row}"
        );
        assert_eq!(row["settle_at"], Value::Null);
        let counts = shop.api.get("/api/v1/queue/counts").await.expect(200);
        assert_eq!(
            (&counts["uncertain"], &counts["dead_letters"]),
            (&json!(1), &json!(0))
        );
        assert!(
            other
                .api
                .all("/api/v1/queue/uncertain?all=true")
                .await
                .is_empty()
        );
        let path = format!("/api/v1/messages/{id}/settle");
        other
            .api
            .post(&path, &json!({ "decision": "mark_sent" }))
            .await
            .expect_problem(404, "not_found");
        shop.api
            .post(&path, &json!({ "decision": "mark_sent" }))
            .await
            .expect(200);
        assert_eq!(shop.api.message(&id).await["status"], "sent");
        shop.api
            .post(&path, &json!({ "decision": "give_up" }))
            .await
            .expect_problem(409, "not_uncertain");
        let life = shop
            .api
            .get(&format!("/api/v1/messages/{id}/life"))
            .await
            .expect(200);
        let events = life["events"].as_array().unwrap();
        let doubt = events.iter().find(|step| step["kind"] == "uncertain");
        assert!(
            doubt.is_some_and(|step| step["detail"].is_string()),
            "{life}"
        );
        let settled = events
            .iter()
            .find(|step| step["data"]["decision"] == "mark_sent")
            .unwrap();
        assert!(settled["data"]["by"].is_string(), "who decided: {settled}");
        assert_eq!(app.sim.outbound().len(), 1, "it was sent once");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_is_a_dead_letter_and_what_is_sent_again_leaves() {
    each_database_with(by_hand, async |app| {
        let shop = app.tenant(1).await;
        let (one, two) = (doubtful(app, &shop).await, doubtful(app, &shop).await);
        waits_for_somebody(app, &shop, &one).await;
        waits_for_somebody(app, &shop, &two).await;
        let settle = |id: &str| format!("/api/v1/messages/{id}/settle");
        shop.api
            .post(&settle(&one), &json!({ "decision": "give_up" }))
            .await
            .expect(200);
        let letters = shop.api.all("/api/v1/dead-letters?state=open").await;
        assert_eq!(letters[0]["message"]["id"], one.as_str());
        assert_eq!(letters[0]["message"]["error"]["code"], 0);
        assert_eq!(
            letters[0]["message"]["error"]["remedy"],
            Value::Null,
            "Meta's code 0 is another thing: {letters:?}"
        );
        // Before the webhooks that would settle it by themselves.
        shop.api
            .post(&settle(&two), &json!({ "decision": "send_again" }))
            .await
            .expect(200);
        app.faults(&json!({ "webhook_offline": false })).await;
        delivered(&shop, &two).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_on_the_way_is_a_step_of_the_life_line() {
    let setup = || Setup {
        max_attempts: 2,
        ..by_hand()
    };
    each_database_with(setup, async |app| {
        let shop = app.tenant(1).await;
        refuses(app, 131_000).await;
        let id = shop.api.send(&hello()).await;
        let held = app.status_of(&shop, &id, "held").await;
        assert_eq!(held["hold"]["code"], "retry", "{held}");
        assert!(held["hold"]["until"].is_string(), "{held}");
        takes_again(app).await;
        app.engine.clock.advance(Duration::from_secs(600));
        delivered(&shop, &id).await;
        let life = shop
            .api
            .get(&format!("/api/v1/messages/{id}/life"))
            .await
            .expect(200);
        let refused = life["events"]
            .as_array()
            .unwrap()
            .iter()
            .find(|step| step["kind"] == "refused")
            .unwrap()
            .clone();
        assert!(
            refused["detail"].as_str().unwrap().contains("131000"),
            "{refused}"
        );
        assert_eq!(
            (&refused["data"]["try"], &refused["data"]["hold"]),
            (&json!(1), &json!("retry")),
            "{refused}"
        );
    })
    .await;
}
