//! What is sent again leaves as the first one was to leave, or as a new one would where that is no longer possible.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use store::db::Sql;
use testkit::{Answer, Tenant, TestApp, each_database, each_database_with, number};

use crate::queue::by_hand;
use crate::{delivered, hello, refused, refuses, takes_again};

/// Lane, endpoint, batch, last moment and body of what stands in the outbox.
type Row = (i64, Option<String>, Option<String>, Option<i64>, String);

async fn paused(shop: &Tenant, word: &str) {
    let path = format!("/api/v1/queue/{word}");
    shop.api.post(&path, &json!({})).await.expect(200);
}

/// Sends it while Meta refuses it, and then again while everything is paused; gives the new row.
async fn again(app: &TestApp, shop: &Tenant, body: &Value) -> Row {
    refuses(app, 131_009).await;
    let old = shop.api.send(body).await;
    app.status_of(shop, &old, "failed").await;
    takes_again(app).await;
    app.engine.clock.advance(Duration::from_secs(3_600));
    paused(shop, "pause").await;
    let path = format!("/api/v1/messages/{old}/retry");
    let new = shop.api.post(&path, &json!({})).await.expect(202);
    assert_eq!(new["other_number"], false, "{new}");
    let id = new["id"].as_str().unwrap().to_owned();
    let find = Sql::Both(
        "SELECT lane, endpoint, batch, send_before, body FROM outbox WHERE state IN ('queued', 'held')",
    );
    let row: Option<Row> = app.engine.db.first(find, Vec::new()).await.unwrap();
    paused(shop, "resume").await;
    delivered(shop, &id).await;
    row.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailing_that_is_sent_again_is_a_mailing_with_its_label_and_its_last_moment() {
    each_database_with(by_hand, async |app| {
        let shop = app.tenant(1).await;
        let now = app.engine.clock.now();
        let late = now.plus(Duration::from_secs(48 * 3_600));
        let mut body = hello();
        body["lane"] = json!("bulk");
        body["batch"] = json!("spring");
        body["recipient_identity_key_hash"] = json!("DF2lS5v2W6x=");
        body["send_before"] = json!(late.rfc3339());
        let (lane, endpoint, batch, send_before, sent) = again(app, &shop, &body).await;
        assert_eq!((lane, endpoint), (2, None), "a mailing stays one");
        assert_eq!(batch.as_deref(), Some("spring"));
        assert_eq!(send_before, Some(late.micros()));
        assert!(sent.contains("DF2lS5v2W6x="), "{sent}");

        let soon = app.engine.clock.now().plus(Duration::from_secs(60));
        body["send_before"] = json!(soon.rfc3339());
        let (lane, _, _, send_before, _) = again(app, &shop, &body).await;
        assert_eq!(
            (lane, send_before),
            (2, None),
            "a time that has passed says nothing any more"
        );
        let (lane, _, batch, send_before, _) = again(app, &shop, &hello()).await;
        assert_eq!((lane, batch, send_before), (1, None, None));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lost_its_number_is_sent_again_from_the_number_that_there_is() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let old = refused(app, &shop, 131_009, 2).await;
        app.unassign(&shop).await;
        let shop = app.assign(&shop, &number(5)).await;
        let path = format!("/api/v1/messages/{}/retry", old[0]);
        let new = shop.api.post(&path, &json!({})).await.expect(202);
        assert_eq!(
            (&new["phone_number_id"], &new["other_number"]),
            (&json!(number(5)), &json!(true)),
            "{new}"
        );
        delivered(&shop, new["id"].as_str().unwrap()).await;
        let many = json!({ "ids": old });
        let many = shop
            .api
            .post("/api/v1/messages/retry", &many)
            .await
            .expect(200);
        assert_eq!(
            (
                &many["retried"],
                &many["other_number"],
                &many["refused_count"]
            ),
            (&json!(1), &json!(1), &json!(1)),
            "{many}"
        );
        let second = shop.api.message(&old[1]).await["retried_as"].clone();
        delivered(&shop, second.as_str().unwrap()).await;
        assert_eq!(app.sim.outbound().len(), 2, "each once");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_retry_the_same_at_once_each_counts_what_it_sent_again() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        refused(app, &shop, 131_009, 7).await;
        let filter = json!({ "filter": { "code": 131_009 } });
        let path = "/api/v1/messages/retry";
        let all = futures::future::join_all((0..5).map(|_| shop.api.post(path, &filter))).await;
        let mut retried = 0;
        for answer in all {
            retried += answer.expect(200)["retried"].as_u64().unwrap();
        }
        assert_eq!(retried, 7);
    })
    .await;
}

/// A template of advertising that Meta has approved.
async fn offer(app: &TestApp) -> Value {
    let template = json!({
        "name": "oferta", "language": "es", "category": "MARKETING",
        "components": [{ "type": "BODY", "text": "Hoy, pan de centeno a mitad de precio" }],
    });
    let path = format!("/v24.0/{}/message_templates", testkit::WABA);
    let request = app.meta().request(Method::POST, &path);
    let made = Answer::of(request.bearer_auth(testkit::TOKEN).json(&template)).await;
    let id = made.expect(200)["id"].as_str().unwrap().to_owned();
    let decide = format!("/_sim/templates/{id}/decide");
    let decided = app
        .meta()
        .post(&decide, &json!({ "status": "APPROVED" }))
        .await;
    decided.expect(200);
    json!({ "name": "oferta", "language": { "code": "es" } })
}

#[tokio::test(flavor = "multi_thread")]
async fn advertising_that_is_sent_again_goes_by_the_same_door_with_the_same_wishes() {
    each_database_with(by_hand, async |app| {
        let shop = app.tenant(1).await;
        let mut body = hello();
        body["template"] = offer(app).await;
        body["marketing"] =
            json!({ "product_policy": "STRICT", "message_activity_sharing": false });
        let (lane, endpoint, _, _, sent) = again(app, &shop, &body).await;
        assert_eq!((lane, endpoint.as_deref()), (1, Some("marketing_messages")));
        let sent: Value = serde_json::from_str(&sent).unwrap();
        assert_eq!(
            (&sent["product_policy"], &sent["message_activity_sharing"]),
            (&json!("STRICT"), &json!(false)),
            "{sent}"
        );
        let calls = app.meta().get("/_sim/calls").await.expect(200);
        let calls = calls["data"].as_array().unwrap();
        let paths = calls.iter().filter_map(|call| call["path"].as_str());
        let doors: Vec<_> = paths
            .filter_map(|path| path.split('?').next())
            .filter(|path| path.ends_with("messages"))
            .map(|path| path.rsplit('/').next().unwrap())
            .collect();
        assert_eq!(
            doors, ["marketing_messages"; 2],
            "the first try and the second"
        );
    })
    .await;
}
