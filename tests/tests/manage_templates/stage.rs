//! What the stories stand on.

use serde_json::{Value, json};
use testkit::{Client, TestApp, until};

/// A body of a text with examples of its variables.
pub(crate) fn body(text: &str, examples: &[&str]) -> Value {
    let mut part = json!({ "type": "BODY", "text": text });
    if !examples.is_empty() {
        part["example"] = json!({ "body_text": [examples] });
    }
    part
}

/// A template that Meta takes.
pub(crate) fn written(name: &str) -> Value {
    json!({
        "name": name,
        "language": "es",
        "category": "UTILITY",
        "components": [
            body("Hola {{1}}, su pedido {{2}} está listo.", &["Ana", "OC-1"]),
            { "type": "FOOTER", "text": "Panadería San Juan" },
        ],
    })
}

pub(crate) async fn control(app: &TestApp, path: &str, body: &Value) -> Value {
    let url = format!("{}{path}", app.sim_url);
    let answer = reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .post(url)
        .json(body)
        .send()
        .await
        .unwrap();
    let status = answer.status();
    let json: Value = answer.json().await.unwrap();
    assert!(status.is_success(), "{path}: {json}");
    json
}

/// Speaks to Meta as the platform does.
pub(crate) fn graph(app: &TestApp) -> Client {
    Client::new(testkit::http_client(), &app.sim_url, Some(testkit::TOKEN))
}

/// A person at Meta's desk.
pub(crate) async fn decide(app: &TestApp, template: &Value, decision: Value) {
    let meta_id = template["meta_id"].as_str().unwrap();
    control(app, &format!("/_sim/templates/{meta_id}/decide"), &decision).await;
}

pub(crate) async fn show(api: &Client, template: &Value) -> Value {
    let id = template["id"].as_str().unwrap();
    api.get(&format!("/api/v1/templates/{id}"))
        .await
        .expect(200)
}

/// Waits until a member of a template says this.
pub(crate) async fn becomes(api: &Client, template: &Value, member: &str, wanted: &str) -> Value {
    until(&format!("{member} is {wanted}"), async || {
        let now = show(api, template).await;
        if now[member] == wanted {
            Ok(now)
        } else {
            Err(now.to_string())
        }
    })
    .await
}

/// Written and approved.
pub(crate) async fn approved(app: &TestApp, api: &Client, name: &str) -> Value {
    let template = api
        .post("/api/v1/templates", &written(name))
        .await
        .expect(201);
    decide(app, &template, json!({ "decision": "approve" })).await;
    becomes(api, &template, "status", "APPROVED").await
}

/// What a send with the template of [`written`] needs.
pub(crate) fn send(template: &Value, to: &str) -> Value {
    json!({ "to": to, "template": { "name": template["name"], "language": template["language"], "components": [
        { "type": "body", "parameters": [{ "type": "text", "text": "Ana" }, { "type": "text", "text": "OC-7" }] }] } })
}

/// How often Meta was asked like this.
pub(crate) async fn calls(app: &TestApp, method: &str, path: &str) -> usize {
    let url = format!("{}/_sim/calls", app.sim_url);
    let answer: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    let list = answer["data"].as_array().unwrap();
    list.iter()
        .filter(|call| {
            call["method"] == method
                && call["path"]
                    .as_str()
                    .is_some_and(|asked| asked.contains(path))
        })
        .count()
}
