//! How each route is asked: with ids that exist and a body that is right, so that only the role decides.
//! What a route uses up is made anew for each asker. Where a right body would change who may ask later
//! on (passwords, roles), the body is wrong: 422 then means "allowed".

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{CUSTOMER, World};

/// Asks a route in a role; returns the status and, for refusals, the body.
pub(crate) async fn ask(world: &World<'_>, role: &str, route: &str) -> (u16, String) {
    let (verb, path) = route.split_once(' ').unwrap();
    let path = fill(world, role, route, path).await;
    let method = Method::from_bytes(verb.as_bytes()).unwrap();
    let mut request = asker(world, role, route).await.request(method, &path);
    if let Some(body) = body(world, role, route) {
        request = request.json(&body);
    }
    if let Some(form) = form(route) {
        request = request.multipart(form);
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

/// Who asks. What ends a session is asked by a session of its own.
async fn asker(world: &World<'_>, role: &str, route: &str) -> testkit::Client {
    if route == "DELETE /api/v1/session" {
        let email = match role {
            "viewer" | "agent" | "own" | "manager" | "owner" | "admin" => {
                format!("{role}@example.com")
            }
            "foreign" => "owner@example.com".to_owned(),
            _ => return world.asker(role).clone(),
        };
        return world.app.sign_in(&email).await;
    }
    world.asker(role).clone()
}

async fn made(client: &testkit::Client, path: &str, body: &Value) -> String {
    let made = client.post(path, body).await.expect(201);
    made["id"].as_str().unwrap().to_owned()
}

/// A rule of no consequence.
fn rule() -> Value {
    json!({
        "name": "x", "event_type": "nothing.happened", "recipient": { "path": "data.phone" },
        "template": { "name": "hello_world", "language": { "is": "en_US" } },
    })
}

/// Waits until the rules were applied to an event, of which there are none: then it may be tried again.
async fn ignored(tenant: &testkit::Tenant, id: &str) {
    let path = format!("/api/v1/events/{id}");
    testkit::until("the rules were applied", async || {
        let event = tenant.api.get(&path).await.expect(200);
        if event["state"] == "ignored" {
            Ok(())
        } else {
            Err(event.to_string())
        }
    })
    .await;
}

/// Something that somebody should know of.
async fn alert(world: &World<'_>, tenant: Option<&testkit::Tenant>) -> String {
    let new = store::alerts::New {
        tenant: tenant.map(|tenant| tenant.id.parse().unwrap()),
        kind: "queue_age",
        subject: world.fresh("subject"),
        severity: "info",
        stage: String::new(),
        parameters: "{}".to_owned(),
    };
    let engine = &world.app.engine;
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await.unwrap();
    assert!(
        store::alerts::any_tenant_raise(&mut tx, &new, now)
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
    let page = store::page::Page::new(None, 200);
    let all = store::alerts::any_tenant_list(&engine.db, true, page)
        .await
        .unwrap();
    let found = all.iter().find(|alert| alert.subject == new.subject);
    found.unwrap().id.to_string()
}

/// A way to WhatsApp whose last run has failed, and its number, whose PIN is kept.
async fn connection(world: &World<'_>, tenant: &testkit::Tenant) -> (String, String) {
    use domain::connection::{RunKind, RunState, Step, StepState, Way};
    use secrecy::SecretString;
    use store::connections::{self, Connection, numbers, runs, tokens};
    let (engine, tenant) = (&world.app.engine, tenant.id.parse().unwrap());
    let (waba, number) = (world.fresh("90000"), world.fresh("91000"));
    let now = engine.clock.now();
    let mut row = Connection::new(tenant, Way::TechProvider, false, now);
    row.waba_id = Some(waba.clone());
    let (token, pin) = (SecretString::from("EAA"), SecretString::from("135790"));
    let debugged = tokens::Debugged {
        expires_at: None,
        scopes: String::new(),
    };
    let facts = store::numbers::Facts {
        display_phone_number: number.clone(),
        ..Default::default()
    };
    let over = runs::Outcome {
        state: StepState::Done,
        cause: None,
        detail: None,
        result: None,
    };
    let named = (waba.as_str(), "Luna");
    let sealer = &engine.sealer;
    let run = runs::Run::new((tenant, row.id), RunKind::Connect, "{}".into(), "x", now);
    let mut tx = engine.db.begin().await.unwrap();
    connections::insert(&mut tx, &row).await.unwrap();
    tokens::claim(&mut tx, sealer, tenant, named, &token, &debugged, now)
        .await
        .unwrap();
    store::numbers::any_tenant_upsert_facts_in(&mut tx, &number, &waba, &facts, now)
        .await
        .unwrap();
    store::numbers::assign(&mut tx, tenant, &number, now)
        .await
        .unwrap();
    numbers::any_tenant_set_pin(&mut tx, sealer, &number, Some(&pin), now)
        .await
        .unwrap();
    runs::insert(&mut tx, sealer, &run, Step::ALL, None, None)
        .await
        .unwrap();
    runs::end_step(&mut tx, run.id, Step::ExchangeCode, &over, now)
        .await
        .unwrap();
    runs::set_state(
        &mut tx,
        run.id,
        RunState::Failed,
        Some("meta_busy"),
        Some(now),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    (row.id.to_string(), number)
}

/// The path with ids that exist; what the route uses up is made for it.
async fn fill(world: &World<'_>, role: &str, route: &str, path: &str) -> String {
    let (tenant, ids) = world.named_by(role);
    let admin = world.app.admin();
    let mut path = path.to_owned();
    let id = match route {
        _ if route.contains("/messages/{id}") => ids["message"].clone(),
        _ if route.contains("/conversations/{id}") => ids["conversation"].clone(),
        _ if route.contains("/contacts/{id}") => ids["contact"].clone(),
        "DELETE /api/v1/admin/api-keys/{id}" => {
            made(&admin, "/api/v1/admin/api-keys", &json!({ "name": "x" })).await
        }
        "DELETE /api/v1/api-keys/{id}" | "DELETE /api/v1/admin/tenants/{id}/api-keys/{key}" => {
            let key = made(&tenant.api, "/api/v1/api-keys", &json!({ "name": "x" })).await;
            path = path.replace("{key}", &key);
            if route.contains("admin") {
                tenant.id.clone()
            } else {
                key
            }
        }
        "POST /api/v1/alerts/{id}/dismiss" => alert(world, Some(tenant)).await,
        "POST /api/v1/admin/alerts/{id}/dismiss" => alert(world, None).await,
        _ if route.contains("/connections/{id}") => {
            let (id, number) = connection(world, tenant).await;
            path = path.replace("{phone_number_id}", &number);
            id
        }
        _ if route.contains("/events/{id}") && !route.contains("/hooks/") => {
            let event =
                json!({ "type": "order.paid", "id": world.fresh("event"), "data": { "a": 1 } });
            let made = tenant.api.post("/api/v1/events", &event).await.expect(202);
            let id = made["id"].as_str().unwrap().to_owned();
            ignored(tenant, &id).await;
            id
        }
        _ if route.contains("/notification-rules/{id}") => {
            made(&tenant.api, "/api/v1/notification-rules", &rule()).await
        }
        _ if route.contains("/event-sources/{id}") => {
            let body = json!({ "name": "x", "type": "order.paid" });
            made(&tenant.api, "/api/v1/event-sources", &body).await
        }
        _ if route.contains("/quick-replies/{id}") => {
            let body = json!({ "shortcut": world.fresh("kurz"), "text": "x" });
            made(&tenant.api, "/api/v1/quick-replies", &body).await
        }
        _ if route.contains("/admin/templates/{id}") => shared_template(world).await,
        _ if route.contains("/api/v1/templates/{id}") => {
            let body = template(&world.fresh("vorlage"));
            made(&tenant.api, "/api/v1/templates", &body).await
        }
        "DELETE /api/v1/invitations/{id}" | "DELETE /api/v1/admin/invitations/{id}" => {
            let email = format!("{}@example.com", world.fresh("guest"));
            let body = json!({ "email": email, "role": "viewer" });
            made(&tenant.api, "/api/v1/invitations", &body).await
        }
        "DELETE /api/v1/admin/setup-links/{id}" => {
            made(&admin, "/api/v1/admin/setup-links", &json!({ "for": "x" })).await
        }
        _ if route.contains("/global-templates/{id}") => global_template(world).await,
        _ if path.contains("{token}") => {
            let links = "/api/v1/admin/setup-links";
            let made = admin.post(links, &json!({ "for": "x" })).await.expect(201);
            let token = made["url"].as_str().unwrap().rsplit('/').next().unwrap();
            path = path.replace("{token}", token);
            String::new()
        }
        "DELETE /api/v1/me/sessions/{id}" => other_session(world, role).await,
        _ if route.contains("/admin/users/{id}") => ids["user"].clone(),
        _ if route.contains("/parked/{id}") => parked(world).await,
        _ => tenant.id.clone(),
    };
    path = path.replace("{id}", &id);
    if route.starts_with("DELETE") && path.contains("{user_id}") {
        let email = format!("{}@example.com", world.fresh("colleague"));
        world.app.member(&tenant.id, "viewer", &email).await;
        let members = tenant.api.all("/api/v1/members").await;
        let newest = members
            .iter()
            .find(|member| member["email"] == *email)
            .unwrap();
        path = path.replace("{user_id}", newest["user_id"].as_str().unwrap());
    }
    if route.contains("/whatsapp/tenants/{id}/") {
        // Given back after an asker took it away.
        let body = json!({ "phone_number_id": tenant.number });
        let assign = format!("/api/v1/admin/whatsapp/tenants/{}/assign-phone", tenant.id);
        admin.post(&assign, &body).await.expect(200);
    }
    if route == "GET /api/v1/admin/whatsapp/version" {
        path.push_str("?version=v25.0");
    }
    path.replace("{user_id}", &ids["user"])
}

/// A second session of the asker; of somebody else for who has none or names another's.
async fn other_session(world: &World<'_>, role: &str) -> String {
    let email = match role {
        "viewer" | "agent" | "own" | "manager" | "admin" => format!("{role}@example.com"),
        "foreign" => "other@example.com".to_owned(),
        _ => "owner@example.com".to_owned(),
    };
    let browser = world.app.sign_in(&email).await;
    let sessions = browser.all("/api/v1/me/sessions").await;
    let current = sessions.iter().find(|session| session["current"] == true);
    current.unwrap()["id"].as_str().unwrap().to_owned()
}

/// A template that everybody on the platform's account sends.
async fn shared_template(world: &World<'_>) -> String {
    let (db, now) = (&world.app.engine.db, world.app.engine.clock.now());
    let mut row =
        store::templates::Template::new(testkit::WABA, &world.fresh("de_todos"), "es", now);
    row.status = "APPROVED".to_owned();
    let mut tx = db.begin().await.unwrap();
    let rows = std::slice::from_ref(&row);
    store::templates::any_tenant_put(&mut tx, rows)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    row.id.to_string()
}

/// A template of the platform's that can be rolled out.
async fn global_template(world: &World<'_>) -> String {
    let (admin, globals) = (world.app.admin(), "/api/v1/admin/global-templates");
    let body = json!({ "name": world.fresh("global"), "category": "UTILITY" });
    let id = made(&admin, globals, &body).await;
    let path = format!("{globals}/{id}/versions");
    admin.post(&path, &version()).await.expect(201);
    id
}

fn version() -> Value {
    let components = json!([{ "type": "BODY", "text": "Hasta pronto." }]);
    json!({ "languages": { "es": { "components": components } } })
}

async fn parked(world: &World<'_>) -> String {
    let wamid = format!("wamid.{}", world.fresh("parked"));
    let value = testkit::webhook::text("555000555000555", CUSTOMER, &wamid, 1_780_000_000, "?");
    let post = testkit::webhook::post([value]).to_string();
    world.app.delivered(post).await;
    let rows = world.app.admin().all("/api/v1/admin/intake/parked").await;
    rows[0]["id"].as_str().unwrap().to_owned()
}

/// A body that is right, or (where it would change who may ask later) one that is refused with 422.
fn body(world: &World<'_>, role: &str, route: &str) -> Option<Value> {
    let (tenant, ids) = world.named_by(role);
    let body = match route {
        "POST /api/v1/messages" => json!({ "to": ids["conversation"], "text": "Hola" }),
        "POST /api/v1/messages/retry" | "POST /api/v1/dead-letters/dismiss" => {
            json!({ "filter": {} })
        }
        "POST /api/v1/events/retry" => json!({ "state": "held" }),
        "POST /api/v1/queue/pause" | "POST /api/v1/queue/resume" | "POST /api/v1/queue/cancel" => {
            json!({ "batch": "spring" })
        }
        "POST /api/v1/admin/queue/pause" | "POST /api/v1/admin/queue/resume" => {
            json!({ "phone_number_id": testkit::number(6) })
        }
        "POST /api/v1/messages/{id}/settle" => json!({ "decision": "give_up" }),
        "POST /api/v1/queue/uncertain/settle" => json!({ "all": true, "decision": "give_up" }),
        "PATCH /api/v1/contacts/{id}" => json!({ "opted_out": false }),
        "PATCH /api/v1/conversations/{id}" => json!({ "status": "open" }),
        "POST /api/v1/conversations/{id}/notes" => json!({ "text": "Nota" }),
        "POST /api/v1/conversations/{id}/presence" => json!({ "typing": false }),
        "POST /api/v1/templates" | "POST /api/v1/templates/check" => {
            template(&world.fresh("plantilla"))
        }
        "PATCH /api/v1/templates/{id}" => json!({ "language": "en" }),
        "POST /api/v1/templates/{id}/duplicate" => json!({ "name": world.fresh("copia") }),
        "POST /api/v1/templates/{id}/release" | "POST /api/v1/admin/templates/{id}/release" => {
            json!({ "action": "none" })
        }
        "POST /api/v1/templates/{id}/test-send" => json!({ "to": "nobody" }),
        "PUT /api/v1/auto-replies" => json!({ "welcome": null }),
        "POST /api/v1/events" => {
            json!({ "type": "order.paid", "id": world.fresh("event"), "data": {} })
        }
        "POST /api/v1/notification-rules" => rule(),
        "PATCH /api/v1/notification-rules/{id}" => json!({ "enabled": false }),
        "POST /api/v1/notification-rules/dry-run" => json!({ "rule": rule(), "data": {} }),
        "POST /api/v1/notification-rules/{id}/dry-run" => json!({ "data": {} }),
        "POST /api/v1/event-sources" => json!({ "name": "x", "type": "order.paid" }),
        "POST /api/v1/quick-replies" => json!({ "shortcut": world.fresh("hola"), "text": "x" }),
        "PUT /api/v1/quick-replies/{id}" => {
            json!({ "shortcut": world.fresh("adios"), "text": "y" })
        }
        "POST /api/v1/connections/embedded-signup" => json!({ "code": world.fresh("code") }),
        "POST /api/v1/connections/own-credentials" => {
            json!({ "access_token": "EAA", "waba_id": "123456789" })
        }
        "POST /api/v1/connections/signup-events" => json!({ "event": "CANCEL" }),
        "POST /api/v1/connections/{id}/resume" => json!({}),
        "POST /api/v1/connections/{id}/numbers/{phone_number_id}/pin" => json!({ "pin": "12" }),
        "PATCH /api/v1/admin/connections/{id}" => json!({ "billing_mode": "rebilled" }),
        "PATCH /api/v1/settings" => json!({ "language": "es" }),
        "POST /api/v1/session" => {
            json!({ "email": format!("{}@example.com", world.fresh("guess")), "password": "x" })
        }
        "PATCH /api/v1/me" => json!({ "theme": "dark" }),
        "POST /api/v1/me/password" => json!({ "current": testkit::PASSWORD, "new": "kurz" }),
        "POST /api/v1/me/totp/confirm" => json!({ "code": "none" }),
        "POST /api/v1/me/totp" | "DELETE /api/v1/me/totp" => json!({ "password": "not it at all" }),
        "PATCH /api/v1/members/{user_id}" => json!({ "role": "king" }),
        "POST /api/v1/invitations" => {
            json!({ "email": format!("{}@example.com", world.fresh("new")), "role": "agent" })
        }
        "POST /api/v1/api-keys" | "POST /api/v1/admin/api-keys" => json!({ "name": "x" }),
        "POST /api/v1/admin/tenants" => json!({ "name": "Otra" }),
        "PATCH /api/v1/admin/tenants/{id}" => json!({ "language": "es" }),
        "POST /api/v1/admin/tenants/{id}/api-keys" => json!({ "name": "otra" }),
        "POST /api/v1/admin/whatsapp/tenants/{id}/assign-phone" => {
            json!({ "phone_number_id": tenant.number })
        }
        "PUT /api/v1/admin/whatsapp/callbacks" => json!({ "waba_id": testkit::WABA }),
        "PUT /api/v1/admin/whatsapp/fallback" => json!({ "phone_number_id": testkit::number(6) }),
        "POST /api/v1/admin/invitations" => {
            json!({ "email": format!("{}@example.com", world.fresh("new")) })
        }
        "PATCH /api/v1/admin/users/{id}" => json!({}),
        "PATCH /api/v1/media/settings" => json!({ "retention_days": 3_000 }),
        "PATCH /api/v1/admin/media/{id}" => json!({ "quota_bytes": null }),
        "PATCH /api/v1/admin/platform" => json!({}),
        "POST /api/v1/admin/setup-links" => json!({ "for": "x" }),
        "POST /api/v1/admin/global-templates" => {
            json!({ "name": world.fresh("global"), "category": "UTILITY" })
        }
        "PATCH /api/v1/admin/global-templates/{id}" => json!({ "tenants": [] }),
        "POST /api/v1/admin/global-templates/{id}/versions" => version(),
        "POST /api/v1/admin/global-templates/{id}/roll-out" => json!({}),
        "POST /api/v1/admin/global-templates/{id}/rollout/retry" => json!({ "failed": true }),
        "POST /api/v1/admin/global-templates/import" => {
            json!({ "library_template_name": "x", "languages": [] })
        }
        "POST /api/v1/setup/{token}/account" => {
            json!({ "name": "x", "email": "nobody", "password": "x", "business_name": "x" })
        }
        _ => return None,
    };
    Some(body)
}

/// A draft.
fn template(name: &str) -> Value {
    json!({ "name": name, "language": "es", "category": "UTILITY", "draft": true,
        "components": [{ "type": "BODY", "text": "Hola" }] })
}

/// A file, where a route takes one.
fn form(route: &str) -> Option<reqwest::multipart::Form> {
    if !["POST /api/v1/media", "POST /api/v1/templates/header-media"].contains(&route) {
        return None;
    }
    let part = reqwest::multipart::Part::bytes(testkit::PNG.to_vec())
        .file_name("punto.png")
        .mime_str("image/png")
        .ok()?;
    Some(reqwest::multipart::Form::new().part("file", part))
}
