//! Answers against the response schemas of Meta's own OpenAPI description, where it is at hand.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::signing_up::{get, signed_up};
use crate::stage::{ANA, NUMBER, Stage, TOKEN, WABA, template_to, text, text_to};

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
    let greeting = text(&answer["id"]);
    stage
        .control(
            &format!("templates/{greeting}/decide"),
            json!({"decision": "reject", "reason": "PROMOTIONAL"}),
        )
        .await;
    let list = "/{Version}/{WABA-ID}/message_templates";
    let path = format!(
        "/v23.0/{WABA}/message_templates?name=greeting&summary=true&fields=id,name,status,category,language,components,\
         rejected_reason,quality_score,previous_category,correct_category,last_updated_time"
    );
    let (status, answer) = stage.call("GET", &path, None).await;
    assert_eq!(answer["data"][0]["rejected_reason"], "PROMOTIONAL");
    check("get", list, status, &answer);
    let edit = json!({"components": [{"type": "BODY", "text": "Buenos días"}]});
    let (status, answer) = stage
        .call("POST", &format!("/v23.0/{greeting}"), Some(edit))
        .await;
    assert_eq!(status, 200, "{answer}");
    check("post", "/{Version}/{TEMPLATE_ID}", status, &answer);
    let path = format!("/v23.0/{WABA}/message_templates?name=greeting&hsm_id={greeting}");
    let (status, answer) = stage.call("DELETE", &path, None).await;
    assert_eq!(status, 200, "{answer}");
    check("delete", list, status, &answer);
    found.extend(partners(&description, &stage).await);
    for (operation, place, why) in EXCEPTIONS {
        println!("exception: {operation} {place}: {why}");
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// The calls of a partner and of registration, for a customer who signed up.
async fn partners(description: &Value, stage: &Stage) -> Vec<String> {
    let (made, token) = signed_up(stage, json!({"outcome": "finish"})).await;
    let (waba, number) = (text(&made["waba_id"]), text(&made["phone_number_id"]));
    let user = text(&get(stage, TOKEN, "/v23.0/me").await["id"]);
    let business = stage.sim.config().business_id.clone();
    let unproved = json!({"phone_number_id": number, "code_verification_status": "NOT_VERIFIED"});
    stage.control("numbers", unproved).await;
    let pin = json!({"messaging_product": "whatsapp", "pin": "123456"});
    let of_number = "/{Version}/{Phone-Number-ID}";
    let of_users = "/{Version}/{WhatsApp-Business-Account-ID}/assigned_users";
    let of_business = "/{Version}/{Business-ID}";
    let ask = json!({"code_method": "SMS", "language": "es"});
    let add = json!({"cc": "34", "phone_number": "600777888", "verified_name": "Otra"});
    let calls = [
        (
            token.as_str(),
            "POST",
            format!("{of_number}/register"),
            format!("{number}/register"),
            pin.clone(),
        ),
        (
            &token,
            "POST",
            format!("{of_number}/request_code"),
            format!("{number}/request_code"),
            ask,
        ),
        (
            &token,
            "POST",
            format!("{of_number}/verify_code"),
            format!("{number}/verify_code"),
            json!({"code": "{code}"}),
        ),
        (
            &token,
            "POST",
            format!("{of_number}/register"),
            format!("{number}/register"),
            pin,
        ),
        (
            &token,
            "POST",
            of_number.to_owned(),
            number.clone(),
            json!({"pin": "654321"}),
        ),
        (
            &token,
            "POST",
            format!("{of_number}/deregister"),
            format!("{number}/deregister"),
            json!({}),
        ),
        (
            &token,
            "POST",
            "/{Version}/{WABA-ID}/phone_numbers".to_owned(),
            format!("{waba}/phone_numbers"),
            add,
        ),
        (
            TOKEN,
            "POST",
            of_users.to_owned(),
            format!("{waba}/assigned_users?user={user}&tasks=['MANAGE']"),
            json!({}),
        ),
        (
            TOKEN,
            "GET",
            of_users.to_owned(),
            format!("{waba}/assigned_users?business={business}"),
            Value::Null,
        ),
        (
            TOKEN,
            "DELETE",
            of_users.to_owned(),
            format!("{waba}/assigned_users?user={user}"),
            Value::Null,
        ),
        (
            TOKEN,
            "GET",
            of_business.to_owned(),
            business.clone(),
            Value::Null,
        ),
        (
            TOKEN,
            "GET",
            format!("{of_business}/extendedcredits"),
            format!("{business}/extendedcredits"),
            Value::Null,
        ),
        (
            TOKEN,
            "GET",
            format!("{of_business}/client_whatsapp_business_accounts"),
            format!(
                "{business}/client_whatsapp_business_accounts?fields=id,name,currency,timezone_id,country,account_review_status"
            ),
            Value::Null,
        ),
        (
            TOKEN,
            "GET",
            format!("{of_business}/owned_whatsapp_business_accounts"),
            format!("{business}/owned_whatsapp_business_accounts"),
            Value::Null,
        ),
    ];
    let mut found = Vec::new();
    for (token, method, described, path, mut body) in calls {
        if body["code"] == "{code}" {
            let state = stage.look("state").await;
            let numbers = state["numbers"].as_array().expect("numbers").iter();
            let mut numbers = numbers.filter(|known| known["phone_number_id"] == number.as_str());
            body["code"] = numbers.next().expect("the number")["verification_code"].clone();
        }
        let body = (!body.is_null()).then_some(body);
        let (status, answer) = stage
            .call_as(token, method, &format!("/v23.0/{path}"), body)
            .await;
        let method = method.to_lowercase();
        found.extend(complaints(
            description,
            &method,
            &described,
            &status.to_string(),
            &answer,
        ));
        // The first registration is refused: the number is not verified.
        let refused = found.is_empty() && status != 200 && answer["error"]["code"] != 133_006;
        assert!(!refused, "{method} {path}: {status} {answer}");
    }
    found
}
