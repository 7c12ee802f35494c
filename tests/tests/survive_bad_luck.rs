//! What goes wrong at the wrong moment stops nothing, loses nothing and is explained.

#![expect(clippy::unwrap_used, reason = "a story stops where it cannot go on")]

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use rand::RngExt as _;
use rand::distr::Alphanumeric;
use serde_json::{Value, json};
use testkit::{Setup, Tenant, TestApp, each_database, each_database_with, number, until, webhook};

const CUSTOMER: &str = "34600000001";
const OTHER: &str = "34600000002";
/// A moment of 2026, in seconds since 1970.
const AT: i64 = 1_780_000_000;

/// A clock that a story moves.
fn by_hand() -> Setup {
    Setup {
        max_attempts: 3,
        ..Setup::by_hand()
    }
}

fn hello(to: &str) -> Value {
    json!({ "to": to, "template": { "name": "hello_world", "language": "en_US" } })
}

async fn says(app: &TestApp, number: &str, from: &str, wamid: &str) {
    let value = webhook::text(number, from, wamid, AT, "Hola");
    app.deliver(webhook::post([value]).to_string())
        .await
        .expect(200);
}

/// Meta refuses every send with this code.
async fn refuses(app: &TestApp, code: i64) {
    app.faults(&json!({ "error_rate": 1.0, "error_code": code, "only_path": "messages" }))
        .await;
}

fn refusals(app: &TestApp, code: i64) -> usize {
    app.sim
        .calls()
        .into_iter()
        .filter(|call| call.code == Some(code))
        .count()
}

async fn wamids(tenant: &Tenant) -> Vec<String> {
    let all = tenant.api.all("/api/v1/messages").await;
    all.iter()
        .map(|message| message["wamid"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// Assigned behind the product's back, so that nothing replays by itself.
async fn assigned_quietly(app: &TestApp, tenant: &Tenant, number: &str) {
    let mut tx = app.engine.db.begin().await.unwrap();
    let id = tenant.id.parse().unwrap();
    let assigned = store::numbers::assign(&mut tx, id, number, app.engine.clock.now()).await;
    assert!(assigned.unwrap(), "the number is free");
    tx.commit().await.unwrap();
}

/// The message has reached the phone; whether somebody reads it is theirs to say.
async fn delivered(tenant: &Tenant, message: &str) -> Value {
    until("the message is delivered", async || {
        let row = tenant.api.message(message).await;
        if row["delivered_at"].is_string() {
            Ok(row)
        } else {
            Err(row.to_string())
        }
    })
    .await
}

/// The message's place in the queue, once Meta has refused it or could not be reached.
async fn waiting(tenant: &Tenant, message: &str, word: &str) -> Value {
    until(&format!("the message says {word:?}"), async || {
        let row = tenant.api.message(message).await;
        let queue = &row["queue"];
        let reason = queue["reason"].as_str().unwrap_or_default();
        let waits = queue["state"] == "queued" || queue["state"] == "held";
        if waits && reason.contains(word) {
            Ok(queue.clone())
        } else {
            Err(row.to_string())
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_changed_to_that_of_another_contact_stops_nothing() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        says(app, &shop.number, CUSTOMER, "wamid.C1").await;
        says(app, &shop.number, OTHER, "wamid.C2").await;
        app.projected().await;

        let changed = json!({ "id": "wamid.C3", "timestamp": (AT + 1).to_string(), "type": "system", "system": {
            "body": "Ana changed from 34600000001 to 34600000002", "wa_id": OTHER, "type": "user_changed_number" } });
        let value = webhook::message(&shop.number, CUSTOMER, changed);
        app.delivered(webhook::post([value]).to_string()).await;

        says(app, &shop.number, CUSTOMER, "wamid.C4").await;
        says(app, &shop.number, OTHER, "wamid.C5").await;
        let intake = app.projected().await;
        assert_eq!((&intake["backlog"], &intake["parked"]), (&json!(0), &json!(0)), "{intake}");
        let seen: BTreeSet<_> = wamids(&shop).await.into_iter().collect();
        for n in [1, 2, 4, 5] {
            let wamid = format!("wamid.C{n}");
            assert!(seen.contains(&wamid), "{wamid} is missing: {seen:?}");
        }
        assert_eq!(shop.api.all("/api/v1/contacts").await.len(), 2, "two people stay two");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wamid_too_large_for_an_index_stops_nothing() {
    each_database(async |app| {
        let (shop, later) = (app.tenant(1).await, app.new_tenant("Más tarde").await);
        // Random, so that no database makes it small.
        let noise = rand::rng().sample_iter(Alphanumeric);
        let long: String = noise.take(9_000).map(char::from).collect();
        says(app, &shop.number, CUSTOMER, "wamid.L1").await;
        says(app, &shop.number, CUSTOMER, &long).await;
        says(app, &shop.number, CUSTOMER, "wamid.L2").await;
        says(app, &number(3), CUSTOMER, "wamid.L3").await;
        let intake = app.projected().await;
        let seen = wamids(&shop).await;
        for wamid in ["wamid.L1", "wamid.L2"] {
            assert!(
                seen.iter().any(|had| had == wamid),
                "{wamid} is missing: {intake}"
            );
        }
        assert_eq!(app.kept().await.len(), 4, "everything is kept");
        let postgres = app.database.kind() == "PostgreSQL";
        let failed = intake["parked_by_reason"]["projection_failed"].clone();
        if postgres {
            assert_eq!(failed, json!(1), "{intake}");
        }
        let remaining = failed.as_i64().unwrap_or(0);
        assert_eq!(
            seen.len() as i64 + remaining,
            3,
            "it is shown or parked: {intake}"
        );

        assigned_quietly(app, &later, &number(3)).await;
        for settled in [1, 0] {
            let all = app
                .admin()
                .post("/api/v1/admin/intake/parked/replay", &json!({}))
                .await;
            assert_eq!(
                all.expect(200),
                json!({ "settled": settled, "remaining": remaining })
            );
        }
        assert_eq!(
            wamids(&later).await,
            ["wamid.L3"],
            "what was parked after it has its place"
        );
        for row in app.admin().all("/api/v1/admin/intake/parked").await {
            let path = format!(
                "/api/v1/admin/intake/parked/{}/replay",
                row["id"].as_str().unwrap()
            );
            let one = app.admin().post(&path, &json!({})).await;
            assert_eq!(one.expect(200), json!({ "settled": 0, "remaining": 1 }));
        }
        assert_eq!(app.intake().await["parked"], remaining);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_suspended_tenant_had_queued_does_not_leave() {
    each_database_with(by_hand, async |app| {
        let shop = app.tenant(1).await;
        refuses(app, 131_056).await;
        let id = shop.api.send(&hello(CUSTOMER)).await;
        waiting(&shop, &id, "131056").await;
        app.change_tenant(&shop, &json!({ "status": "suspended" }))
            .await;
        app.faults(&json!({ "error_rate": 0.0 })).await;
        app.engine.clock.advance(Duration::from_secs(60));

        until("nothing waits any more", async || {
            let outbox = app.intake().await["outbox"].clone();
            if outbox == json!({}) {
                Ok(())
            } else {
                Err(outbox.to_string())
            }
        })
        .await;
        assert_eq!(app.sim.outbound_summary().total, 0, "nothing has left");
        app.change_tenant(&shop, &json!({ "status": "active" }))
            .await;
        let message = shop.api.message(&id).await;
        assert_eq!(message["status"], "failed", "{message}");
        let explanation = message["error"]["explanation"].as_str().unwrap_or_default();
        assert!(explanation.len() > 20, "a sentence that helps: {message}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_after_the_number_was_taken_back_is_still_a_repeat() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let first = shop
            .api
            .send_with_key("order-1", &hello(CUSTOMER))
            .await
            .expect(202);
        delivered(&shop, first["id"].as_str().unwrap()).await;
        app.unassign(&shop).await;
        let again = shop
            .api
            .send_with_key("order-1", &hello(CUSTOMER))
            .await
            .expect(200);
        assert_eq!(
            (&again["id"], &again["repeated"]),
            (&first["id"], &json!(true))
        );
        let other = shop.api.send_with_key("order-1", &hello(OTHER)).await;
        other.expect_problem(409, "idempotency_key_reused");
        let fresh = shop.api.send_with_key("order-2", &hello(CUSTOMER)).await;
        fresh.expect_problem(409, "no_number");
        assert_eq!(app.sim.outbound_summary().total, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_of_a_revoked_key_ends() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let keys = format!("/api/v1/admin/tenants/{}/api-keys", shop.id);
        let mut ours = shop.api.listen(None).await;
        for busy in [false, true] {
            let made = app
                .admin()
                .post(&keys, &json!({ "name": "lost" }))
                .await
                .expect(201);
            let lost = app.client(made["api_key"].as_str());
            let mut theirs = lost.listen(None).await;
            says(app, &shop.number, CUSTOMER, &format!("wamid.R{busy}")).await;
            theirs.next().await;
            let path = format!("{keys}/{}", made["id"].as_str().unwrap());
            let revoked = app.admin().delete(&path).await;
            assert!(revoked.status < 300, "{revoked:?}");
            let chatter = async {
                for n in 0.. {
                    if !busy {
                        return std::future::pending().await;
                    }
                    says(app, &shop.number, CUSTOMER, &format!("wamid.C{n}")).await;
                }
            };
            tokio::select! {
                () = chatter => {}
                ended = tokio::time::timeout(Duration::from_secs(10), theirs.ends()) =>
                    assert!(ended.unwrap_or(false), "still open; busy: {busy}"),
            }
            lost.get("/api/v1/stream")
                .await
                .expect_problem(401, "unauthorized");
            ours.next().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_replays_at_once_keep_the_books_straight() {
    each_database(async |app| {
        let shop = app.new_tenant("Repetida").await;
        for n in 0..20 {
            let from = format!("3460000000{}", n % 4);
            says(app, &number(3), &from, &format!("wamid.M{n}")).await;
        }
        app.projected().await;
        let parked = "/api/v1/admin/intake/parked";
        let rows = app.admin().all(parked).await;
        assert_eq!(rows.len(), 20);
        let mut paths: Vec<_> = rows
            .iter()
            .map(|row| format!("{parked}/{}/replay", row["id"].as_str().unwrap()))
            .collect();
        paths.push(format!("{parked}/replay"));
        let (admin, nothing) = (app.admin(), json!({}));
        let many =
            join_all((0..4).flat_map(|_| paths.iter().map(|path| admin.post(path, &nothing))));
        let third = number(3);
        let (_, answers) = tokio::join!(app.assign(&shop, &third), many);
        for answer in answers {
            assert!(matches!(answer.status, 200 | 404), "{answer:?}");
        }
        let intake = until("nothing is parked any more", async || {
            let intake = app.intake().await;
            if intake["parked"] == 0 {
                Ok(intake)
            } else {
                Err(intake.to_string())
            }
        })
        .await;
        for (count, value) in [
            ("received", 20),
            ("stored", 20),
            ("projected", 20),
            ("duplicates", 0),
            ("backlog", 0),
        ] {
            assert_eq!(intake[count], value, "{count}: {intake}");
        }
        let all = wamids(&shop).await;
        let each: BTreeSet<_> = all.iter().collect();
        assert_eq!(
            (all.len(), each.len()),
            (20, 20),
            "each message once: {all:?}"
        );
        assert_eq!(shop.api.all("/api/v1/contacts").await.len(), 4);
        let unread: i64 = shop
            .api
            .all("/api/v1/conversations")
            .await
            .iter()
            .filter_map(|row| row["unread_count"].as_i64())
            .sum();
        assert_eq!(unread, 20, "each was counted once");
        assert_eq!(app.admin().all(parked).await, [] as [Value; 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nul_in_what_people_write_is_no_fault_of_the_server() {
    each_database(async |app| {
        let (admin, shop) = (app.admin(), app.tenant(1).await);
        let tenant = format!("/api/v1/admin/tenants/{}", shop.id);
        let nul = "Pan\0adería";
        let mut answers = vec![
            admin.patch(&tenant, &json!({ "name": nul })).await,
            admin.patch(&tenant, &json!({ "welcome": nul })).await,
            admin
                .patch(&tenant, &json!({ "auto_replies": { "welcome": nul } }))
                .await,
            admin
                .post("/api/v1/admin/tenants", &json!({ "name": nul }))
                .await,
            admin
                .post(&format!("{tenant}/api-keys"), &json!({ "name": nul }))
                .await,
            shop.api
                .put("/api/v1/auto-replies", &json!({ "welcome": nul }))
                .await,
            shop.api
                .post("/api/v1/messages", &json!({ "to": CUSTOMER, "text": nul }))
                .await,
        ];
        let taken = matches!(answers[0].status, 200..300 | 422);
        assert!(taken, "{:?}", answers[0]);
        for path in [
            "messages?wamid=a%00b",
            "messages?conversation_id=%00",
            "conversations?phone_number_id=%00",
            "contacts?search=%00",
            "contacts?q=%00",
            "messages/%00",
        ] {
            answers.push(shop.api.get(&format!("/api/v1/{path}")).await);
        }
        answers.push(admin.get("/api/v1/admin/intake/parked?reason=%00").await);
        let broken: Vec<_> = answers
            .iter()
            .filter(|answer| answer.status >= 500)
            .collect();
        assert!(broken.is_empty(), "{broken:?}");
        says(app, &shop.number, CUSTOMER, "wamid.N1").await;
        app.projected().await;
        assert!(wamids(&shop).await.iter().any(|wamid| wamid == "wamid.N1"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tries_that_never_reached_meta_use_up_nothing() {
    each_database_with(by_hand, async |app| {
        let shop = app.tenant(1).await;
        app.gate.leave().await;
        let id = shop.api.send(&hello(CUSTOMER)).await;
        let mut queue = waiting(&shop, &id, "cannot be reached").await;
        for _ in 0..4 {
            app.engine.clock.advance(Duration::from_secs(6));
            queue = until("it was tried once more", async || {
                let now = shop.api.message(&id).await["queue"].clone();
                let tried = now["state"] == "held" && now["next_at"] != queue["next_at"];
                if tried { Ok(now) } else { Err(now.to_string()) }
            })
            .await;
            assert_eq!(queue["attempts"], 0, "{queue}");
        }
        refuses(app, 131_000).await;
        app.gate.back();
        app.engine.clock.advance(Duration::from_secs(6));
        let queue = waiting(&shop, &id, "131000").await;
        assert_eq!(queue["attempts"], 1, "{queue}");
        assert_eq!(refusals(app, 131_000), 1);
        app.faults(&json!({ "error_rate": 0.0 })).await;
        app.engine.clock.advance(Duration::from_secs(60));
        delivered(&shop, &id).await;
        assert_eq!(app.sim.outbound_summary().total, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_says_why_it_waits() {
    each_database(async |app| {
        for (n, code) in [(1, 130_429), (2, 190)] {
            let shop = app.tenant(n).await;
            // For this number alone: the other one must not try again into somebody else's trouble.
            let rule = json!({ "match": { "path": "/messages", "phone_number_id": shop.number }, "answer": { "code": code } });
            app.faults(&json!({ "script": [rule] })).await;
            let id = shop.api.send(&hello(CUSTOMER)).await;
            let queue = waiting(&shop, &id, &format!("({code})")).await;
            let reason = queue["reason"].as_str().unwrap_or_default();
            assert!(reason.len() > 30, "a sentence that helps: {queue}");
            assert!(queue["next_at"].is_string(), "{queue}");
            assert_eq!(queue["attempts"], 0, "not about this message: {queue}");
            let listed = shop.api.all("/api/v1/messages").await;
            assert_eq!(listed[0]["queue"], Value::Null, "only on its own page");
        }
        // The number whose pace was the trouble goes on by itself.
        app.faults(&json!({ "script": null })).await;
        let shop = app.tenant(1).await;
        let id = shop.api.all("/api/v1/messages").await[0]["id"].clone();
        let message = delivered(&shop, id.as_str().unwrap()).await;
        assert_eq!(message["queue"], Value::Null, "{message}");
    })
    .await;
}
