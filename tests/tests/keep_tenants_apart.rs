//! Nobody sees another tenant's rows. (Who may do what at all stands in `permissions`.)

#![expect(clippy::unwrap_used, reason = "a story stops where it cannot go on")]

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::{Tenant, TestApp, each_database, until, webhook};

const CUSTOMER: &str = "34600000001";
/// A moment of 2026, in seconds since 1970.
const AT: i64 = 1_780_000_000;

/// The ids that one tenant's rows have.
#[derive(Debug)]
struct Ids {
    tenant: Tenant,
    message: String,
    conversation: String,
    key: String,
}

async fn ids(app: &TestApp, tenant: Tenant) -> Ids {
    let value = webhook::text(
        &tenant.number,
        CUSTOMER,
        &format!("wamid.{}", tenant.number),
        AT,
        "Hola",
    );
    app.delivered(webhook::post([value]).to_string()).await;
    let message = tenant.api.all("/api/v1/messages").await.remove(0);
    let text = |member: &str| message[member].as_str().unwrap().to_owned();
    let path = format!("/api/v1/admin/tenants/{}/api-keys", tenant.id);
    let key = app
        .admin()
        .post(&path, &json!({ "name": "matrix" }))
        .await
        .expect(201);
    Ids {
        message: text("id"),
        conversation: text("conversation_id"),
        key: key["id"].as_str().unwrap().to_owned(),
        tenant,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_of_another_tenant_lead_nowhere() {
    each_database(async |app| {
        let (own, foreign) = (
            ids(app, app.tenant(1).await).await,
            ids(app, app.tenant(2).await).await,
        );
        let api = &own.tenant.api;
        let to = format!("+{CUSTOMER}");
        // A file that the other one has given to WhatsApp, by Meta's own id.
        let ends = app
            .engine
            .clock
            .now()
            .plus(std::time::Duration::from_secs(86_400));
        let given = (foreign.tenant.number.as_str(), "990000000000001");
        let owner = foreign.tenant.id.parse().unwrap();
        store::media::uploads::keep_meta_id(&app.engine.db, owner, given.0, [7; 32], given.1, ends)
            .await
            .unwrap();
        let wamid = format!("wamid.{}", foreign.tenant.number);
        for body in [
            json!({ "to": to, "text": "x", "reply_to": wamid }),
            json!({ "to": to, "reaction": { "message_id": wamid, "emoji": "👍" } }),
            json!({ "to": to, "image": { "id": given.1 } }),
            json!({ "to": foreign.conversation, "text": "x" }),
            json!({ "to": to, "text": "x", "reply_to": foreign.message }),
            json!({ "to": to, "reaction": { "message_id": foreign.message, "emoji": "👍" } }),
        ] {
            api.post("/api/v1/messages", &body)
                .await
                .expect_problem(422, "invalid");
        }
        let from = json!({ "to": to, "text": "x", "from": foreign.tenant.number });
        api.post("/api/v1/messages", &from)
            .await
            .expect_problem(422, "foreign_number");
        for query in [
            format!("conversation_id={}", foreign.conversation),
            format!("wamid=wamid.{}", foreign.tenant.number),
        ] {
            let rows = api.all(&format!("/api/v1/messages?{query}")).await;
            assert!(rows.is_empty(), "{query}: {rows:?}");
        }
        // A cursor is a place in an order, not a permission.
        let cursor = format!("/api/v1/messages?limit=1&cursor={}", foreign.message);
        for row in api.get(&cursor).await.expect(200)["data"]
            .as_array()
            .unwrap()
        {
            assert_eq!(row["id"], own.message.as_str());
        }
        let revoked = format!(
            "/api/v1/admin/tenants/{}/api-keys/{}",
            own.tenant.id, foreign.key
        );
        app.admin()
            .delete(&revoked)
            .await
            .expect_problem(404, "not_found");
        let read = format!("/api/v1/conversations/{}/read", foreign.conversation);
        api.post(&read, &json!({}))
            .await
            .expect_problem(404, "not_found");
        let theirs = foreign.tenant.api.all("/api/v1/conversations").await;
        assert_eq!(theirs[0]["unread_count"], 1, "nothing was read for them");
    })
    .await;
}

/// Every text in a value.
fn texts(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(into.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| texts(item, into)),
        Value::Object(map) => map.values().for_each(|item| texts(item, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_customer_of_two_tenants_is_two_worlds() {
    each_database(async |app| {
        let tenants = [app.tenant(1).await, app.tenant(2).await];
        for (n, tenant) in tenants.iter().enumerate() {
            let welcome = json!({ "welcome": format!("Bienvenido a la tienda {n}") });
            tenant
                .api
                .put("/api/v1/auto-replies", &welcome)
                .await
                .expect(200);
            app.customer_says(&tenant.number, CUSTOMER, &format!("secreto {n}"));
        }
        let mut worlds = Vec::new();
        for (n, tenant) in tenants.iter().enumerate() {
            until("the welcome is delivered", async || {
                let out = tenant.api.all("/api/v1/messages?direction=outbound").await;
                if out
                    .first()
                    .is_some_and(|reply| reply["delivered_at"].is_string())
                {
                    Ok(())
                } else {
                    Err(format!("{out:?}"))
                }
            })
            .await;
            let mut seen = Vec::new();
            for list in ["messages", "conversations", "contacts"] {
                seen.extend(tenant.api.all(&format!("/api/v1/{list}")).await);
            }
            // Everything that ever happened to the tenant.
            let mut stream = tenant.api.listen(Some(0)).await;
            loop {
                let event = stream.next().await;
                seen.push(event.data.clone());
                // One event may tell of several steps: the last of them.
                if ["delivered", "read"]
                    .map(Value::from)
                    .contains(&event.data["status"])
                {
                    break;
                }
            }
            let mut words = BTreeSet::new();
            texts(&json!(seen), &mut words);
            assert!(words.contains(&format!("secreto {n}")), "{words:?}");
            worlds.push(words);
        }
        let ids = |world: &BTreeSet<String>| -> BTreeSet<String> {
            let ours = |text: &&String| {
                [
                    "msg_",
                    "cnv_",
                    "con_",
                    "wamid.",
                    "secreto",
                    "Bienvenido",
                    "1000",
                ]
                .iter()
                .any(|start| text.starts_with(start))
            };
            world.iter().filter(ours).cloned().collect()
        };
        let (one, two) = (ids(&worlds[0]), ids(&worlds[1]));
        let shared: Vec<_> = one.intersection(&two).collect();
        assert!(shared.is_empty(), "both see {shared:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_shown_once_and_opens_nothing_after_it_is_revoked() {
    each_database(async |app| {
        let (shop, admin) = (app.tenant(1).await, app.admin());
        let keys = format!("/api/v1/admin/tenants/{}/api-keys", shop.id);
        let made = admin
            .post(&keys, &json!({ "name": "caja" }))
            .await
            .expect(201);
        let secret = made["api_key"].as_str().unwrap();
        let till = app.client(Some(secret));
        till.get("/api/v1/contacts").await.expect(200);
        let listed = admin.get(&keys).await;
        assert!(
            !listed.text.contains(secret),
            "the list shows a secret: {}",
            listed.text
        );
        let row = listed.json["data"]
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["id"] == made["id"])
            .unwrap();
        assert_eq!(row["name"], "caja");
        assert!(secret.starts_with(row["prefix"].as_str().unwrap()), "{row}");
        let one = format!("{keys}/{}", made["id"].as_str().unwrap());
        assert_eq!(admin.delete(&one).await.status, 204);
        till.get("/api/v1/contacts")
            .await
            .expect_problem(401, "unauthorized");
        admin.delete(&one).await.expect_problem(404, "not_found");
        shop.api.get("/api/v1/contacts").await.expect(200);
    })
    .await;
}
