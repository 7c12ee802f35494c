//! What the stories have in common.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{Clock, MessageId};
use serde_json::{Value, json};
use testkit::{Answer, Client, Setup, Tenant, TestApp, until};

/// A clock that stands still until it is moved.
pub(crate) fn still() -> Setup {
    Setup {
        clock: Clock::manual(Clock::system().now()),
        ..Setup::default()
    }
}

/// The `n`th customer.
pub(crate) fn customer(n: usize) -> String {
    format!("3460000{n:04}")
}

/// A customer sends a file; gives our message, whatever became of the file.
pub(crate) async fn sends(
    app: &TestApp,
    shop: &Tenant,
    n: usize,
    kind: &str,
    bytes: Option<&[u8]>,
) -> Value {
    let mut content = json!({});
    if let Some(bytes) = bytes {
        content["data"] = json!(STANDARD.encode(bytes));
    }
    let message = json!({ "type": kind, kind: content });
    let wamid = app.customer_writes(&shop.number, &customer(n), message);
    let wamid = wamid.replace('=', "%3D").replace('+', "%2B");
    until("the message is here", async || {
        let found = shop
            .api
            .all(&format!("/api/v1/messages?wamid={wamid}"))
            .await;
        found.first().cloned().ok_or_else(|| "nothing".to_owned())
    })
    .await
}

/// The id of a message.
pub(crate) fn id(message: &Value) -> String {
    message["id"].as_str().unwrap().to_owned()
}

/// Waits until the file of a message has come to a state.
pub(crate) async fn comes_to(api: &Client, message: &str, state: &str) -> Value {
    until(&format!("the file is {state}"), async || {
        let found = api.message(message).await;
        match &found["media"]["state"] {
            now if now == state => Ok(found),
            now => Err(format!("{now}: {}", found["media"]["detail"])),
        }
    })
    .await
}

/// Moves the product's clock and wakes whoever waits for it.
pub(crate) fn later(app: &TestApp, by: Duration) {
    app.engine.clock.advance(by);
}

pub(crate) fn message_id(text: &str) -> MessageId {
    text.parse().unwrap()
}

/// Uploads a file.
pub(crate) async fn upload(client: &Client, name: &str, mime: &str, bytes: Vec<u8>) -> Answer {
    client.upload(name, mime, bytes).await
}

/// Whole files below a folder, staged ones included.
pub(crate) fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return found;
    };
    for entry in entries.flatten() {
        if entry.file_type().unwrap().is_dir() {
            found.extend(files_below(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}

/// What lies in the app's folder of files.
pub(crate) fn lying(app: &TestApp) -> usize {
    files_below(&app.database.folder().join("media")).len()
}

/// How many calls of a kind Meta has had.
pub(crate) async fn calls(app: &TestApp, method: &str, ending: &str) -> usize {
    let calls = app.meta().get("/_sim/calls").await.expect(200);
    let calls = calls["data"]
        .as_array()
        .or_else(|| calls.as_array())
        .cloned()
        .unwrap_or_default();
    calls
        .iter()
        .filter(|call| {
            let path = call["path"].as_str().unwrap_or_default();
            let path = path.split('?').next().unwrap_or_default();
            call["method"] == method && path.ends_with(ending)
        })
        .count()
}
