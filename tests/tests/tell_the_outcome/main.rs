//! What became of a message: told in plain words, with every fact, and what did not arrive can be sent again.

#![expect(clippy::unwrap_used, reason = "a story stops where it cannot go on")]

mod again;
mod dead_letters;
mod doubt;
mod explanations;
mod life;
mod queue;

use serde_json::{Value, json};
use testkit::{Tenant, TestApp, until};

pub(crate) const CUSTOMER: &str = "34600000001";

/// A template: what may be sent whenever.
pub(crate) fn hello() -> Value {
    json!({ "to": format!("+{CUSTOMER}"), "template": { "name": "hello_world", "language": "en_US" } })
}

/// Meta refuses every send with this code.
pub(crate) async fn refuses(app: &TestApp, code: i64) {
    app.faults(&json!({ "error_rate": 1.0, "error_code": code, "only_path": "messages" }))
        .await;
}

/// Meta takes what it is sent.
pub(crate) async fn takes_again(app: &TestApp) {
    app.faults(&json!({ "error_rate": 0.0 })).await;
}

/// So many messages that Meta refused for good.
pub(crate) async fn refused(app: &TestApp, shop: &Tenant, code: i64, count: usize) -> Vec<String> {
    refuses(app, code).await;
    let mut ids = Vec::new();
    for _ in 0..count {
        let id = shop.api.send(&hello()).await;
        app.status_of(shop, &id, "failed").await;
        ids.push(id);
    }
    takes_again(app).await;
    ids
}

/// The message has reached the phone.
pub(crate) async fn delivered(shop: &Tenant, message: &str) -> Value {
    until("the message is delivered", async || {
        let row = shop.api.message(message).await;
        if row["delivered_at"].is_string() || row["read_at"].is_string() {
            Ok(row)
        } else {
            Err(row.to_string())
        }
    })
    .await
}
