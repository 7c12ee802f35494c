//! What did not arrive is listed with its reason, sent again when the reason is gone, or dismissed.

use serde_json::{Value, json};
use testkit::{Tenant, each_database, webhook};

use super::{delivered, hello, refused, refuses, takes_again};

async fn letters(shop: &Tenant, query: &str) -> Vec<Value> {
    shop.api.all(&format!("/api/v1/dead-letters?{query}")).await
}

async fn open(shop: &Tenant) -> i64 {
    let summary = shop.api.get("/api/v1/dead-letters/summary").await;
    summary.expect(200)["open"].as_i64().unwrap()
}

fn ids(letters: &[Value]) -> Vec<&str> {
    letters
        .iter()
        .map(|letter| letter["message"]["id"].as_str().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_meta_refused_is_listed_with_its_reason_and_what_to_do() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let policy = refused(app, &shop, 131_009, 2).await;
        let template = refused(app, &shop, 132_001, 1).await;
        let theirs = refused(app, &other, 131_009, 1).await;

        let all = letters(&shop, "state=open").await;
        assert_eq!(
            ids(&all),
            [&template[0], &policy[1], &policy[0]],
            "newest first, only their own"
        );
        let newest = &all[0];
        let error = &newest["message"]["error"];
        assert_eq!(error["code"], 132_001);
        assert!(
            error["explanation"]
                .as_str()
                .unwrap()
                .contains("approved template"),
            "{error}"
        );
        assert_eq!(
            (&error["remedy"]["do"], &error["remedy"]["who"]),
            (&json!("fix_template"), &json!("owner")),
            "{error}"
        );
        assert!(
            newest["died_at"].is_string() && newest["state"] == "open",
            "{newest}"
        );

        let summary = shop
            .api
            .get("/api/v1/dead-letters/summary?state=open")
            .await
            .expect(200);
        assert_eq!(
            (&summary["open"], &summary["matching"]),
            (&json!(3), &json!(3))
        );
        let codes: Vec<_> = summary["codes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["code"].clone(), row["count"].clone()))
            .collect();
        assert_eq!(
            codes,
            [(json!(131_009), json!(2)), (json!(132_001), json!(1))]
        );
        assert_eq!(
            summary["codes"][0]["remedy"]["do"], "fix_message",
            "{summary}"
        );

        for (query, expected) in [
            ("code=131009", 2),
            ("status=expired", 0),
            ("status=failed", 3),
            ("type=template", 3),
            ("type=text", 0),
            ("from=2999-01-01T00:00:00Z", 0),
            ("to=2999-01-01T00:00:00Z", 3),
            (&format!("phone_number_id={}", shop.number), 3),
            (&format!("phone_number_id={}", other.number), 0),
        ] {
            assert_eq!(letters(&shop, query).await.len(), expected, "{query}");
        }
        // Page by page, the same three.
        let first = shop
            .api
            .get("/api/v1/dead-letters?limit=2")
            .await
            .expect(200);
        let next = first["next"].as_str().unwrap();
        let second = shop
            .api
            .get(&format!("/api/v1/dead-letters?limit=2&cursor={next}"))
            .await
            .expect(200);
        assert_eq!(
            (second["data"].as_array().unwrap().len(), &second["next"]),
            (1, &Value::Null)
        );
        for query in ["state=lost", "status=read", "from=yesterday"] {
            shop.api
                .get(&format!("/api/v1/dead-letters?{query}"))
                .await
                .expect_problem(422, "invalid");
        }
        let retry = format!("/api/v1/messages/{}/retry", theirs[0]);
        shop.api
            .post(&retry, &json!({}))
            .await
            .expect_problem(404, "not_found");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_sent_again_once_and_both_know_each_other() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let old = refused(app, &shop, 131_009, 1).await.remove(0);
        let path = format!("/api/v1/messages/{old}/retry");
        let new = shop.api.post(&path, &json!({})).await.expect(202);
        let id = new["id"].as_str().unwrap();
        assert_eq!(new["retry_of"], old.as_str());
        let arrived = delivered(&shop, id).await;
        let before = shop.api.message(&old).await;
        assert_eq!(before["retried_as"], id);
        assert_eq!(before["status"], "failed", "what failed stays failed");
        assert_eq!(
            arrived["content"]["template"], before["content"]["template"],
            "the same content"
        );
        assert_eq!(arrived["conversation_id"], before["conversation_id"]);
        assert_eq!(app.sim.outbound().len(), 1, "it went out once");

        let again = shop
            .api
            .post(&path, &json!({}))
            .await
            .expect_problem(409, "not_retryable");
        assert!(again["detail"].as_str().unwrap().contains(id), "{again}");
        let done = format!("/api/v1/messages/{id}/retry");
        shop.api
            .post(&done, &json!({}))
            .await
            .expect_problem(409, "not_retryable");
        assert_eq!(open(&shop).await, 0, "nothing is left to be dealt with");
        assert_eq!(
            letters(&shop, "state=done").await.len(),
            1,
            "it stays in the list of what was dealt with"
        );

        let life = shop
            .api
            .get(&format!("/api/v1/messages/{old}/life"))
            .await
            .expect(200);
        let last = life["events"].as_array().unwrap().last().unwrap();
        assert_eq!(
            (&last["kind"], &last["data"]["message_id"]),
            (&json!("retried"), &json!(id)),
            "{life}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_retry_at_the_same_moment_send_once() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let old = refused(app, &shop, 131_009, 1).await.remove(0);
        let path = format!("/api/v1/messages/{old}/retry");
        let empty = json!({});
        let (one, two) =
            futures::future::join(shop.api.post(&path, &empty), shop.api.post(&path, &empty)).await;
        let taken: Vec<_> = [&one, &two]
            .into_iter()
            .filter(|answer| answer.status == 202)
            .collect();
        assert!(!taken.is_empty(), "{one:?} {two:?}");
        let new = taken[0].json["id"].as_str().unwrap();
        assert!(
            taken.iter().all(|answer| answer.json["id"] == new),
            "one new message: {one:?} {two:?}"
        );
        delivered(&shop, new).await;
        assert_eq!(app.sim.outbound().len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_a_filter_admits_are_sent_again_in_one_act_that_is_written_down() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let policy = refused(app, &shop, 131_009, 3).await;
        let template = refused(app, &shop, 132_001, 1).await;
        let theirs = refused(app, &other, 131_009, 1).await;

        let retry = "/api/v1/messages/retry";
        for wrong in [
            json!({}),
            json!({ "ids": [] }),
            json!({ "ids": ["x"] }),
            json!({ "ids": policy, "filter": {} }),
            json!({ "filter": { "state": "?" } }),
        ] {
            shop.api
                .post(retry, &wrong)
                .await
                .expect_problem(422, "invalid");
        }
        let answer = shop
            .api
            .post(retry, &json!({ "filter": { "code": 131_009 } }))
            .await
            .expect(200);
        assert_eq!(
            (
                &answer["retried"],
                &answer["refused_count"],
                &answer["next"]
            ),
            (&json!(3), &json!(0), &Value::Null),
            "{answer}"
        );
        for old in &policy {
            let new = shop.api.message(old).await["retried_as"]
                .as_str()
                .unwrap()
                .to_owned();
            delivered(&shop, &new).await;
        }
        assert_eq!(
            ids(&letters(&shop, "state=open").await),
            [&template[0]],
            "only what the filter admits"
        );
        assert_eq!(
            open(&other).await,
            1,
            "another tenant's stay where they are"
        );

        // By name: somebody else's and one that went already are refused by name.
        let named = json!({ "ids": [theirs[0], policy[0], template[0]] });
        let answer = shop.api.post(retry, &named).await.expect(200);
        assert_eq!(answer["retried"], 1, "{answer}");
        let refused: Vec<_> = answer["refused"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["id"].as_str().unwrap(), row["code"].as_str().unwrap()))
            .collect();
        assert_eq!(
            refused,
            [
                (theirs[0].as_str(), "not_found"),
                (policy[0].as_str(), "not_retryable")
            ]
        );

        let audit = shop.api.all("/api/v1/audit?action=message.").await;
        let acts: Vec<_> = audit
            .iter()
            .map(|row| (&row["action"], &row["after"]["retried"]))
            .collect();
        assert_eq!(
            acts,
            [
                (&json!("message.retry"), &json!(1)),
                (&json!("message.retry"), &json!(3))
            ]
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_as_a_new_message_is_refused_with_that_reason() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let old = refused(app, &shop, 131_009, 1).await.remove(0);
        shop.api
            .patch("/api/v1/settings", &json!({ "whatsapp_enabled": false }))
            .await
            .expect(200);
        let path = format!("/api/v1/messages/{old}/retry");
        shop.api
            .post(&path, &json!({}))
            .await
            .expect_problem(409, "whatsapp_off");
        let many = shop
            .api
            .post("/api/v1/messages/retry", &json!({ "ids": [old] }))
            .await
            .expect(200);
        assert_eq!(many["refused"][0]["code"], "whatsapp_off", "{many}");
        assert_eq!(open(&shop).await, 1, "it still waits for somebody");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_dismissed_counts_no_longer_and_is_told_to_everybody_who_looks() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let mine = refused(app, &shop, 131_009, 2).await;
        let theirs = refused(app, &other, 131_009, 1).await;
        let mut stream = shop.api.listen(None).await;
        let dismiss = "/api/v1/dead-letters/dismiss";
        let answer = shop
            .api
            .post(dismiss, &json!({ "ids": [mine[0], theirs[0]] }))
            .await
            .expect(200);
        assert_eq!(answer["dismissed"], 1, "another tenant's is not touched");
        stream.next_of("dead_letters.changed").await;
        assert_eq!((open(&shop).await, open(&other).await), (1, 1));
        let answer = shop
            .api
            .post(dismiss, &json!({ "filter": {} }))
            .await
            .expect(200);
        assert_eq!(answer["dismissed"], 1);
        assert_eq!((open(&shop).await, open(&other).await), (0, 1));
        let again = shop
            .api
            .post(dismiss, &json!({ "filter": {} }))
            .await
            .expect(200);
        assert_eq!(again["dismissed"], 0);
        let acts = shop.api.all("/api/v1/audit?action=message.dismiss").await;
        assert_eq!(
            acts.len(),
            2,
            "what changed nothing is not an act: {acts:?}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_turns_out_to_be_none_is_no_dead_letter_any_more() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        // Meta's own reports stay away: this story makes them.
        app.faults(&json!({ "webhook_offline": true })).await;
        let id = shop.api.send(&hello()).await;
        let wamid = super::life::accepted(&shop, &id).await;
        let undeliverable =
            json!({ "errors": [{ "code": 131_026, "title": "Message undeliverable" }] });
        let seconds = 4_000_000_000;
        let failed = webhook::status(&shop.number, &wamid, "failed", seconds, &undeliverable);
        app.delivered(webhook::post([failed]).to_string()).await;
        assert_eq!(open(&shop).await, 1);
        assert_eq!(
            letters(&shop, "").await[0]["message"]["error"]["remedy"]["do"],
            "check_recipient"
        );
        let shown = webhook::status(&shop.number, &wamid, "delivered", seconds + 1, &json!({}));
        app.delivered(webhook::post([shown]).to_string()).await;
        delivered(&shop, &id).await;
        assert_eq!(open(&shop).await, 0);
        assert!(letters(&shop, "").await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platform_sees_how_many_wait_for_somebody() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        refuses(app, 131_009).await;
        let id = shop.api.send(&hello()).await;
        app.status_of(&shop, &id, "failed").await;
        takes_again(app).await;
        let health = app.admin().get("/api/v1/admin/health").await.expect(200);
        assert_eq!(health["outbox"]["dead_letters"], 1, "{health}");
        let metrics = app.anybody().get("/metrics").await.text;
        assert!(metrics.contains("trunkline_dead_letters 1"), "{metrics}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_arrive_can_be_taken_away_as_a_file() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let ids = refused(app, &shop, 131_009, 2).await;
        let templates = refused(app, &shop, 132_001, 1).await;
        refused(app, &other, 131_009, 1).await;
        let export = "/api/v1/dead-letters/export";
        let file = shop.api.get(&format!("{export}?code=131009")).await;
        assert_eq!(file.status, 200, "{file:?}");
        let lines: Vec<_> = file.text.lines().collect();
        assert!(
            lines[0].starts_with("id,died_at,state,status,code,error,"),
            "{lines:?}"
        );
        assert_eq!(lines.len(), 3, "its own, narrowed: {lines:?}");
        for (line, id) in lines[1..].iter().zip(ids.iter().rev()) {
            assert!(
                line.starts_with(id.as_str()) && line.contains(",131009,"),
                "{line}"
            );
        }
        let file = shop.api.get(&format!("{export}?format=jsonl")).await;
        let rows: Vec<Value> = file
            .text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(rows.len(), 3);
        assert_eq!(rows, letters(&shop, "").await, "as the list has them");
        assert_eq!(rows[0]["message"]["id"], templates[0].as_str());
        for wrong in ["format=xls", "state=lost"] {
            shop.api
                .get(&format!("{export}?{wrong}"))
                .await
                .expect_problem(422, "invalid");
        }
    })
    .await;
}
