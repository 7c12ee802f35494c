//! Many events: what failed is seen in the list, what is held is tried again at once and told, and who reports much does
//! not make others wait.

use std::time::Duration;

use serde_json::{Value, json};
use store::db::Sql;
use testkit::{Setup, Tenant, TestApp, each_database, each_database_with, until};

use crate::stage::{event_is, example, example_templates, order, order_with, report, rule, taken};

async fn retry_many(shop: &Tenant, body: Value) -> Value {
    let answer = shop.api.post("/api/v1/events/retry", &body).await;
    answer.expect(200)
}

/// The open alert about held events.
async fn alerts(app: &TestApp, shop: &Tenant) -> usize {
    engine::health::alerts::sweep(&app.engine).await.unwrap();
    let all = shop.api.all("/api/v1/alerts").await;
    let about = |one: &&Value| one["kind"] == "events_held" && one["resolved_at"].is_null();
    all.iter().filter(about).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_whose_message_failed_is_seen_in_the_list() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        for tenant in [&shop, &other] {
            rule(tenant, &example("purchase_order.created")).await;
        }
        let fine = report(&shop, &order("po-1")).await;
        event_is(&shop, &fine, "sent").await;
        taken(app, 1).await;
        let refuse = json!({ "match": { "method": "POST", "path": "/messages" }, "answer": { "code": 131_026, "mode": "sync" } });
        app.faults(&json!({ "script": [refuse] })).await;
        let failed = report(&shop, &order("po-2")).await;
        event_is(&shop, &failed, "sent").await;
        until("the list shows it", async || {
            let all = shop.api.all("/api/v1/events?message_failed=true").await;
            match all.as_slice() {
                [one] if one["id"] == *failed && one["failed_messages"] == 1 => Ok(()),
                _ => Err(format!("{all:?}")),
            }
        })
        .await;
        let all = shop.api.all("/api/v1/events").await;
        let of = |id: &str| all.iter().find(|one| one["id"] == id).unwrap();
        assert_eq!(of(&fine)["failed_messages"], 0, "{all:?}");
        assert_eq!(of(&failed)["failed_messages"], 1, "{all:?}");
        let theirs = other.api.all("/api/v1/events?message_failed=true").await;
        assert!(theirs.is_empty(), "{theirs:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_held_is_tried_again_at_once_and_told_until_then() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let id = rule(&shop, &example("purchase_order.created")).await;
        rule(&other, &example("purchase_order.created")).await;
        let mut held = Vec::new();
        for n in 0..3 {
            let event = order_with(&format!("po-{n}"), "/supplier/name", json!(""));
            held.push(report(&shop, &event).await);
        }
        let theirs = order_with("po-1", "/supplier/name", json!(""));
        let theirs = report(&other, &theirs).await;
        for (tenant, event) in held.iter().map(|id| (&shop, id)).chain([(&other, &theirs)]) {
            event_is(tenant, event, "held").await;
        }
        assert_eq!(alerts(app, &shop).await, 1, "told once");
        let event = order_with("po-more", "/supplier/name", json!(""));
        held.push(report(&shop, &event).await);
        event_is(&shop, &held[3], "held").await;
        assert_eq!(alerts(app, &shop).await, 1, "and not again");
        let said = shop.api.all("/api/v1/alerts").await;
        let said = said.iter().find(|one| one["kind"] == "events_held").unwrap();
        assert!(said["detail"].as_str().unwrap().contains('4'), "as many as there are now: {said}");
        for body in [
            json!({ "state": "sent" }),
            json!({ "state": "held", "reason": "no such" }),
            json!({ "state": "held", "rule_id": "x" }),
        ] {
            let answer = shop.api.post("/api/v1/events/retry", &body).await;
            answer.expect_problem(422, "invalid");
        }
        for none in [
            json!({ "state": "failed" }),
            json!({ "state": "held", "reason": "not_a_date" }),
            json!({ "state": "held", "type": "invoice.issued" }),
        ] {
            assert_eq!(retry_many(&shop, none).await["events"], 0);
        }
        let path = format!("/api/v1/notification-rules/{id}");
        let mut parameters = example("purchase_order.created")["parameters"].clone();
        parameters["body"][0]["if_missing"] = json!("proveedor");
        let mended = json!({ "parameters": parameters });
        shop.api.patch(&path, &mended).await.expect(200);
        let wanted = json!({ "state": "held", "reason": "parameter_missing", "type": "purchase_order.created", "rule_id": id });
        let answer = retry_many(&shop, wanted).await;
        assert_eq!(answer, json!({ "events": 4, "results": 4, "next": null }));
        for event in &held {
            event_is(&shop, event, "sent").await;
        }
        taken(app, 4).await;
        event_is(&other, &theirs, "held").await;
        assert_eq!((alerts(app, &shop).await, alerts(app, &other).await), (0, 1));
        let acts = shop.api.all("/api/v1/audit").await;
        let acts: Vec<_> = acts.iter().filter(|act| act["action"] == "event.retry").collect();
        assert_eq!(acts.len(), 1, "{acts:?}");
        assert_eq!(acts[0]["after"]["retried"], 4, "{acts:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reports_much_does_not_make_others_wait() {
    let nobody_works = || Setup {
        workers: false,
        ..Setup::default()
    };
    each_database_with(nobody_works, async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        for list in [0..500, 500..900] {
            let flood: Vec<_> = list.map(|n| order(&format!("po-{n}"))).collect();
            shop.api
                .post("/api/v1/events", &json!(flood))
                .await
                .expect(202);
        }
        let last = report(&other, &order("po-x")).await;
        let templates = engine::templates::Templates::default();
        let done = engine::notify::step(&app.engine, &templates).await.unwrap();
        assert!(done <= 512, "{done}");
        event_is(&other, &last, "ignored").await;
        let waiting = shop.api.all("/api/v1/events?state=waiting").await.len();
        assert_eq!(
            waiting,
            900 + 1 - done,
            "and nobody of the others is passed over"
        );
        let mut rest = 0;
        loop {
            match engine::notify::step(&app.engine, &templates).await.unwrap() {
                0 => break,
                more => rest += more,
            }
        }
        assert_eq!(done + rest, 901);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_that_was_held_when_it_was_due_is_sent_by_a_later_try() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        crate::stage::example_templates(app).await;
        let rule = rule(&shop, &example("appointment.booked")).await;
        let clock = &app.engine.clock;
        let hours = |n: u32| Duration::from_secs(3_600) * n;
        let booked = json!({ "type": "appointment.booked", "id": "b-1", "data": { "appointment_id": "A-1",
            "at": clock.now().plus(hours(30)).rfc3339(), "customer": { "name": "Ana", "phone": "+34600000001" } } });
        let event = report(&shop, &booked).await;
        event_is(&shop, &event, "scheduled").await;
        let path = format!("/api/v1/notification-rules/{rule}");
        let good = example("appointment.booked")["parameters"].clone();
        let mut bad = good.clone();
        bad["body"][0] = json!({ "path": "$.data.nothing" });
        shop.api.patch(&path, &json!({ "parameters": bad })).await.expect(200);
        clock.advance(hours(7));
        event_is(&shop, &event, "held").await;
        shop.api.patch(&path, &json!({ "parameters": good })).await.expect(200);
        retry_many(&shop, json!({ "state": "held" })).await;
        event_is(&shop, &event, "sent").await;
        taken(app, 1).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_database_refuses_comes_again_and_holds_up_nobody() {
    each_database_with(Setup::by_hand, async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let mut broken = example("purchase_order.created");
        broken["name"] = json!("Broken");
        rule(&shop, &broken).await;
        rule(&other, &example("purchase_order.created")).await;
        // An index that cannot be kept of what this rule comes to: the database refuses every row of it.
        let refuse = Sql::Each {
            sqlite: "CREATE INDEX refused ON notification_results (json(rule_name)) WHERE rule_name = 'Broken'",
            postgres: "CREATE INDEX refused ON notification_results ((rule_name::json->>'x')) WHERE rule_name = 'Broken'",
        };
        let db = &app.engine.db;
        db.run(refuse, Vec::new()).await.unwrap();
        let first = report(&shop, &order("po-1")).await;
        let theirs = report(&other, &order("po-1")).await;
        event_is(&other, &theirs, "sent").await;
        let backlog = store::events::any_tenant_backlog(db).await.unwrap();
        assert_eq!(backlog.unwrap().count, 1, "it waits");
        db.run(Sql::Both("DROP INDEX refused"), Vec::new()).await.unwrap();
        until("it comes again", async || {
            app.engine.clock.advance(Duration::from_secs(61));
            let event = shop.api.get(&format!("/api/v1/events/{first}")).await.expect(200);
            (event["state"] == "sent").then_some(()).ok_or(event.to_string())
        })
        .await;
        taken(app, 2).await;
    })
    .await;
}

/// A rule that was asked for again while others of the event were being written down.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_be_tried_again_keeps_its_event_waiting_whatever_became_of_other_rules() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        example_templates(app).await;
        let one = rule(&shop, &example("purchase_order.created")).await;
        let mut second = example("purchase_order.created");
        second["name"] = json!("the same once more");
        rule(&shop, &second).await;
        let id = report(&shop, &order_with("a", "/supplier/phone", Value::Null)).await;
        event_is(&shop, &id, "held").await;
        let (engine, event) = (&app.engine, id.parse().unwrap());
        let now = engine.clock.now();
        let mut tx = engine.db.begin().await.unwrap();
        let tenant = shop.id.parse().unwrap();
        let again =
            store::events::results::retry(&mut tx, tenant, event, Some(one.parse().unwrap()), now)
                .await;
        assert_eq!(again.unwrap(), 1);
        let settled = store::events::any_tenant_settle(&mut tx, &[event], now)
            .await
            .unwrap();
        assert_eq!(settled[0].state, "waiting", "the other one is held");
        tx.commit().await.unwrap();
    })
    .await;
}
