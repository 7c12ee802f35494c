//! Bodies in Meta's form, written by hand where a story needs a certain one.

use serde_json::{Value, json};

use crate::app::WABA;

/// A body with changes of the field `messages` under the stories' WABA.
pub fn post(values: impl IntoIterator<Item = Value>) -> Value {
    let changes: Vec<Value> = values
        .into_iter()
        .map(|value| json!({ "field": "messages", "value": value }))
        .collect();
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": WABA, "changes": changes }] })
}

/// The value of a change: a message (Meta's object with `id`, `timestamp` and content) from a phone.
pub fn message(number: &str, from: &str, message: Value) -> Value {
    let mut message = message;
    message["from"] = json!(from);
    json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "34612000001", "phone_number_id": number },
        "contacts": [{ "profile": { "name": "Ana García" }, "wa_id": from }],
        "messages": [message],
    })
}

/// The value of a change: a text.
pub fn text(number: &str, from: &str, wamid: &str, seconds: i64, body: &str) -> Value {
    let content = json!({ "id": wamid, "timestamp": seconds.to_string(), "type": "text", "text": { "body": body } });
    message(number, from, content)
}

/// The value of a change: a status, with what else Meta puts into it.
pub fn status(number: &str, wamid: &str, word: &str, seconds: i64, more: &Value) -> Value {
    let mut status = json!({ "id": wamid, "status": word, "timestamp": seconds.to_string(), "recipient_id": "34600000001" });
    for (key, value) in more.as_object().into_iter().flatten() {
        status[key.as_str()] = value.clone();
    }
    json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "34612000001", "phone_number_id": number },
        "statuses": [status],
    })
}
