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
            "viewer" | "agent" | "manager" | "owner" | "admin" => format!("{role}@example.com"),
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
        _ if route.contains("/quick-replies/{id}") => {
            let body = json!({ "shortcut": world.fresh("kurz"), "text": "x" });
            made(&tenant.api, "/api/v1/quick-replies", &body).await
        }
        "DELETE /api/v1/invitations/{id}" | "DELETE /api/v1/admin/invitations/{id}" => {
            let email = format!("{}@example.com", world.fresh("guest"));
            let body = json!({ "email": email, "role": "viewer" });
            made(&tenant.api, "/api/v1/invitations", &body).await
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
    path.replace("{user_id}", &ids["user"])
}

/// A second session of the asker; of somebody else for who has none or names another's.
async fn other_session(world: &World<'_>, role: &str) -> String {
    let email = match role {
        "viewer" | "agent" | "manager" | "admin" => format!("{role}@example.com"),
        "foreign" => "other@example.com".to_owned(),
        _ => "owner@example.com".to_owned(),
    };
    let browser = world.app.sign_in(&email).await;
    let sessions = browser.all("/api/v1/me/sessions").await;
    let current = sessions.iter().find(|session| session["current"] == true);
    current.unwrap()["id"].as_str().unwrap().to_owned()
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
        "POST /api/v1/messages/{id}/settle" => json!({ "decision": "give_up" }),
        "PATCH /api/v1/conversations/{id}" => json!({ "status": "open" }),
        "POST /api/v1/conversations/{id}/notes" => json!({ "text": "Nota" }),
        "POST /api/v1/conversations/{id}/presence" => json!({ "typing": false }),
        "PUT /api/v1/auto-replies" => json!({ "welcome": null }),
        "POST /api/v1/quick-replies" => json!({ "shortcut": world.fresh("hola"), "text": "x" }),
        "PUT /api/v1/quick-replies/{id}" => {
            json!({ "shortcut": world.fresh("adios"), "text": "y" })
        }
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
        "PUT /api/v1/admin/whatsapp/fallback" => json!({ "phone_number_id": testkit::number(6) }),
        "POST /api/v1/admin/invitations" => {
            json!({ "email": format!("{}@example.com", world.fresh("new")) })
        }
        "PATCH /api/v1/admin/users/{id}" => json!({}),
        _ => return None,
    };
    Some(body)
}

/// A file, where a route takes one.
fn form(route: &str) -> Option<reqwest::multipart::Form> {
    if route != "POST /api/v1/media" {
        return None;
    }
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";
    let part = reqwest::multipart::Part::bytes(png.to_vec())
        .file_name("punto.png")
        .mime_str("image/png")
        .ok()?;
    Some(reqwest::multipart::Form::new().part("file", part))
}
