//! What the stories share.

use serde_json::{Value, json};
use testkit::{Client, Tenant, TestApp, WABA, http_client, until};

pub(crate) const SUPPLIER: &str = "34600000001";

/// A template that is there at Meta.
pub(crate) async fn template(app: &TestApp, more: Value) {
    let mut spec =
        json!({ "waba_id": WABA, "language": "es", "category": "UTILITY", "status": "APPROVED" });
    for (name, value) in more.as_object().into_iter().flatten() {
        spec[name.as_str()] = value.clone();
    }
    let sim = Client::new(http_client(), &app.sim_url, None);
    let answer = sim.post("/_sim/templates", &spec).await;
    assert!(answer.status < 300, "{}", answer.text);
}

/// The templates of the shipped examples.
pub(crate) async fn example_templates(app: &TestApp) {
    for (name, components) in engine::notify::examples::templates() {
        template(app, json!({ "name": name, "components": components })).await;
    }
}

/// One of the shipped rules, as JSON.
pub(crate) fn example(event_type: &str) -> Value {
    let all = engine::notify::examples::rules();
    let rule = all
        .iter()
        .find(|rule| rule.event_type.as_str() == event_type);
    serde_json::to_value(rule.unwrap()).unwrap()
}

/// Keeps a rule and gives its id.
pub(crate) async fn rule(shop: &Tenant, rule: &Value) -> String {
    let made = shop
        .api
        .post("/api/v1/notification-rules", rule)
        .await
        .expect(201);
    made["id"].as_str().unwrap().to_owned()
}

/// An order of the examples.
pub(crate) fn order(id: &str) -> Value {
    json!({ "type": "purchase_order.created", "id": id, "occurred_at": "2026-11-21T10:00:00+01:00", "data": {
        "supplier": { "name": "Harinas del Norte", "phone": "+34 600 000 001" },
        "order": { "number": "OC-2026-118", "total": 12_500.5, "currency": "EUR" },
    } })
}

/// The same with one member changed, named by a JSON pointer below `data`.
pub(crate) fn order_with(id: &str, pointer: &str, value: Value) -> Value {
    let mut event = order(id);
    *event.pointer_mut(&format!("/data{pointer}")).unwrap() = value;
    event
}

/// Reports an event that must be taken; gives our id of it.
pub(crate) async fn report(shop: &Tenant, event: &Value) -> String {
    let taken = shop.api.post("/api/v1/events", event).await.expect(202);
    taken["id"].as_str().unwrap().to_owned()
}

/// An event, once its rules were applied and it is in this state.
pub(crate) async fn event_is(shop: &Tenant, id: &str, state: &str) -> Value {
    until(&format!("the event {id} is {state}"), async || {
        let event = shop
            .api
            .get(&format!("/api/v1/events/{id}"))
            .await
            .expect(200);
        if event["state"] == state {
            Ok(event)
        } else {
            Err(event.to_string())
        }
    })
    .await
}

/// Waits until Meta has taken so many messages, and gives them.
pub(crate) async fn taken(app: &TestApp, count: usize) -> Vec<Value> {
    until(&format!("Meta has taken {count}"), async || {
        let all: Vec<Value> = app
            .sim
            .outbound()
            .into_iter()
            .map(|sent| sent.body)
            .collect();
        if all.len() == count {
            Ok(all)
        } else {
            Err(format!("{all:?}"))
        }
    })
    .await
}

/// The texts of a sent template's body.
pub(crate) fn body_of(sent: &Value) -> Vec<String> {
    let components = sent["template"]["components"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let body = components
        .iter()
        .find(|component| component["type"] == "body")
        .cloned()
        .unwrap_or_default();
    let parameters = body["parameters"].as_array().cloned().unwrap_or_default();
    parameters
        .iter()
        .map(|one| one["text"].as_str().unwrap_or_default().to_owned())
        .collect()
}
