//! What somebody may do who sees only their own: answer, begin, take and hand over.

use serde_json::{Value, json};
use testkit::each_database;

use crate::{assign, customer, give, hide_unassigned, ids, picture, says, talk, text_of, upload};

async fn sends(client: &testkit::Client, body: Value) -> testkit::Answer {
    client.post("/api/v1/messages", &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_writes_into_a_colleagues_conversation_whatever_they_call_it() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let (ana, luis) = (
            app.own_agent(&shop, "Ana").await,
            app.person(&shop, "Luis", "agent").await,
        );
        let theirs = talk(app, &shop, &customer(1)).await;
        let question = says(app, &shop, &customer(1), "¿Cuánto es?").await;
        let mine = talk(app, &shop, &customer(2)).await;
        give(&shop, &theirs, Some(&luis)).await;
        give(&shop, &mine, Some(&ana)).await;
        let before = shop.api.all("/api/v1/messages").await.len();
        let refused = sends(&ana.api, json!({ "to": theirs, "text": "Yo" })).await;
        let refused = refused.expect_problem(422, "invalid");
        assert_eq!(refused["errors"][0]["problem"], "no such conversation");
        for to in [customer(1), "+34 600 000 001".to_owned()] {
            let refused = sends(&ana.api, json!({ "to": to, "text": "Yo" })).await;
            refused.expect_problem(403, "colleagues_conversation");
        }
        // Neither by quoting nor by a reaction, by our id or Meta's.
        for id in [&question["id"], &question["wamid"]] {
            let quoting = json!({ "to": mine, "text": "Yo", "reply_to": id });
            let problem = sends(&ana.api, quoting).await;
            let problem = problem.expect_problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], "reply_to", "{problem}");
            let reacting = json!({ "to": mine, "reaction": { "message_id": id, "emoji": "👍" } });
            let problem = sends(&ana.api, reacting).await;
            let problem = problem.expect_problem(422, "invalid");
            assert_eq!(
                problem["errors"][0]["field"], "reaction.message_id",
                "{problem}"
            );
        }
        assert_eq!(
            shop.api.all("/api/v1/messages").await.len(),
            before,
            "nothing was recorded"
        );
        sends(&ana.api, json!({ "to": mine, "text": "Yo" }))
            .await
            .expect(202);
        sends(&ana.api, json!({ "to": customer(2), "text": "Yo" }))
            .await
            .expect(202);
        sends(&luis.api, json!({ "to": theirs, "text": "Yo" }))
            .await
            .expect(202);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sends_a_file_that_stands_in_a_colleagues_conversation_only() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let (ana, luis) = (
            app.own_agent(&shop, "Ana").await,
            app.person(&shop, "Luis", "agent").await,
        );
        let theirs = talk(app, &shop, &customer(1)).await;
        let mine = talk(app, &shop, &customer(2)).await;
        give(&shop, &theirs, Some(&luis)).await;
        give(&shop, &mine, Some(&ana)).await;
        let photo = |byte: u8| [b"%PDF-1.7 ".as_slice(), &[byte; 40]].concat();
        let of_luis = upload(&luis.api, photo(1)).await;
        let of_ana = upload(&ana.api, photo(2)).await;
        // By our id and by Meta's; nothing else of the file is known to who may not see it.
        for id in [&of_luis["id"], &of_luis["meta_id"]] {
            let body = json!({ "to": mine, "document": { "id": id } });
            let problem = sends(&ana.api, body).await.expect_problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], "document.id", "{problem}");
        }
        for id in [&of_ana["id"], &of_ana["meta_id"]] {
            let body = json!({ "to": mine, "document": { "id": id } });
            sends(&ana.api, body).await.expect(202);
        }
        // What customers sent is sent on by who sees it.
        let (hidden, seen) = (
            picture(app, &shop, &customer(1)).await,
            picture(app, &shop, &customer(2)).await,
        );
        let on = |id: &Value| json!({ "to": mine, "image": { "id": id } });
        sends(&ana.api, on(&hidden))
            .await
            .expect_problem(422, "invalid");
        sends(&ana.api, on(&seen)).await.expect(202);
        sends(&luis.api, on(&hidden)).await.expect(202);
        // Now it stands in a conversation of hers.
        let body = json!({ "to": mine, "document": { "id": of_luis["id"] } });
        sends(&luis.api, body.clone()).await.expect(202);
        sends(&ana.api, body).await.expect(202);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_first_to_somebody_new_has_the_conversation() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        hide_unassigned(&shop, false).await;
        let (ana, eva) = (
            app.own_agent(&shop, "Ana").await,
            app.own_agent(&shop, "Eva").await,
        );
        let made = sends(&ana.api, json!({ "to": customer(7), "template": { "name": "hello_world", "language": "en_US" } })).await;
        let made = made.expect(202);
        let id = text_of(&made["conversation_id"]);
        let row = ana.api.get(&format!("/api/v1/conversations/{id}")).await;
        assert_eq!(
            row.expect(200)["assigned_to"],
            json!({ "user_id": ana.user_id, "name": "Ana" })
        );
        let refused = sends(&eva.api, json!({ "to": customer(7), "template": { "name": "hello_world", "language": "en_US" } })).await;
        refused.expect_problem(403, "colleagues_conversation");
        // Whoever sees all begins conversations of nobody's, as before.
        let made = sends(&shop.api, json!({ "to": customer(8), "template": { "name": "hello_world", "language": "en_US" } })).await;
        let id = text_of(&made.expect(202)["conversation_id"]);
        let row = shop.api.get(&format!("/api/v1/conversations/{id}")).await;
        assert_eq!(row.expect(200)["assigned_to"], Value::Null);
        let refused = sends(&ana.api, json!({ "to": customer(8), "text": "Yo" })).await;
        refused.expect_problem(403, "colleagues_conversation");
        // Of two who write to the same new person at the same moment one has the conversation.
        let body = json!({ "to": customer(9), "template": { "name": "hello_world", "language": "en_US" } });
        let (one, other) = tokio::join!(sends(&ana.api, body.clone()), sends(&eva.api, body));
        let mut answers = [one.status, other.status];
        answers.sort_unstable();
        assert_eq!(answers, [202, 403]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_takes_what_nobody_has_and_hands_over_what_one_has_and_nothing_else() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let (ana, eva) = (
            app.own_agent(&shop, "Ana").await,
            app.own_agent(&shop, "Eva").await,
        );
        let id = talk(app, &shop, &customer(1)).await;
        let (to_ana, to_eva) = (
            json!({ "assigned_to": ana.user_id }),
            json!({ "assigned_to": eva.user_id }),
        );
        // Of two who take it at the same moment one has it, and the other is told that it is not there.
        let (one, other) = tokio::join!(
            assign(&ana.api, &id, &to_ana),
            assign(&eva.api, &id, &to_eva)
        );
        let mut answers = [one.status, other.status];
        answers.sort_unstable();
        assert_eq!(answers, [200, 404]);
        give(&shop, &id, Some(&ana)).await;
        for change in [
            &to_eva,
            &json!({ "assigned_to": null }),
            &json!({ "status": "closed" }),
        ] {
            assign(&eva.api, &id, change)
                .await
                .expect_problem(404, "not_found");
        }
        let given = assign(&ana.api, &id, &to_eva).await.expect(200);
        assert_eq!(given["assigned_to"]["name"], "Eva", "{given}");
        assign(&ana.api, &id, &to_ana)
            .await
            .expect_problem(404, "not_found");
        assign(&eva.api, &id, &json!({ "assigned_to": null }))
            .await
            .expect(200);
        assert_eq!(
            ids(&ana.api, "/api/v1/conversations", "id").await,
            std::slice::from_ref(&id),
            "it is there to be taken again"
        );
        // What is about one conversation is about those that are there.
        give(&shop, &id, Some(&eva)).await;
        let path = format!("/api/v1/conversations/{id}");
        for (verb, body) in [
            ("notes", json!({ "text": "Nota" })),
            ("read", Value::Null),
            ("presence", json!({ "typing": true })),
        ] {
            let path = format!("{path}/{verb}");
            ana.api
                .post(&path, &body)
                .await
                .expect_problem(404, "not_found");
            let status = eva.api.post(&path, &body).await.status;
            assert!(status < 300, "{verb}: {status}");
        }
    })
    .await;
}
