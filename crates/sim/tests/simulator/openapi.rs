//! Answers against the response schemas of Meta's own OpenAPI description, where it is at hand.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::stage::{ANA, NUMBER, Stage, WABA, template_to, text, text_to};

/// Where Meta's description (v23.0, 2025-11) and its newer pages disagree, the pages win.
/// Each: the operation, the complaint, and why it is none.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "get /{Version}/{Media-ID}",
        "at /file_size",
        "described as text; the page and the wire have a number",
    ),
    (
        "get /{Version}/{WABA-ID}/phone_numbers",
        "\"status\" is a required property",
        "`status` is no default field of the list; it comes when it is asked for",
    ),
];

#[expect(clippy::print_stdout, reason = "a skipped test says so aloud")]
fn description() -> Option<Value> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let path = root.join("shared/meta/business-messaging-api_v23.0.yaml");
    let Ok(yaml) = std::fs::read_to_string(&path) else {
        println!(
            "SKIPPED: Meta's OpenAPI description is not there ({})",
            path.display()
        );
        return None;
    };
    Some(serde_yaml_ng::from_str(&yaml).expect("Meta's description is YAML"))
}

/// The schema of an operation's JSON answer, with the components beside it.
fn schema(description: &Value, method: &str, path: &str, status: &str) -> Option<Value> {
    let mut answer = &description["paths"][path][method]["responses"][status];
    if let Some(reference) = answer["$ref"].as_str() {
        answer = description.pointer(reference.trim_start_matches('#'))?;
    }
    let mut schema = answer["content"]["application/json"]["schema"].clone();
    let schema_object = schema.as_object_mut()?;
    schema_object.insert("components".to_owned(), description["components"].clone());
    Some(schema)
}

fn complaints(
    description: &Value,
    method: &str,
    path: &str,
    status: &str,
    answer: &Value,
) -> Vec<String> {
    let operation = format!("{method} {path}");
    let Some(schema) = schema(description, method, path, status) else {
        return vec![format!("{operation} {status} is not described")];
    };
    let validator =
        jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{operation}: {error}"));
    validator
        .iter_errors(answer)
        .map(|error| format!("{operation} {status}: {error} at {}", error.instance_path()))
        .filter(|complaint| {
            !EXCEPTIONS
                .iter()
                .any(|(known, part, _)| *known == operation && complaint.contains(part))
        })
        .collect()
}

#[tokio::test]
async fn answers_have_the_form_meta_describes() {
    let Some(description) = description() else {
        return;
    };
    let stage = Stage::new().await;
    stage.ana_writes("Hola").await;
    let mut found = Vec::new();
    let mut check = |method: &str, path: &str, status: u16, answer: &Value| {
        found.extend(complaints(
            &description,
            method,
            path,
            &status.to_string(),
            answer,
        ));
    };
    let messages = "/{Version}/{Phone-Number-ID}/messages";
    let (status, answer) = stage.send(text_to(ANA, "Hola")).await;
    check("post", messages, status, &answer);
    let (status, answer) = stage
        .send(template_to(ANA, "hello_world", "en_US", &[]))
        .await;
    check("post", messages, status, &answer);

    let upload = {
        let part = reqwest::multipart::Part::bytes(&b"%PDF-1.4"[..])
            .file_name("a.pdf")
            .mime_str("application/pdf");
        let form = reqwest::multipart::Form::new()
            .text("messaging_product", "whatsapp")
            .part("file", part.expect("a type"));
        let request = stage
            .client
            .post(format!("{}/v23.0/{NUMBER}/media", stage.url));
        let answer = request
            .bearer_auth(crate::stage::TOKEN)
            .multipart(form)
            .send()
            .await
            .expect("an answer");
        answer.json::<Value>().await.expect("JSON")
    };
    check("post", "/{Version}/{Phone-Number-ID}/media", 200, &upload);
    let media = text(&upload["id"]);
    for (method, described, path) in [
        ("GET", "/{Version}/{Media-ID}", format!("/v23.0/{media}")),
        ("DELETE", "/{Version}/{Media-ID}", format!("/v23.0/{media}")),
        (
            "GET",
            "/{Version}/{Phone-Number-ID}",
            format!("/v23.0/{NUMBER}"),
        ),
        ("GET", "/{Version}/{Phone-Number-ID}", "/v23.0/1".to_owned()),
        (
            "GET",
            "/{Version}/{WABA-ID}/phone_numbers",
            format!("/v23.0/{WABA}/phone_numbers"),
        ),
        ("GET", "/{Version}/{WABA-ID}", format!("/v23.0/{WABA}")),
        (
            "GET",
            "/{Version}/{WABA-ID}/subscribed_apps",
            format!("/v23.0/{WABA}/subscribed_apps"),
        ),
        (
            "POST",
            "/{Version}/{WABA-ID}/subscribed_apps",
            format!("/v23.0/{WABA}/subscribed_apps"),
        ),
        (
            "GET",
            "/{Version}/{WABA-ID}/message_templates",
            format!("/v23.0/{WABA}/message_templates"),
        ),
        (
            "DELETE",
            "/{Version}/{WABA-ID}/subscribed_apps",
            format!("/v23.0/{WABA}/subscribed_apps"),
        ),
    ] {
        let (status, answer) = stage.call(method, &path, None).await;
        check(&method.to_lowercase(), described, status, &answer);
    }
    let described = "/{Version}/{Phone-Number-ID}/whatsapp_business_profile";
    let path = format!("/v23.0/{NUMBER}/whatsapp_business_profile");
    let (status, answer) = stage.call("GET", &path, None).await;
    check("get", described, status, &answer);
    let users = json!({"messaging_product": "whatsapp", "block_users": [{"user": ANA}]});
    for method in ["POST", "DELETE"] {
        let path = format!("/v23.0/{NUMBER}/block_users");
        let (status, answer) = stage.call(method, &path, Some(users.clone())).await;
        check(
            &method.to_lowercase(),
            "/{Version}/{Phone-Number-ID}/block_users",
            status,
            &answer,
        );
    }
    let (_, templates) = stage
        .call("GET", &format!("/v23.0/{WABA}/message_templates"), None)
        .await;
    let id = text(&templates["data"][0]["id"]);
    let (status, answer) = stage.call("GET", &format!("/v23.0/{id}"), None).await;
    check("get", "/{Version}/{TEMPLATE_ID}", status, &answer);
    let body = json!({"name": "greeting", "language": "es", "category": "UTILITY", "components": [{"type": "BODY", "text": "Hola"}]});
    let (status, answer) = stage
        .call(
            "POST",
            &format!("/v23.0/{WABA}/message_templates"),
            Some(body),
        )
        .await;
    check(
        "post",
        "/{Version}/{WABA-ID}/message_templates",
        status,
        &answer,
    );
    for (operation, place, why) in EXCEPTIONS {
        println!("exception: {operation} {place}: {why}");
    }
    assert!(found.is_empty(), "{found:#?}");
}
