//! The media of a message, fetched from Meta when somebody wants to see them.

use std::time::Duration;

use meta::graph::{GraphCallError, MediaStream};
use meta::limits;
use serde_json::Value;
use store::messages::Message;

use crate::Engine;
use crate::shared_account::{Unreached, access};

/// 100 MB over a slow line.
const TIME_LIMIT: Duration = Duration::from_secs(600);
const KINDS: [&str; 5] = ["image", "video", "audio", "document", "sticker"];

/// Media that are being read.
#[derive(Debug)]
pub struct Opened {
    /// The bytes.
    pub stream: MediaStream,
    /// Their type, as Meta says.
    pub mime_type: String,
    /// Their name, where they have one.
    pub name: Option<String>,
    /// `image`, `video`, `audio`, `document`, `sticker`.
    pub kind: &'static str,
}

/// Why there is nothing to read.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// The message carries none.
    #[error("this message carries no media")]
    None,
    /// They were sent by a link.
    #[error("this was sent by a link and is not kept by WhatsApp; it is at {0}")]
    Link(String),
    /// Meta does not have them any more.
    #[error(
        "WhatsApp does not have this file any more: it keeps received files for 7 days and sent ones for 30"
    )]
    Gone,
    /// Meta could not be asked, or refused.
    #[error(transparent)]
    Unreached(#[from] Unreached),
}

impl From<GraphCallError> for NotOpened {
    fn from(error: GraphCallError) -> Self {
        match &error {
            GraphCallError::Refused(refused)
                if refused.http_status == 404
                    || (refused.code, refused.subcode) == (100, Some(33)) =>
            {
                Self::Gone
            }
            GraphCallError::NotMeta { http_status: 404 } => Self::Gone,
            _ => Self::Unreached(error.into()),
        }
    }
}

/// Opens the media of a message.
///
/// # Errors
/// [`NotOpened`].
pub async fn open(engine: &Engine, message: &Message) -> Result<Opened, NotOpened> {
    let content: Value = serde_json::from_str(&message.content).unwrap_or_default();
    let found = find(&message.kind, &content).ok_or(NotOpened::None)?;
    let Some(id) = found.id else {
        return Err(found.link.map_or(NotOpened::None, NotOpened::Link));
    };
    let access = access::of_number(engine, &message.phone_number_id).await?;
    let number = Some(message.phone_number_id.as_str());
    let place = engine.graph.media_url(&access.token, &id, number).await?;
    let url = place.url.ok_or(NotOpened::Gone)?;
    let stream = engine
        .graph
        .open_media(&access.token, &url, limits::DOCUMENT_MAX_BYTES, TIME_LIMIT)
        .await?;
    let said = place
        .mime_type
        .or_else(|| stream.content_type.clone())
        .unwrap_or_default();
    let mime_type = said
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_lowercase();
    Ok(Opened {
        stream,
        mime_type,
        name: found.name,
        kind: found.kind,
    })
}

#[derive(Debug, PartialEq, Eq)]
struct Found {
    kind: &'static str,
    id: Option<String>,
    link: Option<String>,
    name: Option<String>,
}

/// The media that a message is, or (templates, interactive messages) that stand in its header.
fn find(kind: &str, content: &Value) -> Option<Found> {
    let own = KINDS.into_iter().find(|known| *known == kind);
    match own {
        Some(kind) => medium(kind, content.get(kind)?),
        None => within(content.get(kind)?),
    }
}

fn within(value: &Value) -> Option<Found> {
    match value {
        Value::Object(members) => KINDS
            .into_iter()
            .find_map(|kind| medium(kind, members.get(kind)?))
            .or_else(|| members.values().find_map(within)),
        Value::Array(items) => items.iter().find_map(within),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn medium(kind: &'static str, value: &Value) -> Option<Found> {
    let text = |member: &str| value.get(member).and_then(Value::as_str).map(str::to_owned);
    let found = Found {
        kind,
        id: text("id"),
        link: text("link"),
        name: text("filename"),
    };
    (found.id.is_some() || found.link.is_some()).then_some(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn media_are_found_where_they_stand() {
        let id = |kind: &str, content: Value| find(kind, &content).and_then(|found| found.id);
        let image = json!({ "type": "image", "image": { "id": "1", "mime_type": "image/jpeg" } });
        assert_eq!(id("image", image).as_deref(), Some("1"));
        let header = json!({ "type": "header", "parameters": [{ "type": "image", "image": { "id": "2" } }] });
        let template = json!({ "template": { "name": "a", "components": [header] } });
        assert_eq!(id("template", template).as_deref(), Some("2"));
        assert_eq!(id("text", json!({ "text": { "body": "image" } })), None);
        let linked = find("image", &json!({ "image": { "link": "https://a" } }));
        assert_eq!(
            linked.and_then(|found| found.link).as_deref(),
            Some("https://a")
        );
    }
}
