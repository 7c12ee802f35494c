//! The life of one message: every step with its time, what it costs, and what Meta posted about it alone.

use serde_json::{Value, json};
use testkit::{Tenant, each_database, until, webhook};

use super::{CUSTOMER, delivered, hello, refused};

/// Waits until Meta has taken a message; gives its wamid.
pub(crate) async fn accepted(shop: &Tenant, message: &str) -> String {
    until("Meta has taken it", async || {
        let row = shop.api.message(message).await;
        row["wamid"]
            .as_str()
            .map(str::to_owned)
            .ok_or(row.to_string())
    })
    .await
}

async fn life(shop: &Tenant, message: &str) -> Value {
    let path = format!("/api/v1/messages/{message}/life");
    shop.api.get(&path).await.expect(200)
}

fn kinds(life: &Value) -> Vec<String> {
    let step = |step: &Value| match step["data"]["status"].as_str() {
        Some(status) => status.to_owned(),
        None => step["kind"].as_str().unwrap().to_owned(),
    };
    life["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(step)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_arrives_tells_every_step_its_cost_and_its_webhooks() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let id = shop.api.send(&hello()).await;
        let message = delivered(&shop, &id).await;
        let life = until("both reports are among the webhooks", async || {
            let life = life(&shop, &id).await;
            if life["webhooks_complete"] == true {
                Ok(life)
            } else {
                Err(life.to_string())
            }
        })
        .await;
        let steps = kinds(&life);
        assert_eq!(steps[..2], ["enqueued", "accepted"], "{life}");
        assert!(steps.contains(&"sent".to_owned()), "{steps:?}");
        assert!(message["accepted_at"].is_string(), "{message}");
        assert_eq!(life["message"]["id"], id.as_str());
        assert_eq!(life["contact_phone"], CUSTOMER);
        assert!(
            life["display_phone_number"]
                .as_str()
                .unwrap()
                .starts_with("+34"),
            "{life}"
        );
        assert_eq!(
            life["cost"]["category"], message["pricing"]["category"],
            "{life}"
        );
        assert!(life["cost"]["billable"].is_boolean(), "{life}");
        let webhooks = life["webhooks"].as_array().unwrap();
        for webhook in webhooks {
            assert_eq!(webhook["item"]["id"], message["wamid"], "{webhook}");
            assert_eq!(webhook["item"]["status"], webhook["status"]);
        }
        assert!(
            webhooks.iter().any(|webhook| webhook["status"] == "sent"),
            "{life}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_tells_of_two_businesses_shows_each_only_its_own() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let seconds = 1_780_000_000;
        let secret = "34699999999";
        let mine = webhook::text(
            &shop.number,
            CUSTOMER,
            "wamid.MINE/1",
            seconds,
            "para la tienda uno",
        );
        let mut both = webhook::text(
            &shop.number,
            secret,
            "wamid.MINE/2",
            seconds,
            "otro cliente",
        );
        // One change with two messages of two people, beside a change of another business.
        both["messages"]
            .as_array_mut()
            .unwrap()
            .push(mine["messages"][0].clone());
        let theirs = webhook::text(
            &other.number,
            secret,
            "wamid.THEIRS/1",
            seconds,
            "secreto de la tienda dos",
        );
        app.delivered(webhook::post([theirs, both]).to_string())
            .await;
        // The id of another business's message in a field of ours leads nowhere.
        let found = shop.api.all("/api/v1/messages?wamid=wamid.MINE/1").await;
        let id = found[0]["id"].as_str().unwrap();
        let life = life(&shop, id).await;
        let webhooks = life["webhooks"].as_array().unwrap();
        assert_eq!(webhooks.len(), 1, "{life}");
        assert_eq!(webhooks[0]["item"]["text"]["body"], "para la tienda uno");
        assert_eq!(life["webhooks_complete"], true);
        let text = life.to_string();
        for foreign in ["secreto", "THEIRS", secret, "otro cliente", &other.number] {
            assert!(
                !text.contains(foreign),
                "{foreign} is somebody else's: {text}"
            );
        }
        let path = format!("/api/v1/messages/{id}/life");
        other.api.get(&path).await.expect_problem(404, "not_found");
        app.admin()
            .get(&path)
            .await
            .expect_problem(403, "forbidden");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_names_our_message_on_anothers_number_is_not_its_own() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let id = shop.api.send(&hello()).await;
        let wamid = accepted(&shop, &id).await;
        let forged = webhook::status(
            &other.number,
            &wamid,
            "delivered",
            1_780_000_000,
            &json!({ "biz_opaque_callback_data": id, "recipient_id": "34611111111" }),
        );
        app.delivered(webhook::post([forged]).to_string()).await;
        let text = life(&shop, &id).await.to_string();
        assert!(!text.contains("34611111111"), "{text}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_a_step_with_its_code() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let id = refused(app, &shop, 131_009, 1).await.remove(0);
        let life = life(&shop, &id).await;
        assert_eq!(kinds(&life), ["enqueued", "failed"], "{life}");
        assert_eq!(life["events"][1]["data"]["code"], 131_009);
        assert_eq!(
            (&life["webhooks"], &life["webhooks_complete"]),
            (&json!([]), &json!(true))
        );
        assert_eq!(life["cost"], Value::Null);
    })
    .await;
}
