//! Members who see only their own conversations: everywhere, and as things change.

mod hearing;
mod seeing;
mod standing;
mod working;

use serde_json::{Value, json};
use testkit::{Client, Person, Tenant, TestApp};

/// A customer of the simulated world.
fn customer(n: usize) -> String {
    format!("3460000{n:04}")
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A customer writes; gives the message.
async fn says(app: &TestApp, shop: &Tenant, from: &str, text: &str) -> Value {
    let wamid = app.customer_says(&shop.number, from, text);
    testkit::until("the message is there", async || {
        let path = format!("/api/v1/messages?wamid={wamid}");
        let rows = shop.api.all(&path).await;
        rows.first().cloned().ok_or_else(|| "nothing".to_owned())
    })
    .await
}

/// A customer writes; gives the conversation.
async fn talk(app: &TestApp, shop: &Tenant, from: &str) -> String {
    text_of(&says(app, shop, from, "Hola").await["conversation_id"])
}

/// A customer sends a picture; gives Meta's id of it.
async fn picture(app: &TestApp, shop: &Tenant, from: &str) -> Value {
    let message = json!({ "type": "image", "image": {} });
    let wamid = app.customer_writes(&shop.number, from, message);
    let message = testkit::until("the picture is there", async || {
        let path = format!("/api/v1/messages?wamid={wamid}");
        let rows = shop.api.all(&path).await;
        rows.first().cloned().ok_or_else(|| "nothing".to_owned())
    })
    .await;
    let id = message["content"]["image"]["id"].clone();
    assert!(id.is_string(), "{message}");
    id
}

/// Uploads a PDF.
async fn upload(client: &Client, bytes: Vec<u8>) -> Value {
    client
        .upload("lista.pdf", "application/pdf", bytes)
        .await
        .expect(201)
}

/// Gives a conversation to somebody, or (`None`) to nobody, as the business's own system.
async fn give(shop: &Tenant, conversation: &str, to: Option<&Person>) {
    let change = json!({ "assigned_to": to.map(|person| &person.user_id) });
    assign(&shop.api, conversation, &change).await.expect(200);
}

async fn assign(client: &Client, conversation: &str, change: &Value) -> testkit::Answer {
    let path = format!("/api/v1/conversations/{conversation}");
    client.patch(&path, change).await
}

/// Ids of a list, sorted.
async fn ids(client: &Client, path: &str, member: &str) -> Vec<String> {
    let mut ids: Vec<_> = client
        .all(path)
        .await
        .iter()
        .map(|row| text_of(&row[member]))
        .collect();
    ids.sort();
    ids.dedup();
    ids
}

fn sorted<const N: usize>(ids: [&String; N]) -> Vec<String> {
    let mut ids: Vec<_> = ids.into_iter().cloned().collect();
    ids.sort();
    ids
}

async fn hide_unassigned(shop: &Tenant, seen: bool) {
    let change = json!({ "agents_see_unassigned": seen });
    shop.api
        .patch("/api/v1/settings", &change)
        .await
        .expect(200);
}
