//! Bodies of outgoing messages in Meta's form, and Meta's limits on them (page "messages").
//!
//! [`OutboundMessage`] serialises to the body of `POST /{phone_number_id}/messages` and can be read back from one.
//! [`OutboundMessage::validate`] finds what Meta would refuse, before it costs a call and, for some mistakes, a silent
//! failure hours later. What may be sent stands in [`forms`], as tables.

mod content;
pub mod definition;
mod fill;
pub mod forms;
mod judge;
mod kinds;
mod template;
mod validate;

pub use crate::form::Problem;
pub use content::{Contacts, Content, Location, MediaSource, OutMedia, OutReaction, OutText};
pub use fill::Preview;
pub use template::{Card, Component, Language, MediaParameter, Parameter, Template};
pub use validate::{check, is_bsuid, without_nulls};

use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// One outgoing message.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboundMessage {
    /// Phone number with `+` and country code (without `+` Meta puts the sender's country code before it), or a group id.
    pub to: Option<String>,
    /// BSUID. When `to` is there too, `to` wins.
    pub recipient: Option<String>,
    /// Whether `to` is a group id.
    pub to_group: bool,
    /// The wamid it answers.
    pub reply_to: Option<String>,
    /// Comes back in each status, at most 512 characters.
    pub biz_opaque_callback_data: Option<String>,
    /// Deliver only to a user whose identity key has this hash.
    pub recipient_identity_key_hash: Option<String>,
    /// Goes by the Marketing Messages API, with these wishes.
    pub marketing: Option<Marketing>,
    /// What it carries.
    pub content: Content,
}

/// What only `POST /{phone_number_id}/marketing_messages` takes (page "marketing-messages").
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marketing {
    /// `CLOUD_API_FALLBACK` (Meta's default) or `STRICT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_policy: Option<String>,
    /// Whether Meta may share what happens to the message with the ads side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_activity_sharing: Option<bool>,
}

impl OutboundMessage {
    /// To a phone number.
    #[must_use]
    pub fn to(phone: impl Into<String>, content: Content) -> Self {
        Self {
            to: Some(phone.into()),
            ..Self::unaddressed(content)
        }
    }

    /// To a BSUID.
    #[must_use]
    pub fn to_recipient(user_id: impl Into<String>, content: Content) -> Self {
        Self {
            recipient: Some(user_id.into()),
            ..Self::unaddressed(content)
        }
    }

    /// To a group.
    #[must_use]
    pub fn to_group(group_id: impl Into<String>, content: Content) -> Self {
        Self {
            to: Some(group_id.into()),
            to_group: true,
            ..Self::unaddressed(content)
        }
    }

    fn unaddressed(content: Content) -> Self {
        Self {
            to: None,
            recipient: None,
            to_group: false,
            reply_to: None,
            biz_opaque_callback_data: None,
            recipient_identity_key_hash: None,
            marketing: None,
            content,
        }
    }

    /// Quotes a message.
    #[must_use]
    pub fn in_reply_to(mut self, wamid: impl Into<String>) -> Self {
        self.reply_to = Some(wamid.into());
        self
    }

    /// Adds what each status brings back.
    #[must_use]
    pub fn with_callback_data(mut self, data: impl Into<String>) -> Self {
        self.biz_opaque_callback_data = Some(data.into());
        self
    }
}

#[derive(Serialize)]
struct ReplyContext<'a> {
    message_id: &'a str,
}

impl Serialize for OutboundMessage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("messaging_product", "whatsapp")?;
        map.serialize_entry(
            "recipient_type",
            if self.to_group { "group" } else { "individual" },
        )?;
        if let Some(to) = &self.to {
            map.serialize_entry("to", to)?;
        }
        if let Some(recipient) = &self.recipient {
            map.serialize_entry("recipient", recipient)?;
        }
        if let Some(hash) = &self.recipient_identity_key_hash {
            map.serialize_entry("recipient_identity_key_hash", hash)?;
        }
        if let Some(message_id) = &self.reply_to {
            map.serialize_entry("context", &ReplyContext { message_id })?;
        }
        if let Some(data) = &self.biz_opaque_callback_data {
            map.serialize_entry("biz_opaque_callback_data", data)?;
        }
        if let Some(marketing) = &self.marketing {
            if let Some(policy) = &marketing.product_policy {
                map.serialize_entry("product_policy", policy)?;
            }
            if let Some(sharing) = marketing.message_activity_sharing {
                map.serialize_entry("message_activity_sharing", &sharing)?;
            }
        }
        let kind = self.content.as_str();
        map.serialize_entry("type", kind)?;
        match &self.content {
            Content::Text(text) => map.serialize_entry(kind, text)?,
            Content::Image(media)
            | Content::Video(media)
            | Content::Audio(media)
            | Content::Document(media)
            | Content::Sticker(media) => map.serialize_entry(kind, media)?,
            Content::Location(location) => map.serialize_entry(kind, location)?,
            Content::Contacts(contacts) => map.serialize_entry(kind, contacts)?,
            Content::Reaction(reaction) => map.serialize_entry(kind, reaction)?,
            Content::Interactive(value) | Content::Other { value, .. } => {
                map.serialize_entry(kind, value)?;
            }
            Content::Template(template) => map.serialize_entry(kind, template)?,
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for OutboundMessage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut body = Map::deserialize(deserializer)?;
        if body.get("messaging_product").and_then(Value::as_str) != Some("whatsapp") {
            return Err(D::Error::custom(
                "The parameter messaging_product is required.",
            ));
        }
        // Meta's default.
        let kind = text(&mut body, "type").unwrap_or_else(|| "text".to_owned());
        let content = body
            .remove(&kind)
            .ok_or_else(|| D::Error::custom(format!("The parameter {kind} is required.")))?;
        let reply_to = body
            .get("context")
            .and_then(|context| context.get("message_id"))
            .and_then(Value::as_str);
        Ok(Self {
            reply_to: reply_to.map(str::to_owned),
            to_group: text(&mut body, "recipient_type").as_deref() == Some("group"),
            to: text(&mut body, "to"),
            recipient: text(&mut body, "recipient"),
            biz_opaque_callback_data: text(&mut body, "biz_opaque_callback_data"),
            recipient_identity_key_hash: text(&mut body, "recipient_identity_key_hash"),
            marketing: marketing(&body).map_err(D::Error::custom)?,
            content: Content::from_value(kind, content).map_err(D::Error::custom)?,
        })
    }
}

/// Its members stand in the body itself.
fn marketing(body: &Map<String, Value>) -> Result<Option<Marketing>, serde_json::Error> {
    let theirs = ["product_policy", "message_activity_sharing"];
    if !theirs.iter().any(|name| body.contains_key(*name)) {
        return Ok(None);
    }
    serde_json::from_value(Value::Object(body.clone())).map(Some)
}

fn text(body: &mut Map<String, Value>, name: &str) -> Option<String> {
    match body.remove(name)? {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
