//! What the stories of connecting have in common.

use serde_json::{Value, json};
use testkit::{Client, Setup, Tenant, TestApp, until};

/// A platform with a line of credit.
pub(crate) fn partner() -> Setup {
    Setup {
        partner: true,
        ..Setup::default()
    }
}

/// A customer goes through Meta's window; what it gave.
pub(crate) async fn sign_up(app: &TestApp, wish: Value) -> Value {
    let mut asked = json!({
        "outcome": "finish",
        "partner_added": "never",
        "code_life_ms": 86_400_000,
    });
    for (key, value) in wish.as_object().unwrap() {
        asked[key] = value.clone();
    }
    app.meta()
        .post("/_sim/embedded-signup", &asked)
        .await
        .expect(200)
}

/// What the page sends of it.
pub(crate) fn told(made: &Value) -> Value {
    json!({
        "code": made["code"],
        "waba_id": made["waba_id"],
        "phone_number_id": made["phone_number_id"],
        "business_id": made["business_id"],
        "event": made["message"]["event"],
    })
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Sends what the window gave; the connection's id.
pub(crate) async fn connect(tenant: &Tenant, made: &Value) -> String {
    let begun = tenant
        .api
        .post("/api/v1/connections/embedded-signup", &told(made))
        .await
        .expect(202);
    text(&begun["id"])
}

/// Waits until the latest run has ended; the connection.
pub(crate) async fn ended(api: &Client, id: &str) -> Value {
    until("the run ends", async || {
        let row = api
            .get(&format!("/api/v1/connections/{id}"))
            .await
            .expect(200);
        match row["run"]["state"].as_str() {
            Some("done" | "failed") => Ok(row),
            _ => Err(row.to_string()),
        }
    })
    .await
}

/// Signs up and connects, to the end.
pub(crate) async fn connected(app: &TestApp, tenant: &Tenant, wish: Value) -> (Value, Value) {
    let made = sign_up(app, wish).await;
    let id = connect(tenant, &made).await;
    let row = ended(&tenant.api, &id).await;
    assert_eq!(row["run"]["state"], "done", "{row:#}");
    (made, row)
}

/// The state and the cause of a step.
pub(crate) fn step<'a>(row: &'a Value, name: &str) -> &'a Value {
    let steps = row["run"]["steps"].as_array().unwrap();
    steps.iter().find(|step| step["step"] == name).unwrap()
}

/// How often Meta was asked for this.
pub(crate) async fn calls(app: &TestApp, method: &str, path: &str) -> usize {
    let all = app.meta().get("/_sim/calls").await.expect(200);
    let all = all["data"].as_array().unwrap();
    let fits = |call: &&Value| {
        let asked = call["path"].as_str().unwrap();
        let asked = asked.split('?').next().unwrap();
        call["method"] == method && asked.ends_with(path)
    };
    all.iter().filter(fits).count()
}
