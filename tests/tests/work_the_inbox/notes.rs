//! Notes: colleagues read them, contacts never do.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Answer, Client, each_database};

use crate::{change, conversation, customer, note, sent_by, talk};

#[tokio::test(flavor = "multi_thread")]
async fn a_note_is_read_by_colleagues_and_never_leaves() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let (ana, luis) = (
            app.person(&shop, "Ana", "agent").await,
            app.person(&shop, "Luis", "viewer").await,
        );
        let id = talk(app, &shop, &customer(1), "Hola").await;
        let before = conversation(&luis.api, &id).await;
        let counts = luis
            .api
            .get("/api/v1/conversations/counts")
            .await
            .expect(200);
        let mut stream = luis.api.listen(None).await;
        let notes = format!("/api/v1/conversations/{id}/notes");
        let text = "Ojo:\n  paga siempre tarde";
        let written = ana.api.post(&notes, &note(text)).await.expect(201);
        assert_eq!(
            (&written["direction"], &written["type"], &written["text"]),
            (&json!("internal"), &json!("note"), &json!(text))
        );
        assert_eq!(
            written["author"],
            json!({ "user_id": ana.user_id, "name": "Ana" })
        );
        assert_eq!(written["preview"], "Ojo: paga siempre tarde");
        assert_eq!(written["wamid"], Value::Null);
        let heard = stream.next().await;
        assert_eq!(heard.kind, "message.noted");
        assert_eq!(
            heard.data,
            json!({ "message_id": written["id"], "conversation_id": id })
        );
        assert_eq!(
            luis.api.message(written["id"].as_str().unwrap()).await,
            written
        );
        change(&ana.api, &id, json!({ "assigned_to": ana.user_id }))
            .await
            .expect(200);

        // Nothing of it stands where messages are counted.
        for path in [
            "/api/v1/messages".to_owned(),
            format!("/api/v1/messages?conversation_id={id}"),
            format!("/api/v1/messages?conversation_id={id}&internal=false"),
        ] {
            let rows = luis.api.all(&path).await;
            assert_eq!(rows.len(), 1, "{path}: {rows:?}");
        }
        let whole = luis
            .api
            .all(&format!(
                "/api/v1/messages?conversation_id={id}&internal=true"
            ))
            .await;
        assert_eq!(whole.len(), 3, "{whole:?}");
        let after = conversation(&luis.api, &id).await;
        for member in [
            "unread_count",
            "last_message",
            "window_open",
            "window_closes_at",
            "status",
        ] {
            assert_eq!(before[member], after[member], "{member}");
        }
        let now = luis
            .api
            .get("/api/v1/conversations/counts")
            .await
            .expect(200);
        assert_eq!(
            (&now["all"], &now["unread"]),
            (&counts["all"], &counts["unread"])
        );
        let intake = app.intake().await;
        assert_eq!(intake["outbox"], json!({}));
        // What is sent afterwards is the first that leaves.
        let sent = ana.api.send(&json!({ "to": id, "text": "Buenas" })).await;
        app.status_of(&shop, &sent, "read").await;
        let out = sent_by(app, &shop.number).await;
        assert_eq!(out.len(), 1, "{out:?}");
        assert!(
            !out[0].to_string().contains("paga siempre tarde"),
            "{out:?}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_that_is_repeated_under_its_key_is_written_once() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let ana = app.person(&shop, "Ana", "agent").await;
        let id = talk(app, &shop, &customer(1), "Hola").await;
        let elsewhere = talk(app, &shop, &customer(2), "Hola").await;
        let theirs = talk(app, &other, &customer(3), "Hola").await;
        let write = async |api: &Client, id: &str, key: &str, text: &str| {
            let path = format!("/api/v1/conversations/{id}/notes");
            let request = api.request(Method::POST, &path);
            Answer::of(request.header("Idempotency-Key", key).json(&note(text))).await
        };
        let written = write(&ana.api, &id, "k1", "Ojo").await.expect(201);
        let again = write(&ana.api, &id, "k1", "Ojo").await.expect(200);
        assert_eq!(again, written);
        // Two at the same moment, whose first answer was lost.
        let (one, other_one) = tokio::join!(
            write(&ana.api, &id, "k2", "Uno"),
            write(&ana.api, &id, "k2", "Uno")
        );
        let mut answers = [one.status, other_one.status];
        answers.sort_unstable();
        assert_eq!(answers, [200, 201]);
        assert_eq!(one.json["id"], other_one.json["id"]);
        for (conversation, text) in [(&id, "Otra"), (&elsewhere, "Ojo")] {
            write(&ana.api, conversation, "k1", text)
                .await
                .expect_problem(409, "idempotency_key_reused");
        }
        let taken = json!({ "to": id, "text": "Ojo" });
        ana.api
            .send_with_key("k1", &taken)
            .await
            .expect_problem(409, "idempotency_key_reused");
        write(&ana.api, &id, &"k".repeat(256), "Ojo")
            .await
            .expect_problem(422, "invalid");
        // Another business has keys of its own.
        write(&other.api, &theirs, "k1", "Ojo").await.expect(201);
        let path = format!("/api/v1/messages?conversation_id={id}&internal=true");
        let rows = shop.api.all(&path).await;
        let notes = rows.iter().filter(|row| row["type"] == "note");
        assert_eq!(notes.count(), 2, "{rows:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_note_is_explained_and_nothing_can_quote_one() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let ana = app.person(&shop, "Ana", "agent").await;
        let eva = app.person(&shop, "Eva", "viewer").await;
        let id = talk(app, &shop, &customer(1), "Hola").await;
        let notes = format!("/api/v1/conversations/{id}/notes");
        for wrong in [" \n", &"x".repeat(4_097)] {
            let problem = ana
                .api
                .post(&notes, &note(wrong))
                .await
                .expect_problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], "text");
        }
        eva.api
            .post(&notes, &note("x"))
            .await
            .expect_problem(403, "forbidden");
        other
            .api
            .post(&notes, &note("x"))
            .await
            .expect_problem(404, "not_found");
        let written = ana.api.post(&notes, &note("x")).await.expect(201);
        let quote = json!({ "to": id, "text": "?", "reply_to": written["id"] });
        ana.api
            .post("/api/v1/messages", &quote)
            .await
            .expect_problem(422, "invalid");
        let settle = format!(
            "/api/v1/messages/{}/settle",
            written["id"].as_str().unwrap()
        );
        let send = json!({ "decision": "send_again" });
        ana.api
            .post(&settle, &send)
            .await
            .expect_problem(409, "not_uncertain");
    })
    .await;
}
