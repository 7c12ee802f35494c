//! Who may do what: every route × every role × own and foreign ids; and nobody sees another's rows.

#![expect(clippy::unwrap_used, reason = "a story stops where it cannot go on")]

use std::collections::BTreeSet;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use testkit::{Client, Tenant, TestApp, each_database, until, webhook};

const CUSTOMER: &str = "34600000001";
/// A moment of 2026, in seconds since 1970.
const AT: i64 = 1_780_000_000;

/// Route; then the status for: nobody, a key that is not known, a tenant with its own ids, a tenant with
/// another tenant's ids, the platform. Rows are asked in this order, so what destroys stands behind what looks.
#[rustfmt::skip]
const MATRIX: &[(&str, [u16; 5])] = &[
    //                                                        nobody  bad  own  foreign platform
    ("GET /healthz",                                             [200, 200, 200, 200, 200]),
    ("GET /readyz",                                              [200, 200, 200, 200, 200]),
    ("GET /metrics",                                             [200, 200, 200, 200, 200]),
    // Meta shows a verify token and a signature; our keys open nothing there.
    ("GET /webhooks/meta",                                       [403, 403, 403, 403, 403]),
    ("POST /webhooks/meta",                                      [401, 401, 401, 401, 401]),
    // A tenant's own: the platform has no business there, and another's id is like one that does not exist.
    ("GET /api/v1/messages",                                     [401, 401, 200, 200, 403]),
    ("POST /api/v1/messages",                                    [401, 401, 202, 422, 403]),
    ("GET /api/v1/messages/{id}",                                [401, 401, 200, 404, 403]),
    ("POST /api/v1/messages/{id}/settle",                        [401, 401, 409, 404, 403]),
    ("GET /api/v1/messages/{id}/media",                          [401, 401, 404, 404, 403]),
    ("POST /api/v1/media",                                       [401, 401, 201, 201, 403]),
    ("GET /api/v1/templates",                                    [401, 401, 200, 200, 403]),
    ("GET /api/v1/conversations",                                [401, 401, 200, 200, 403]),
    ("GET /api/v1/conversations/counts",                         [401, 401, 200, 200, 403]),
    ("GET /api/v1/conversations/{id}",                           [401, 401, 200, 404, 403]),
    ("POST /api/v1/conversations/{id}/read",                     [401, 401, 204, 404, 403]),
    ("PATCH /api/v1/conversations/{id}",                         [401, 401, 200, 404, 403]),
    ("POST /api/v1/conversations/{id}/notes",                    [401, 401, 201, 404, 403]),
    // Keys are nobody who could be present.
    ("POST /api/v1/conversations/{id}/presence",                 [401, 401, 403, 404, 403]),
    ("GET /api/v1/quick-replies",                                [401, 401, 200, 200, 403]),
    ("POST /api/v1/quick-replies",                               [401, 401, 201, 201, 403]),
    ("PUT /api/v1/quick-replies/{id}",                           [401, 401, 200, 404, 403]),
    ("DELETE /api/v1/quick-replies/{id}",                        [401, 401, 204, 404, 403]),
    ("GET /api/v1/settings",                                     [401, 401, 200, 200, 403]),
    ("PATCH /api/v1/settings",                                   [401, 401, 200, 200, 403]),
    ("GET /api/v1/contacts",                                     [401, 401, 200, 200, 403]),
    ("GET /api/v1/contacts/{id}",                                [401, 401, 200, 404, 403]),
    ("GET /api/v1/auto-replies",                                 [401, 401, 200, 200, 403]),
    ("PUT /api/v1/auto-replies",                                 [401, 401, 200, 200, 403]),
    ("GET /api/v1/stream",                                       [401, 401, 200, 200, 403]),
    // The platform's own: a tenant may not even ask about itself.
    ("POST /api/v1/admin/tenants",                               [401, 401, 403, 403, 201]),
    ("GET /api/v1/admin/tenants",                                [401, 401, 403, 403, 200]),
    ("GET /api/v1/admin/tenants/{id}",                           [401, 401, 403, 403, 200]),
    ("PATCH /api/v1/admin/tenants/{id}",                         [401, 401, 403, 403, 200]),
    ("POST /api/v1/admin/tenants/{id}/api-keys",                 [401, 401, 403, 403, 201]),
    ("GET /api/v1/admin/tenants/{id}/api-keys",                  [401, 401, 403, 403, 200]),
    ("GET /api/v1/admin/whatsapp/phone-numbers",                 [401, 401, 403, 403, 200]),
    ("GET /api/v1/admin/whatsapp/tenants",                       [401, 401, 403, 403, 200]),
    ("GET /api/v1/admin/whatsapp/tenants/{id}/phone",            [401, 401, 403, 403, 200]),
    ("POST /api/v1/admin/whatsapp/tenants/{id}/assign-phone",    [401, 401, 403, 403, 200]),
    ("PUT /api/v1/admin/whatsapp/fallback",                      [401, 401, 403, 403, 200]),
    ("GET /api/v1/admin/stream",                                 [401, 401, 403, 403, 200]),
    ("GET /api/v1/admin/intake",                                 [401, 401, 403, 403, 200]),
    ("GET /api/v1/admin/intake/parked",                          [401, 401, 403, 403, 200]),
    ("POST /api/v1/admin/intake/parked/replay",                  [401, 401, 403, 403, 200]),
    ("POST /api/v1/admin/intake/parked/{id}/replay",             [401, 401, 403, 403, 200]),
    ("DELETE /api/v1/admin/whatsapp/tenants/{id}/unassign-phone", [401, 401, 403, 403, 200]),
    ("DELETE /api/v1/admin/tenants/{id}/api-keys/{key}",         [401, 401, 403, 403, 204]),
];

/// Every route of the API's description, as `GET /path`.
fn routes() -> BTreeSet<String> {
    let document: Value = serde_json::to_value(trunkline_http::openapi()).unwrap();
    let mut routes = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let verbs = item.as_object().unwrap().keys().filter(|key| {
            ["get", "put", "post", "delete", "patch", "head", "options"].contains(&key.as_str())
        });
        routes.extend(verbs.map(|verb| format!("{} {path}", verb.to_uppercase())));
    }
    routes
}

/// The ids that one tenant's rows have.
#[derive(Debug)]
struct Ids {
    tenant: Tenant,
    message: String,
    conversation: String,
    contact: String,
    parked: String,
    key: String,
    quick_reply: String,
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
    // Parked things belong to nobody; each has one so that each may be replayed once.
    let unknown = webhook::text(
        "555000555000555",
        CUSTOMER,
        &format!("wamid.parked.{}", tenant.number),
        AT,
        "?",
    );
    app.delivered(webhook::post([unknown]).to_string()).await;
    let parked = app
        .admin()
        .all("/api/v1/admin/intake/parked")
        .await
        .remove(0);
    let path = format!("/api/v1/admin/tenants/{}/api-keys", tenant.id);
    let key = app
        .admin()
        .post(&path, &json!({ "name": "matrix" }))
        .await
        .expect(201);
    let written = json!({ "shortcut": "hola", "text": "Buenos días" });
    let quick_reply = tenant.api.post("/api/v1/quick-replies", &written).await;
    Ids {
        quick_reply: quick_reply.expect(201)["id"].as_str().unwrap().to_owned(),
        message: text("id"),
        conversation: text("conversation_id"),
        contact: text("contact_id"),
        parked: parked["id"].as_str().unwrap().to_owned(),
        key: key["id"].as_str().unwrap().to_owned(),
        tenant,
    }
}

/// The path with the ids of a tenant.
fn path(route: &str, ids: &Ids) -> String {
    let id = if route.contains("/messages/") {
        &ids.message
    } else if route.contains("/conversations/") {
        &ids.conversation
    } else if route.contains("/contacts/") {
        &ids.contact
    } else if route.contains("/quick-replies/") {
        &ids.quick_reply
    } else if route.contains("/parked/") {
        &ids.parked
    } else {
        &ids.tenant.id
    };
    route.replace("{id}", id).replace("{key}", &ids.key)
}

/// A body that is right, with the ids of a tenant.
fn body(route: &str, ids: &Ids) -> Option<Value> {
    let body = match route {
        "POST /api/v1/messages" => json!({ "to": ids.conversation, "text": "Hola" }),
        "POST /api/v1/messages/{id}/settle" => json!({ "decision": "give_up" }),
        "PATCH /api/v1/conversations/{id}" => json!({ "status": "closed" }),
        "POST /api/v1/conversations/{id}/notes" => json!({ "text": "Ojo" }),
        "POST /api/v1/conversations/{id}/presence" => json!({ "typing": true }),
        "POST /api/v1/quick-replies" => {
            // Each is asked for by several roles, and a shortcut is given once.
            json!({ "shortcut": format!("q{:016x}", rand::random::<u64>()), "text": "x" })
        }
        "PUT /api/v1/quick-replies/{id}" => json!({ "shortcut": "otra", "text": "x" }),
        "PATCH /api/v1/settings" => json!({ "language": "es" }),
        "PUT /api/v1/auto-replies" => json!({ "welcome": null }),
        "POST /api/v1/admin/tenants" => json!({ "name": "Otra" }),
        "PATCH /api/v1/admin/tenants/{id}" => json!({ "language": "es" }),
        "POST /api/v1/admin/tenants/{id}/api-keys" => json!({ "name": "otra" }),
        "POST /api/v1/admin/whatsapp/tenants/{id}/assign-phone" => {
            json!({ "phone_number_id": ids.tenant.number })
        }
        "PUT /api/v1/admin/whatsapp/fallback" => json!({ "phone_number_id": testkit::number(6) }),
        _ => return None,
    };
    Some(body)
}

async fn ask(client: &Client, route: &str, ids: &Ids) -> (u16, String) {
    let (verb, _) = route.split_once(' ').unwrap();
    let path = path(route, ids);
    let mut request = client.request(
        Method::from_bytes(verb.as_bytes()).unwrap(),
        path.split_once(' ').unwrap().1,
    );
    if route == "POST /api/v1/media" {
        let file = Part::bytes(&b"%PDF-1.7"[..]).file_name("a.pdf");
        request = request.multipart(Form::new().part("file", file));
    } else if let Some(body) = body(route, ids) {
        request = request.json(&body);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    // A stream has no end; only refusals are read.
    let text = if status >= 400 {
        answer.text().await.unwrap()
    } else {
        String::new()
    };
    (status, text)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_every_role_as_the_table_says() {
    let known: BTreeSet<String> = MATRIX
        .iter()
        .map(|(route, _)| (*route).to_owned())
        .collect();
    let routes = routes();
    let missing: Vec<_> = routes.difference(&known).collect();
    let gone: Vec<_> = known.difference(&routes).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "routes without a row: {missing:?}; rows without a route: {gone:?}"
    );
    each_database(async |app| {
        let own = ids(app, app.tenant(1).await).await;
        let foreign = ids(app, app.tenant(2).await).await;
        let of_platform = ids(app, app.tenant(3).await).await;
        let (nobody, bad, platform) = (
            app.anybody(),
            app.client(Some("tlt_000000000000_0000")),
            app.admin(),
        );
        let nearly = app.client(Some(&format!(
            "{}0",
            &own.tenant.key[..own.tenant.key.len() - 1]
        )));
        let mut wrong = Vec::new();
        for (route, statuses) in MATRIX {
            let asked = [
                ("nobody", &nobody, &own),
                ("a bad key", &bad, &own),
                ("a tenant about itself", &own.tenant.api, &own),
                ("a tenant about another", &own.tenant.api, &foreign),
                ("the platform", &platform, &of_platform),
            ];
            for ((who, client, ids), status) in asked.into_iter().zip(statuses) {
                let (got, text) = ask(client, route, ids).await;
                if got != *status {
                    wrong.push(format!("{route}, {who}: {got} instead of {status}: {text}"));
                }
                if status == &401 && !text.contains("\"code\":\"unauthorized\"")
                    || [403, 404].contains(status) && !text.contains("\"code\":")
                {
                    wrong.push(format!(
                        "{route}, {who}: the refusal is no problem document: {text}"
                    ));
                }
            }
            if statuses[1] == 401 && own.tenant.key.as_bytes().last() != Some(&b'0') {
                let (got, _) = ask(&nearly, route, &own).await;
                if got != 401 {
                    wrong.push(format!("{route}, a key with a wrong end: {got}"));
                }
            }
        }
        assert!(
            wrong.is_empty(),
            "{} of the table:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    })
    .await;
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
        for body in [
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
                if event.data["status"] == "delivered" {
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
