//! Looking for what was written: words, numbers and names, in lists, in threads and as a file.

#![expect(clippy::unwrap_used, reason = "a story stops where it cannot go on")]

mod conversations;
mod export;
mod index;
mod words;

use serde_json::{Value, json};
use testkit::{Answer, Client, Tenant, TestApp, webhook};

/// The rows of a list that is asked for with these parameters.
async fn rows(client: &Client, path: &str, query: &[(&str, &str)]) -> Vec<Value> {
    page(client, path, query).await["data"]
        .as_array()
        .unwrap()
        .clone()
}

async fn page(client: &Client, path: &str, query: &[(&str, &str)]) -> Value {
    let request = client.request(reqwest::Method::GET, path).query(query);
    Answer::of(request).await.expect(200)
}

/// Every row, page by page.
async fn pages(client: &Client, path: &str, query: &[(&str, &str)], limit: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let mut query = query.to_vec();
        query.extend([("limit", limit), ("cursor", &cursor)]);
        let page = page(client, path, &query).await;
        all.extend(page["data"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return all,
        }
    }
}

/// The texts of the tenant's messages in which it stands.
async fn said(client: &Client, text: &str) -> Vec<String> {
    let rows = rows(client, "/api/v1/messages", &[("q", text)]).await;
    rows.iter().map(|row| word(&row["text"])).collect()
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Customers' texts, each `(who, what)`, in one webhook each; all are indexed afterwards.
async fn written(app: &TestApp, shop: &Tenant, texts: &[(&str, &str)]) {
    for (n, (from, text)) in texts.iter().enumerate() {
        let wamid = format!("wamid.{}.{n}.{}", shop.number, texts.len());
        let value = webhook::text(&shop.number, from, &wamid, 1_780_000_000 + n as i64, text);
        app.deliver(webhook::post([value]).to_string())
            .await
            .expect(200);
    }
    app.indexed().await;
}

/// Meta's object of a text, with a name.
fn named(shop: &Tenant, phone: &str, name: &str, n: i64, text: &str) -> Value {
    let mut value = webhook::text(
        &shop.number,
        phone,
        &format!("wamid.N{n}"),
        1_780_000_000 + n,
        text,
    );
    value["contacts"] = json!([{ "wa_id": phone, "profile": { "name": name } }]);
    value
}
