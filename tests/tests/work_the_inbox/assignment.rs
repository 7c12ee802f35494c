//! Giving conversations to each other, closing and opening them.

use serde_json::{Value, json};
use testkit::each_database;

use crate::{change, conversation, customer, talk, text_of, thread};

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_given_taken_closed_and_opened_and_the_thread_says_so() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let (ana, luis) = (
            app.person(&shop, "Ana Pérez", "agent").await,
            app.person(&shop, "Luis", "manager").await,
        );
        let id = talk(app, &shop, &customer(1), "Hola").await;
        let mut stream = luis.api.listen(None).await;
        let given = change(&ana.api, &id, json!({ "assigned_to": luis.user_id }))
            .await
            .expect(200);
        assert_eq!(
            given["assigned_to"],
            json!({ "user_id": luis.user_id, "name": "Luis" })
        );
        let heard = stream.next().await;
        assert_eq!(
            (heard.kind.as_str(), &heard.data),
            (
                "conversation.updated",
                &json!({ "conversation_id": id, "from": null, "to": luis.user_id })
            )
        );
        // Doing it again is told to nobody.
        change(&ana.api, &id, json!({ "assigned_to": luis.user_id }))
            .await
            .expect(200);
        change(
            &luis.api,
            &id,
            json!({ "status": "closed", "assigned_to": null }),
        )
        .await
        .expect(200);
        stream.next().await;
        let closed = conversation(&ana.api, &id).await;
        assert_eq!(
            (&closed["status"], &closed["assigned_to"]),
            (&json!("closed"), &Value::Null)
        );
        change(&shop.api, &id, json!({ "status": "open" }))
            .await
            .expect(200);
        assert_eq!(
            stream.next().await.kind,
            "conversation.updated",
            "one event for each change"
        );
        assert_eq!(
            thread(&ana.api, &id).await,
            [
                "inbound text Hola",
                "internal activity assigned",
                "internal activity unassigned",
                "internal activity closed",
                "internal activity reopened",
            ]
        );
        let rows = ana
            .api
            .all(&format!(
                "/api/v1/messages?conversation_id={id}&internal=true"
            ))
            .await;
        let assigned = &rows[3];
        assert_eq!(
            assigned["content"]["to"],
            json!({ "user_id": luis.user_id, "name": "Luis" }),
            "{assigned}"
        );
        assert_eq!(
            assigned["author"],
            json!({ "user_id": ana.user_id, "name": "Ana Pérez" }),
            "{assigned}"
        );
        assert_eq!(
            (&rows[0]["author"], &rows[0]["origin"]),
            (&Value::Null, &json!("api")),
            "an API key is nobody"
        );
        assert_eq!(text_of(&assigned["status"]), "recorded");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_colleague_who_may_answer_gets_a_conversation() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let agent = app.person(&shop, "Ana", "agent").await;
        let viewer = app.person(&shop, "Eva", "viewer").await;
        let stranger = app.person(&other, "Otto", "owner").await;
        let id = talk(app, &shop, &customer(1), "Hola").await;
        for user in [
            json!(viewer.user_id),
            json!(stranger.user_id),
            json!("usr_0193a5c47d1e7c3f8a2b4c5d6e7f8091"),
            json!("Ana"),
        ] {
            let problem = change(
                &agent.api,
                &id,
                json!({ "status": "closed", "assigned_to": user }),
            )
            .await
            .expect_problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], "assigned_to", "{problem}");
        }
        let wrong = change(&agent.api, &id, json!({ "status": "done" })).await;
        assert_eq!(
            wrong.expect_problem(422, "invalid")["errors"][0]["field"],
            "status"
        );
        change(&viewer.api, &id, json!({ "status": "closed" }))
            .await
            .expect_problem(403, "forbidden");
        change(&stranger.api, &id, json!({ "status": "closed" }))
            .await
            .expect_problem(404, "not_found");
        assert_eq!(
            conversation(&agent.api, &id).await["status"],
            "open",
            "nothing was half done"
        );
        assert_eq!(thread(&agent.api, &id).await, ["inbound text Hola"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_message_opens_what_was_closed_or_snoozed_and_a_reaction_does_not() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let id = talk(app, &shop, &customer(1), "Hola").await;
        let later = json!({ "status": "snoozed", "snoozed_until": "2099-01-01T00:00:00Z" });
        change(&shop.api, &id, later)
            .await
            .expect_problem(422, "invalid");
        let soon = app
            .engine
            .clock
            .now()
            .plus(std::time::Duration::from_secs(3_600))
            .rfc3339();
        for put_away in [
            json!({ "status": "closed" }),
            json!({ "status": "snoozed", "snoozed_until": soon }),
        ] {
            change(&shop.api, &id, put_away.clone()).await.expect(200);
            talk(app, &shop, &customer(1), "¿Sigue ahí?").await;
            let back = conversation(&shop.api, &id).await;
            assert_eq!(
                (&back["status"], &back["snoozed_until"]),
                (&json!("open"), &Value::Null),
                "{put_away}"
            );
        }
        change(&shop.api, &id, json!({ "status": "closed" }))
            .await
            .expect(200);
        let wamid = shop
            .api
            .all(&format!("/api/v1/messages?conversation_id={id}"))
            .await[0]["wamid"]
            .clone();
        app.customer_writes(
            &shop.number,
            &customer(1),
            json!({ "type": "reaction", "reaction": { "message_id": wamid, "emoji": "👍" } }),
        );
        app.projected().await;
        testkit::until("the reaction is there", async || {
            let rows = shop
                .api
                .all(&format!("/api/v1/messages?conversation_id={id}"))
                .await;
            if rows.iter().any(|row| row["type"] == "reaction") {
                Ok(())
            } else {
                Err(format!("{rows:?}"))
            }
        })
        .await;
        assert_eq!(conversation(&shop.api, &id).await["status"], "closed");
        // So does what the tenant itself sends.
        shop.api.send(&json!({ "to": id, "text": "Gracias" })).await;
        assert_eq!(conversation(&shop.api, &id).await["status"], "closed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_has_no_conversations_any_more() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let ana = app.person(&shop, "Ana", "agent").await;
        let boss = app.person(&shop, "Rosa", "owner").await;
        let (one, two) = (
            talk(app, &shop, &customer(1), "Hola").await,
            talk(app, &shop, &customer(2), "Hola").await,
        );
        change(&boss.api, &one, json!({ "assigned_to": ana.user_id }))
            .await
            .expect(200);
        change(&boss.api, &two, json!({ "assigned_to": boss.user_id }))
            .await
            .expect(200);
        let mut stream = boss.api.listen(None).await;
        let leave = format!("/api/v1/members/{}", ana.user_id);
        assert_eq!(boss.api.delete(&leave).await.status, 204);
        let event = stream.next().await;
        assert_eq!(event.kind, "conversation.updated");
        assert_eq!(event.data["conversation_id"], one.as_str());
        assert_eq!(
            conversation(&boss.api, &one).await["assigned_to"],
            Value::Null
        );
        assert_eq!(
            conversation(&boss.api, &two).await["assigned_to"]["name"],
            "Rosa"
        );
        assert_eq!(
            thread(&boss.api, &one).await.last().map(String::as_str),
            Some("internal activity unassigned")
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_disabled_has_no_conversations_any_more_and_the_thread_says_so() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let ana = app.person(&shop, "Ana", "agent").await;
        let id = talk(app, &shop, &customer(1), "Hola").await;
        let given = json!({ "assigned_to": ana.user_id });
        change(&shop.api, &id, given.clone()).await.expect(200);
        let mut stream = shop.api.listen(None).await;
        let path = format!("/api/v1/admin/users/{}", ana.user_id);
        let disabled = json!({ "status": "disabled" });
        app.admin().patch(&path, &disabled).await.expect(200);
        let event = stream.next().await;
        assert_eq!(
            (event.kind.as_str(), &event.data),
            (
                "conversation.updated",
                &json!({ "conversation_id": id, "from": ana.user_id, "to": null })
            )
        );
        assert_eq!(
            conversation(&shop.api, &id).await["assigned_to"],
            Value::Null
        );
        let rows = format!("/api/v1/messages?conversation_id={id}&internal=true");
        let last = shop.api.all(&rows).await.remove(0);
        assert_eq!(
            (
                &last["content"]["activity"],
                &last["origin"],
                &last["author"]
            ),
            (&json!("unassigned"), &json!("system"), &Value::Null),
            "the platform's people are nobody's colleagues: {last}"
        );
        change(&shop.api, &id, given)
            .await
            .expect_problem(422, "invalid");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_sends_carries_their_name() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let ana = app.person(&shop, "Ana", "agent").await;
        let id = talk(app, &shop, &customer(1), "Hola").await;
        let (hers, machine) = (
            ana.api.send(&json!({ "to": id, "text": "Buenas" })).await,
            shop.api
                .send(&json!({ "to": id, "text": "Factura 7" }))
                .await,
        );
        let (hers, machine) = (
            shop.api.message(&hers).await,
            ana.api.message(&machine).await,
        );
        assert_eq!(
            hers["author"],
            json!({ "user_id": ana.user_id, "name": "Ana" })
        );
        assert_eq!(hers["origin"], "member");
        assert_eq!(
            (&machine["author"], &machine["origin"]),
            (&Value::Null, &json!("api"))
        );
        let talk = conversation(&ana.api, &id).await;
        assert!(talk["last_message"]["id"].is_string(), "{talk}");
        assert_eq!(talk["last_message"]["type"], "text", "{talk}");
        assert!(talk["last_message"]["status"].is_string(), "{talk}");
        assert_eq!(talk["display_phone_number"], testkit::display(1), "{talk}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_acts_on_the_same_conversations_at_once_wait_for_each_other_and_none_fails() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let people = [
            app.person(&shop, "Ana", "agent").await,
            app.person(&shop, "Luis", "agent").await,
            app.person(&shop, "Eva", "agent").await,
        ];
        let mut talks = Vec::new();
        for n in 0..12 {
            talks.push(talk(app, &shop, &customer(n), "Hola").await);
        }
        let assigning = async {
            for round in 0..60 {
                let person = &people[round % people.len()];
                let given = json!({ "assigned_to": person.user_id });
                let answer = change(&shop.api, &talks[round * 7 % talks.len()], given).await;
                // Whoever just became a viewer gets none.
                assert!(matches!(answer.status, 200 | 422), "{answer:?}");
            }
        };
        let changing = async |person: &testkit::Person| {
            let path = format!("/api/v1/members/{}", person.user_id);
            for _ in 0..8 {
                for role in ["viewer", "agent"] {
                    let answer = shop.api.patch(&path, &json!({ "role": role })).await;
                    assert_eq!(answer.status, 200, "{answer:?}");
                }
            }
        };
        let receiving = async {
            for round in 0..8 {
                let values = (0..talks.len()).rev().map(|n| {
                    let wamid = format!("wamid.AT_ONCE{round}-{n}");
                    testkit::webhook::text(&shop.number, &customer(n), &wamid, 1_780_000_000, "?")
                });
                let post = testkit::webhook::post(values).to_string();
                app.delivered(post).await;
            }
        };
        let sending = async |order: i64| {
            for round in 0..40_i64 {
                let to = &talks[(round * order).rem_euclid(talks.len() as i64) as usize];
                let body = json!({ "to": to, "text": "Sí" });
                let answer = shop.api.post("/api/v1/messages", &body).await;
                assert_eq!(answer.status, 202, "{answer:?}");
            }
        };
        tokio::join!(
            assigning,
            changing(&people[0]),
            changing(&people[1]),
            receiving,
            sending(1),
            sending(-5)
        );
        for path in [
            "/api/v1/admin/intake/parked",
            "/api/v1/admin/audit?action=none",
        ] {
            assert!(app.admin().all(path).await.is_empty(), "{path}");
        }
    })
    .await;
}
