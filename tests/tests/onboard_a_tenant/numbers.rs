//! What is shown of a connection's numbers, and what of them is proven to Meta.

use serde_json::json;
use testkit::{Setup, each_database, each_database_with};

use crate::stage::{connect, connected, ended, sign_up, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_is_registered_waits_for_nothing_even_where_the_run_stops_later() {
    each_database(async |app| {
        let shop = app.new_tenant("Una").await;
        let made = sign_up(app, json!({})).await;
        let path = format!("{}/message_templates", text(&made["waba_id"]));
        let rule = json!({ "match": { "method": "GET", "path": path }, "times": 1, "answer": { "code": 10 } });
        app.faults(&json!({ "script": [rule] })).await;
        let id = connect(&shop, &made).await;
        let row = ended(&shop.api, &id).await;
        assert_eq!(row["run"]["cause"], "permission_missing", "{row:#}");
        let number = &row["numbers"][0];
        assert_eq!(number["status"], "CONNECTED", "{row:#}");
        assert_eq!(number["standing"], json!(null), "nothing was told of it: {row:#}");
        shop.api.post(&format!("/api/v1/connections/{id}/resume"), &json!({})).await.expect(202);
        let row = ended(&shop.api, &id).await;
        let number = &row["numbers"][0];
        assert_eq!(number["status"], "CONNECTED", "{row:#}");
        assert_ne!(number["standing"], "PENDING", "{row:#}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_demands_its_secret_is_proven_it_with_every_call() {
    each_database(async |app| {
        let demand = json!({ "require_proof": true });
        app.meta().post("/_sim/app", &demand).await.expect(200);
        let shop = app.new_tenant("Una").await;
        let (made, row) = connected(app, &shop, json!({})).await;
        assert_eq!(row["state"], "connected", "{row:#}");
        let number = text(&made["phone_number_id"]);
        // What comes, what goes, what is read, what is listed.
        app.customer_writes(
            &number,
            "34600000009",
            json!({ "type": "image", "image": {} }),
        );
        let came = testkit::until("the picture is there, with its file", async || {
            let rows = shop.api.all("/api/v1/messages").await;
            match rows.first() {
                Some(row) if row["media"]["state"] == "stored" => Ok(row.clone()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
        let shown = format!("/api/v1/messages/{}/read", text(&came["id"]));
        shop.api.post(&shown, &json!({})).await.expect(204);
        let message = shop
            .api
            .send(&json!({ "to": "+34600000009", "text": "Sí" }))
            .await;
        app.status_of(&shop, &message, "delivered").await;
        shop.api.get("/api/v1/templates").await.expect(200);
        let all = app.meta().get("/_sim/calls").await.expect(200);
        let all = all["data"].as_array().unwrap();
        let refused: Vec<_> = all.iter().filter(|call| call["code"] == 100).collect();
        assert!(refused.is_empty(), "without proof: {refused:?}");
        let proven = |path: &str| {
            let fits = |call: &&serde_json::Value| {
                let asked = call["path"].as_str().unwrap();
                asked.contains(path) && asked.contains("appsecret_proof=")
            };
            all.iter().filter(fits).count()
        };
        for path in [
            "/messages",
            "/message_templates",
            "/register",
            "/subscribed_apps",
        ] {
            assert!(proven(path) > 0, "{path} was never proven");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_connects_is_told_whom_to_ask_for_help() {
    let with_help = || Setup {
        support: "help@example.com".to_owned(),
        ..Setup::default()
    };
    each_database_with(with_help, async |app| {
        let shop = app.new_tenant("Una").await;
        let page = shop.api.get("/api/v1/connections/setup").await.expect(200);
        assert_eq!(page["support_contact"], "help@example.com", "{page}");
    })
    .await;
}
