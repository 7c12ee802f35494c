//! What a message's JSON says of the medium that it carries.

use serde_json::Value;
use store::media::Digest;

/// Meta's types of messages that are a medium.
const KINDS: [&str; 5] = ["image", "video", "audio", "document", "sticker"];

/// The medium of a message, as its JSON says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// `image`, `video`, `audio`, `document`, `sticker`.
    pub(super) kind: &'static str,
    /// Meta's id, or one of ours.
    pub(super) id: Option<String>,
    /// Its address, where it was sent by one.
    pub(super) link: Option<String>,
    /// Its name.
    pub(super) name: Option<String>,
    /// Its type.
    pub(super) mime_type: Option<String>,
    /// Where Meta has it for five minutes.
    pub(super) url: Option<String>,
    /// Its digest, in whatever form.
    pub(super) sha256: Option<String>,
}

/// One of Meta's types of messages that are a medium.
pub(super) fn kind_of_name(kind: &str) -> Option<&'static str> {
    KINDS.into_iter().find(|known| *known == kind)
}

/// The medium that a message is, or (templates, interactive messages) that stands in its header.
pub(super) fn said(kind: &str, content: &Value) -> Option<Said> {
    match kind_of_name(kind) {
        Some(kind) => medium(kind, content.get(kind)?),
        None => within(content.get(kind)?),
    }
}

fn within(value: &Value) -> Option<Said> {
    match value {
        Value::Object(members) => KINDS
            .into_iter()
            .find_map(|kind| medium(kind, members.get(kind)?))
            .or_else(|| members.values().find_map(within)),
        Value::Array(items) => items.iter().find_map(within),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn medium(kind: &'static str, value: &Value) -> Option<Said> {
    let text = |member: &str| value.get(member).and_then(Value::as_str).map(str::to_owned);
    let found = Said {
        kind,
        id: text("id"),
        link: text("link"),
        name: text("filename"),
        mime_type: text("mime_type").map(|said| plain_type(&said)),
        url: text("url"),
        sha256: text("sha256"),
    };
    (found.id.is_some() || found.link.is_some()).then_some(found)
}

/// A type without its parameters.
pub(super) fn plain_type(said: &str) -> String {
    let plain = said.split(';').next().unwrap_or_default();
    plain.trim().to_lowercase()
}

/// A digest, written in hex (Graph API) or base64 (webhooks).
pub(super) fn digest(text: &str) -> Option<Digest> {
    let mut digest = Digest::default();
    if hex::decode_to_slice(text, &mut digest).is_ok() {
        return Some(digest);
    }
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let bytes = STANDARD
        .decode(text)
        .or_else(|_| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')))
        .ok()?;
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn media_are_found_where_they_stand() {
        let id = |kind: &str, content: Value| said(kind, &content).and_then(|found| found.id);
        let image = json!({ "type": "image", "image": { "id": "1", "mime_type": "image/jpeg" } });
        assert_eq!(id("image", image).as_deref(), Some("1"));
        let header = json!({ "type": "header", "parameters": [{ "type": "image", "image": { "id": "2" } }] });
        let template = json!({ "template": { "name": "a", "components": [header] } });
        assert_eq!(id("template", template).as_deref(), Some("2"));
        assert_eq!(id("text", json!({ "text": { "body": "image" } })), None);
        let linked = said("image", &json!({ "image": { "link": "https://a" } }));
        assert_eq!(
            linked.and_then(|found| found.link).as_deref(),
            Some("https://a")
        );
    }

    #[test]
    fn a_digest_is_read_in_hex_and_in_base64() {
        let digest_of = [0xfb; 32];
        let hex = hex::encode(digest_of);
        let base64 = "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s=";
        let url_safe = base64.replace('+', "-").replace('/', "_");
        for text in [hex.as_str(), &hex.to_uppercase(), base64, &url_safe] {
            assert_eq!(digest(text), Some(digest_of), "{text}");
        }
        assert_eq!(digest("abc"), None);
    }
}
