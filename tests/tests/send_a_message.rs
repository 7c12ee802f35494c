//! A tenant sends: once, at the right moment, and with an honest word about what became of it.

#![expect(clippy::unwrap_used, reason = "a story stops where it cannot go on")]

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use testkit::{
    Setup, Tenant, TestApp, TestDatabase, each_database, each_database_with, number, until, webhook,
};

const CUSTOMER: &str = "34600000001";

/// A customer who wrote a moment ago: free-form messages may be sent.
async fn talking_to(app: &TestApp, shop: &Tenant, customer: &str) -> Value {
    let wamid = app.customer_says(&shop.number, customer, "Hola");
    until("the customer's message is here", async || {
        let all = shop.api.all("/api/v1/messages?direction=inbound").await;
        let found = all
            .iter()
            .find(|message| message["wamid"] == wamid.as_str());
        found.cloned().ok_or(format!("{all:?}"))
    })
    .await
}

async fn outbox(app: &TestApp) -> Value {
    app.intake().await["outbox"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_goes_out_as_meta_wants_it_and_arrives() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let theirs = talking_to(app, &shop, CUSTOMER).await;
        let contact = shop.api.all("/api/v1/contacts").await.remove(0);
        let bsuid = contact["user_id"].as_str().unwrap();
        let phone = format!("+{CUSTOMER}");
        let total = json!({ "type": "body", "parameters": [{ "type": "text", "text": "Ana" }, { "type": "text", "text": "OC-1" }, { "type": "text", "text": "12 €" }] });
        let link = "https://example.com/pan.jpg";
        let cases = [
            (json!({ "to": "+34 600-000-001", "text": "Hola 👋" }), "text", "/text/body", json!("Hola 👋")),
            (json!({ "to": phone, "type": "text", "text": { "body": "con enlace", "preview_url": true } }), "text", "/text/preview_url", json!(true)),
            (json!({ "to": phone, "template": { "name": "hello_world", "language": "en_US" } }), "template", "/template/language/code", json!("en_US")),
            (json!({ "to": phone, "template": { "name": "po_notification", "language": { "code": "es" }, "components": [total] } }), "template", "/template/components/0/parameters/1/text", json!("OC-1")),
            (json!({ "to": phone, "image": { "link": link, "caption": "Pan" } }), "image", "/image/link", json!(link)),
            (json!({ "to": phone, "text": "respondo", "reply_to": theirs["id"] }), "text", "/context/message_id", theirs["wamid"].clone()),
            (json!({ "to": phone, "reaction": { "message_id": theirs["id"], "emoji": "👍" } }), "reaction", "/reaction/message_id", theirs["wamid"].clone()),
            (json!({ "to": theirs["conversation_id"], "text": "por la conversación" }), "text", "/to", json!(phone)),
            (json!({ "to": bsuid, "text": "por el BSUID" }), "text", "/recipient", json!(bsuid)),
        ];
        for (n, (body, kind, pointer, value)) in cases.iter().enumerate() {
            let answer = shop.api.post("/api/v1/messages", body).await.expect(202);
            assert_eq!(answer["conversation_id"], theirs["conversation_id"], "one person, one conversation: {body}");
            let id = answer["id"].as_str().unwrap();
            let message = until(&format!("{body} is delivered"), async || {
                let message = shop.api.message(id).await;
                if message["delivered_at"].is_string() || message["read_at"].is_string() { Ok(message) } else { Err(message.to_string()) }
            })
            .await;
            assert_eq!(message["error"], Value::Null, "{body}");
            assert_eq!(message["type"], *kind);
            let sent = app.sim.outbound();
            assert_eq!(sent.len(), n + 1, "{body}");
            assert_eq!(sent[n].body.pointer(pointer), Some(value), "{}", sent[n].body);
            assert_eq!(message["wamid"], sent[n].wamid.as_str());
        }
        assert_eq!(outbox(app).await, json!({}), "nothing is left in the outbox");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_the_last_message_of_its_conversation() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let now = app.engine.clock.now().0 / 1_000_000;
        let value = webhook::text(&shop.number, CUSTOMER, "wamid.Q1", now - 60, "¿Hay pan?");
        app.delivered(webhook::post([value]).to_string()).await;
        shop.api
            .send(&json!({ "to": CUSTOMER, "text": "Sí, de sobra" }))
            .await;
        let conversation = shop.api.all("/api/v1/conversations").await.remove(0);
        assert_eq!(conversation["last_message"]["preview"], "Sí, de sobra");
        assert_eq!(conversation["last_message"]["direction"], "outbound");
        assert_eq!(
            conversation["unread_count"], 1,
            "an answer by a system reads nothing"
        );
        // A message that Meta delivers late does not push itself to the top.
        let value = webhook::text(&shop.number, CUSTOMER, "wamid.Q0", now - 1_000, "Hola");
        app.delivered(webhook::post([value]).to_string()).await;
        let conversation = shop.api.all("/api/v1/conversations").await.remove(0);
        assert_eq!(conversation["last_message"]["preview"], "Sí, de sobra");
        assert_eq!(conversation["unread_count"], 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_request_is_explained_and_nothing_is_recorded() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let cases = [
            (json!({}), "type"),
            (json!({ "text": "Hola" }), "to"),
            (json!({ "to": "123", "text": "Hola" }), "to"),
            (json!({ "to": 34_600_000_001_i64, "text": "Hola" }), "to"),
            (json!({ "to": "+34600000001", "text": "" }), "text"),
            (json!({ "to": "+34600000001", "text": "x".repeat(4_097) }), "text"),
            (json!({ "to": "+34600000001", "type": "hologram", "hologram": {} }), "type"),
            (json!({ "to": "+34600000001", "type": "image", "text": "x" }), "image"),
            (json!({ "to": "cnv_0193a5c47d1e7c3f8a2b4c5d6e7f8091", "text": "x" }), "to"),
            (json!({ "to": "+34600000001", "text": "x", "reply_to": "msg_0193a5c47d1e7c3f8a2b4c5d6e7f8091" }), "reply_to"),
            (json!({ "to": "+34600000001", "text": "x", "lane": "express" }), "lane"),
        ];
        for (body, field) in cases {
            let problem = shop.api.post("/api/v1/messages", &body).await.expect_problem(422, "invalid");
            let named = problem["errors"][0]["field"].as_str().unwrap_or_default();
            assert!(named.starts_with(field), "{named:?} instead of {field:?}: {problem}");
        }
        for unknown in [json!({ "type": "dance" }), json!({ "type": "dance", "dance": {} }), json!({ "dance": {} })] {
            let mut body = unknown.clone();
            body["to"] = json!("+34600000001");
            let problem = shop.api.post("/api/v1/messages", &body).await.expect_problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], "type", "{problem}");
            let said = problem["detail"].as_str().unwrap_or_default();
            assert!(said.contains("\"dance\" is not a message type") && said.contains("text, image, video"), "{unknown}: {said}");
        }
        let foreign = json!({ "to": "+34600000001", "from": number(2), "text": "x" });
        shop.api.post("/api/v1/messages", &foreign).await.expect_problem(422, "foreign_number");
        let broken = shop.api.request(reqwest::Method::POST, "/api/v1/messages").header("content-type", "application/json").body("{");
        testkit::Answer::of(broken).await.expect_problem(400, "bad_body");
        let long_key = shop.api.send_with_key(&"k".repeat(256), &json!({ "to": "+34600000001", "text": "x" })).await;
        long_key.expect_problem(422, "invalid");
        app.change_tenant(&shop, &json!({ "status": "suspended" })).await;
        let body = json!({ "to": "+34600000001", "text": "x" });
        shop.api.post("/api/v1/messages", &body).await.expect_problem(403, "suspended");
        assert_eq!(shop.api.all("/api/v1/messages").await, [] as [Value; 0]);
        assert_eq!(outbox(app).await, json!({}));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_sends_once() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let body = json!({ "to": "+34600000001", "template": { "name": "hello_world", "language": "en_US" } });
        let first = shop.api.send_with_key("order-1", &body).await.expect(202);
        let second = shop.api.send_with_key("order-1", &body).await.expect(200);
        assert_eq!((&first["id"], &second["repeated"]), (&second["id"], &json!(true)));
        let changed = json!({ "to": "+34600000002", "template": { "name": "hello_world", "language": "en_US" } });
        shop.api.send_with_key("order-1", &changed).await.expect_problem(409, "idempotency_key_reused");
        let theirs = other.api.send_with_key("order-1", &body).await.expect(202);
        assert_ne!(theirs["id"], first["id"], "another tenant's key is another key");

        let at_once = join_all((0..20).map(|_| shop.api.send_with_key("order-2", &body))).await;
        let mut ids: Vec<_> = at_once.iter().map(|answer| answer.json["id"].to_string()).collect();
        let fresh = at_once.iter().filter(|answer| answer.status == 202).count();
        assert!(at_once.iter().all(|answer| matches!(answer.status, 200 | 202)), "{at_once:?}");
        ids.dedup();
        assert_eq!((ids.len(), fresh), (1, 1), "one message: {at_once:?}");
        until("three messages are out", async || {
            let (sent, waiting) = (app.sim.outbound_summary(), outbox(app).await);
            if sent.total >= 3 && waiting == json!({}) { Ok(()) } else { Err(format!("{sent:?}, {waiting}")) }
        })
        .await;
        let summary = app.sim.outbound_summary();
        assert_eq!((summary.total, summary.max_identical_sends), (3, 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_repeated_to_two_processes_send_once() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let first = TestApp::start(database.clone(), Setup::default()).await;
    let shop = first.tenant(1).await;
    let second = first.beside().await;
    let there = second.client(Some(&shop.key));
    let body = |n: usize| json!({ "to": format!("+3460000{n:04}"), "template": { "name": "hello_world", "language": "en_US" } });
    for n in 0..10 {
        let (key, body) = (format!("order-{n}"), body(n));
        let both = (0..6).map(|m| if m % 2 == 0 { &shop.api } else { &there });
        let answers = join_all(both.map(|api| api.send_with_key(&key, &body))).await;
        let mut ids: Vec<_> = answers
            .iter()
            .map(|answer| answer.json["id"].to_string())
            .collect();
        assert!(
            answers
                .iter()
                .all(|answer| matches!(answer.status, 200 | 202)),
            "{answers:?}"
        );
        ids.dedup();
        assert_eq!(ids.len(), 1, "one message: {answers:?}");
    }
    until("all are out", async || {
        let (sent, waiting) = (first.sim.outbound_summary(), outbox(&first).await);
        if sent.total >= 10 && waiting == json!({}) {
            Ok(())
        } else {
            Err(format!("{sent:?}, {waiting}"))
        }
    })
    .await;
    let summary = first.sim.outbound_summary();
    assert_eq!((summary.total, summary.max_identical_sends), (10, 1));
    let contacts = shop.api.all("/api/v1/contacts").await;
    assert_eq!(
        contacts.len(),
        10,
        "one contact for each person, whoever recorded it: {contacts:?}"
    );
    assert_eq!(shop.api.all("/api/v1/messages").await.len(), 10);
    second.close().await;
    first.close().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_says_why() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let body = json!({ "to": "+34600000099", "template": { "name": "hello_world", "language": "en_US" } });
        for code in [131_026, 132_001] {
            app.faults(&json!({ "error_rate": 1.0, "error_code": code, "only_path": "/messages" })).await;
            let id = shop.api.send(&body).await;
            let message = app.status_of(&shop, &id, "failed").await;
            let error = &message["error"];
            assert_eq!(error["code"], code, "{message}");
            let explanation = error["explanation"].as_str().unwrap_or_default();
            assert!(explanation.len() > 20, "a sentence that helps: {error}");
            assert!(message["failed_at"].is_string(), "{message}");
        }
        assert_eq!(outbox(app).await, json!({}));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passing_refusal_is_tried_again_later() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        let body = |n: usize| json!({ "to": format!("+3460000{n:04}"), "template": { "name": "hello_world", "language": "en_US" } });
        for (n, code) in [131_000, 130_429].into_iter().enumerate() {
            app.faults(&json!({ "error_rate": 1.0, "error_code": code, "only_path": "messages" })).await;
            let id = shop.api.send(&body(n)).await;
            until("Meta has refused it", async || {
                let calls = app.sim.calls().into_iter().filter(|call| call.code == Some(code)).count();
                let waiting = outbox(app).await;
                if calls > 0 && waiting == json!({ "held": 1 }) { Ok(()) } else { Err(format!("{calls} refusals, outbox {waiting}")) }
            })
            .await;
            assert_eq!(shop.api.message(&id).await["status"], "held", "{code}");
            app.faults(&json!({ "error_rate": 0.0 })).await;
            app.engine.clock.advance(Duration::from_secs(3));
            until("it has arrived", async || {
                let message = shop.api.message(&id).await;
                if message["delivered_at"].is_string() { Ok(()) } else { Err(message.to_string()) }
            })
            .await;
        }
        assert_eq!(app.sim.outbound_summary().max_identical_sends, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_does_not_pass_fails_in_the_end() {
    let impatient = || Setup {
        max_attempts: 3,
        ..Setup::by_hand()
    };
    each_database_with(impatient, async |app| {
        let shop = app.tenant(1).await;
        app.faults(&json!({ "error_rate": 1.0, "error_code": 131_000, "only_path": "messages" }))
            .await;
        let id = shop
            .api
            .send(&json!({ "to": "+34600000001", "template": { "name": "hello_world", "language": "en_US" } }))
            .await;
        let message = until("it has failed", async || {
            app.engine.clock.advance(Duration::from_secs(60));
            let message = shop.api.message(&id).await;
            if message["status"] == "failed" {
                Ok(message)
            } else {
                Err(message.to_string())
            }
        })
        .await;
        assert_eq!(message["error"]["code"], 131_000);
        let tries = app
            .sim
            .calls()
            .into_iter()
            .filter(|call| call.code == Some(131_000))
            .count();
        assert_eq!(tries, 3);
        assert_eq!(outbox(app).await, json!({}));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_settled_by_the_status_and_nothing_is_sent_twice() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        talking_to(app, &shop, CUSTOMER).await;
        app.faults(
            &json!({ "drop_response_rate": 1.0, "only_path": "messages", "webhook_offline": true }),
        )
        .await;
        let id = shop
            .api
            .send(&json!({ "to": CUSTOMER, "text": "¿Llegó?" }))
            .await;
        app.status_of(&shop, &id, "uncertain").await;
        assert_eq!(outbox(app).await, json!({ "uncertain": 1 }));
        app.faults(&json!({ "webhook_offline": false })).await;
        let message = app.status_of(&shop, &id, "read").await;
        let sent = app.sim.outbound();
        assert_eq!(sent.len(), 1, "sent once: {sent:?}");
        assert_eq!(message["wamid"], sent[0].wamid.as_str());
        assert_eq!(outbox(app).await, json!({}), "nothing is in doubt any more");
    })
    .await;
}

/// A send whose answer is lost and of which no status comes.
async fn in_doubt(app: &TestApp, shop: &Tenant, customer: usize) -> String {
    app.faults(
        &json!({ "drop_response_rate": 1.0, "only_path": "messages", "webhook_offline": true }),
    )
    .await;
    let id = shop
        .api
        .send(&json!({ "to": format!("+3460000{customer:04}"), "template": { "name": "hello_world", "language": "en_US" } }))
        .await;
    app.status_of(shop, &id, "uncertain").await;
    id
}

/// Waits until the policy has been asked about everything that is due.
async fn policy_has_spoken(app: &TestApp) {
    until("the tenant's policy has spoken", async || {
        let mut tx = app.engine.db.begin().await.unwrap();
        let now = app.engine.clock.now();
        let due = store::outbox::claim::any_tenant_unsettled(&mut tx, now, 10)
            .await
            .unwrap();
        tx.rollback().await.unwrap();
        if due.is_empty() {
            Ok(())
        } else {
            Err(format!("{due:?}"))
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nobody_knows_a_person_is_asked() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        let mut ids = Vec::new();
        for customer in 1..=3 {
            ids.push(in_doubt(app, &shop, customer).await);
        }
        app.engine.clock.advance(Duration::from_secs(599));
        assert_eq!(
            outbox(app).await,
            json!({ "uncertain": 3 }),
            "not before the settle time"
        );
        app.engine.clock.advance(Duration::from_secs(2));
        policy_has_spoken(app).await;
        assert_eq!(outbox(app).await, json!({ "uncertain": 3 }));
        assert_eq!(
            app.sim.outbound_summary().total,
            3,
            "nothing is sent again blindly"
        );

        app.faults(&json!({ "drop_response_rate": 0.0 })).await;
        let settle = async |id: &str, decision: &str| {
            let path = format!("/api/v1/messages/{id}/settle");
            shop.api.post(&path, &json!({ "decision": decision })).await
        };
        let marked = settle(&ids[0], "mark_sent").await.expect(200);
        assert_eq!(marked["status"], "sent");
        let given_up = settle(&ids[1], "give_up").await.expect(200);
        assert_eq!(given_up["status"], "failed");
        assert!(given_up["error"]["explanation"].is_string(), "{given_up}");
        settle(&ids[2], "send_again").await.expect(200);
        app.status_of(&shop, &ids[2], "accepted").await;
        assert_eq!(
            app.sim.outbound_summary().total,
            4,
            "only the one that was asked for again"
        );
        for id in &ids {
            settle(id, "send_again")
                .await
                .expect_problem(409, "not_uncertain");
        }
        let odd = settle(&ids[0], "guess").await;
        assert_eq!(odd.status, 422, "{odd:?}");
        assert_eq!(outbox(app).await, json!({}));

        // The truth may still come: it is believed.
        app.faults(&json!({ "webhook_offline": false })).await;
        until("Meta's word stands", async || {
            let mut words = Vec::new();
            for id in &ids {
                words.push(shop.api.message(id).await["status"].clone());
            }
            // All of them had arrived, the one that was given up as well.
            if words
                .iter()
                .all(|word| *word == "delivered" || *word == "read")
            {
                Ok(())
            } else {
                Err(format!("{words:?}"))
            }
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_may_have_it_sent_once_more_and_no_more_than_that() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        app.change_tenant(&shop, &json!({ "uncertain_policy": "retry_once" }))
            .await;
        let id = in_doubt(app, &shop, 1).await;
        app.engine.clock.advance(Duration::from_secs(601));
        until("it is sent once more", async || {
            let (total, waiting) = (app.sim.outbound_summary().total, outbox(app).await);
            if total == 2 && waiting == json!({ "uncertain": 1 }) {
                Ok(())
            } else {
                Err(format!("{total}, {waiting}"))
            }
        })
        .await;
        assert_eq!(shop.api.message(&id).await["status"], "uncertain");
        app.engine.clock.advance(Duration::from_secs(601));
        policy_has_spoken(app).await;
        assert_eq!(
            outbox(app).await,
            json!({ "uncertain": 1 }),
            "now a person is asked"
        );
        assert_eq!(app.sim.outbound_summary().total, 2);
        app.faults(&json!({ "webhook_offline": false, "drop_response_rate": 0.0 }))
            .await;
        app.status_of(&shop, &id, "delivered").await;
        assert_eq!(outbox(app).await, json!({}));
        assert_eq!(
            shop.api.all("/api/v1/messages").await.len(),
            1,
            "both wamids are one message"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_number_nothing_is_sent_unless_the_platform_lends_one() {
    each_database(async |app| {
        let shop = app.new_tenant("Sin número").await;
        let body = json!({ "to": "+34600000001", "template": { "name": "hello_world", "language": "en_US" } });
        shop.api.post("/api/v1/messages", &body).await.expect_problem(409, "no_number");
        let fallback = json!({ "phone_number_id": number(6) });
        let set = app.admin().put("/api/v1/admin/whatsapp/fallback", &fallback).await.expect(200);
        assert_eq!(set["is_fallback"], true);
        shop.api.post("/api/v1/messages", &body).await.expect_problem(409, "no_number");
        app.change_tenant(&shop, &json!({ "fallback_allowed": true })).await;
        let id = shop.api.send(&body).await;
        let message = until("it is delivered", async || {
            let message = shop.api.message(&id).await;
            if message["delivered_at"].is_string() { Ok(message) } else { Err(message.to_string()) }
        })
        .await;
        assert_eq!(message["phone_number_id"], number(6).as_str());
        let own = app.tenant(1).await;
        let taken = json!({ "phone_number_id": own.number });
        app.admin().put("/api/v1/admin/whatsapp/fallback", &taken).await.expect_problem(409, "number_taken");
        let shop = app.assign(&shop, &number(2)).await;
        let id = shop.api.send(&body).await;
        assert_eq!(shop.api.message(&id).await["phone_number_id"], number(2).as_str(), "its own number goes first");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_answer_does_not_hold_up_the_next_message() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        app.gate.close();
        for n in 1..=3 {
            let to = format!("+3460000{n:04}");
            shop.api.send(&json!({ "to": to, "template": { "name": "hello_world", "language": "en_US" } })).await;
            until(&format!("message {n} has left though no answer has come"), async || {
                let total = app.sim.outbound_summary().total;
                if total == n { Ok(()) } else { Err(total.to_string()) }
            })
            .await;
        }
        app.gate.open();
        until("every answer is recorded", async || {
            let waiting = outbox(app).await;
            if waiting == json!({}) { Ok(()) } else { Err(waiting.to_string()) }
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_person_met_by_two_processes_at_once_is_one_contact() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let first = TestApp::start(database.clone(), Setup::default()).await;
    let shop = first.tenant(1).await;
    let second = first.beside().await;
    let there = second.client(Some(&shop.key));
    let mut all = Vec::new();
    for n in 0..25 {
        let to = format!("3460000{n:04}");
        let body = json!({ "to": to, "template": { "name": "hello_world", "language": "en_US" } });
        let value = webhook::text(
            &shop.number,
            &to,
            &format!("wamid.M{n}"),
            1_780_000_000,
            "Hola",
        );
        let post = webhook::post([value]).to_string();
        let (answers, delivered) = tokio::join!(
            join_all((0..4).map(|m| {
                let api = if m % 2 == 0 { &shop.api } else { &there };
                api.post("/api/v1/messages", &body)
            })),
            first.deliver(post),
        );
        delivered.expect(200);
        all.extend(answers);
    }
    for answer in all {
        answer.expect(202);
    }
    first.projected().await;
    let contacts = shop.api.all("/api/v1/contacts").await;
    let conversations = shop.api.all("/api/v1/conversations").await;
    assert_eq!(
        (contacts.len(), conversations.len()),
        (25, 25),
        "{contacts:?}"
    );
    assert_eq!(shop.api.all("/api/v1/messages").await.len(), 125);
    second.close().await;
    first.close().await;
    database.remove().await;
}
