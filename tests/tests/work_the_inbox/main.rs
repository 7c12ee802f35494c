//! What a tenant's people do in the inbox, from end to end.

#![expect(clippy::unwrap_used, reason = "a story stops where it cannot go on")]

mod assignment;
mod files;
mod lists;
mod notes;
mod platform;
mod presence;
mod quick_replies;
mod settings;
mod snooze;

use serde_json::{Value, json};
use testkit::{Client, Tenant, TestApp};

/// A customer of the simulated world.
fn customer(n: usize) -> String {
    format!("3460000{n:04}")
}

/// A customer writes; gives the conversation.
async fn talk(app: &TestApp, shop: &Tenant, from: &str, text: &str) -> String {
    let wamid = app.customer_says(&shop.number, from, text);
    let found = testkit::until("the message is there", async || {
        let rows = shop
            .api
            .all(&format!("/api/v1/messages?wamid={wamid}"))
            .await;
        rows.first().cloned().ok_or_else(|| "nothing".to_owned())
    })
    .await;
    text_of(&found["conversation_id"])
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

async fn conversation(client: &Client, id: &str) -> Value {
    client
        .get(&format!("/api/v1/conversations/{id}"))
        .await
        .expect(200)
}

async fn change(client: &Client, id: &str, change: Value) -> testkit::Answer {
    client
        .patch(&format!("/api/v1/conversations/{id}"), &change)
        .await
}

/// The thread with notes and activity, oldest first, as `direction type word`.
async fn thread(client: &Client, id: &str) -> Vec<String> {
    let path = format!("/api/v1/messages?conversation_id={id}&internal=true");
    let mut rows = client.all(&path).await;
    rows.reverse();
    let line = |row: &Value| {
        let word = match row["type"].as_str() {
            Some("activity") => &row["content"]["activity"],
            _ => &row["text"],
        };
        format!(
            "{} {} {}",
            text_of(&row["direction"]),
            text_of(&row["type"]),
            text_of(word)
        )
    };
    rows.iter().map(line).collect()
}

/// What the simulator was asked to send by a number.
async fn sent_by(app: &TestApp, number: &str) -> Vec<Value> {
    let path = format!("/_sim/outbound?phone_number_id={number}");
    let sent = app.meta().get(&path).await.expect(200);
    let rows = sent.as_array().or_else(|| sent["data"].as_array());
    rows.cloned().unwrap_or_default()
}

/// A note's body.
fn note(text: &str) -> Value {
    json!({ "text": text })
}
