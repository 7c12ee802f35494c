//! `openapi.json` at the root of the repository is what the program says about itself, and it says what
//! others rely on.

#![expect(clippy::unwrap_used, reason = "a story stops where it cannot go on")]

use std::fs;
use std::path::Path;

use serde_json::Value;
use testkit::{Setup, TestApp, TestDatabase};

/// Set it to anything to write the file anew.
const UPDATE: &str = "UPDATE_OPENAPI";

/// What `trunkline openapi` prints.
fn printed() -> String {
    let document = trunkline_http::openapi().to_pretty_json().unwrap();
    format!("{document}\n")
}

#[test]
fn the_file_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi.json");
    if std::env::var_os(UPDATE).is_some() {
        fs::write(&path, printed()).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == printed(),
        "openapi.json is not what the program says about itself; look at the difference and write it anew with\n  \
         {UPDATE}=1 cargo nextest run -p stories --test describe_the_api"
    );
}

fn references<'a>(value: &'a Value, into: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            into.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|member| references(member, into));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document: Value = serde_json::from_str(&printed()).unwrap();
    let mut found = Vec::new();
    references(&document, &mut found);
    found.retain(|reference| {
        document
            .pointer(reference.trim_start_matches('#'))
            .is_none()
    });
    assert!(found.is_empty(), "these lead nowhere: {found:?}");
}

/// What Meta's window gave is handed on as it is; what the engine reads it holds against its own rules, which name
/// what is not known.
const TOLERANT: [&str; 5] = [
    "SignedUp",
    "SignupEvent",
    "NewMessage",
    "NewEvents",
    "NotificationRule",
];

#[test]
fn every_body_refuses_members_that_it_does_not_know() {
    let document: Value = serde_json::from_str(&printed()).unwrap();
    let operations = document["paths"].as_object().unwrap().values();
    let bodies = operations
        .flat_map(|methods| methods.as_object().unwrap().values())
        .filter_map(|operation| operation.pointer("/requestBody/content/application~1json/schema"));
    let mut found = Vec::new();
    bodies.for_each(|body| references(body, &mut found));
    assert!(found.len() > 50, "these are all bodies: {found:?}");
    found.retain(|body| {
        let name = body.rsplit('/').next().unwrap();
        let schema = document.pointer(body.trim_start_matches('#')).unwrap();
        schema["additionalProperties"] != false && !TOLERANT.contains(&name)
    });
    assert!(
        found.is_empty(),
        "a misspelt member of these is overlooked; say deny_unknown_fields: {found:?}"
    );
}

/// Paths that scripts and other programs call, with the name of each operation.
const PROMISED: &[(&str, &str, &str)] = &[
    ("get", "/webhooks/meta", "webhooks_meta_verify"),
    ("post", "/webhooks/meta", "webhooks_meta_receive"),
    ("get", "/healthz", "healthz"),
    ("get", "/readyz", "readyz"),
    ("get", "/metrics", "metrics"),
    ("post", "/api/v1/messages", "messages_create"),
    ("get", "/api/v1/messages", "messages_list"),
    ("get", "/api/v1/conversations", "conversations_list"),
    ("get", "/api/v1/contacts", "contacts_list"),
    ("get", "/api/v1/auto-replies", "auto_replies_show"),
    ("get", "/api/v1/stream", "stream"),
    ("get", "/api/v1/admin/tenants", "admin_tenants_list"),
    ("get", "/api/v1/admin/intake", "admin_intake_show"),
    (
        "get",
        "/api/v1/admin/intake/parked",
        "admin_intake_parked_list",
    ),
    (
        "get",
        "/api/v1/admin/whatsapp/phone-numbers",
        "admin_whatsapp_phone_numbers",
    ),
    (
        "get",
        "/api/v1/admin/whatsapp/tenants",
        "admin_whatsapp_tenants",
    ),
    (
        "get",
        "/api/v1/admin/whatsapp/tenants/{id}/phone",
        "admin_whatsapp_tenants_phone",
    ),
    (
        "post",
        "/api/v1/admin/whatsapp/tenants/{id}/assign-phone",
        "admin_whatsapp_tenants_assign_phone",
    ),
    (
        "delete",
        "/api/v1/admin/whatsapp/tenants/{id}/unassign-phone",
        "admin_whatsapp_tenants_unassign_phone",
    ),
];

#[test]
fn what_others_rely_on_is_described() {
    let document: Value = serde_json::from_str(&printed()).unwrap();
    for (verb, path, name) in PROMISED {
        let operation = &document["paths"][*path][*verb];
        assert!(operation.is_object(), "{verb} {path} is missing");
        let id = operation["operationId"].as_str().unwrap_or_default();
        assert_eq!(id, *name, "{verb} {path}");
    }
    let paths = document["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|item| item.as_object().unwrap().values());
    let mut ids: Vec<_> = operations
        .filter_map(|operation| operation["operationId"].as_str())
        .collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(
        ids.len(),
        all,
        "an operation's id stands for two operations"
    );
    let message = &document["components"]["schemas"]["MessageView"]["properties"];
    for member in [
        "id",
        "wamid",
        "direction",
        "type",
        "text",
        "status",
        "error",
        "conversation_id",
        "created_at",
    ] {
        assert!(message[member].is_object(), "a message has no {member}");
    }
    let intake = &document["components"]["schemas"]["IntakeView"]["properties"];
    for member in [
        "received",
        "stored",
        "projected",
        "parked",
        "duplicates",
        "backlog",
        "oldest_backlog_ms",
    ] {
        assert!(intake[member].is_object(), "the intake has no {member}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_shows_its_description_and_a_page_of_it() {
    let app = TestApp::start(TestDatabase::sqlite(), Setup::default()).await;
    let served = app.anybody().get("/openapi.json").await.expect(200);
    let document: Value = serde_json::from_str(&printed()).unwrap();
    assert_eq!(served, document);
    let page = app.anybody().get("/docs").await;
    assert_eq!(
        (page.status, page.content_type.as_str()),
        (200, "text/html")
    );
    app.anybody()
        .get("/no/such/path")
        .await
        .expect_problem(404, "not_found");
    app.anybody()
        .delete("/healthz")
        .await
        .expect_problem(405, "method_not_allowed");
    app.close().await;
}
