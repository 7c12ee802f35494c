//! What an outgoing message can carry.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::template::Template;

/// `type` of an outgoing message with what belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// `text`
    Text(OutText),
    /// `image`
    Image(OutMedia),
    /// `video`
    Video(OutMedia),
    /// `audio`
    Audio(OutMedia),
    /// `document`
    Document(OutMedia),
    /// `sticker`
    Sticker(OutMedia),
    /// `location`
    Location(Location),
    /// `contacts`
    Contacts(Contacts),
    /// `reaction`
    Reaction(OutReaction),
    /// `interactive`, as its JSON: its many kinds are written by forms and other programs
    Interactive(Value),
    /// `template`
    Template(Template),
    /// Any other type
    Other {
        /// `type`
        kind: String,
        /// The member of that name
        value: Value,
    },
}

impl Content {
    /// A text without link preview.
    #[must_use]
    pub fn text(body: impl Into<String>) -> Self {
        Self::Text(OutText {
            body: body.into(),
            preview_url: None,
        })
    }

    /// Meta's word for the type.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Text(_) => "text",
            Self::Image(_) => "image",
            Self::Video(_) => "video",
            Self::Audio(_) => "audio",
            Self::Document(_) => "document",
            Self::Sticker(_) => "sticker",
            Self::Location(_) => "location",
            Self::Contacts(_) => "contacts",
            Self::Reaction(_) => "reaction",
            Self::Interactive(_) => "interactive",
            Self::Template(_) => "template",
            Self::Other { kind, .. } => kind,
        }
    }

    pub(super) fn from_value(kind: String, value: Value) -> Result<Self, serde_json::Error> {
        use serde_json::from_value;
        Ok(match kind.as_str() {
            "text" => Self::Text(from_value(value)?),
            "image" => Self::Image(from_value(value)?),
            "video" => Self::Video(from_value(value)?),
            "audio" => Self::Audio(from_value(value)?),
            "document" => Self::Document(from_value(value)?),
            "sticker" => Self::Sticker(from_value(value)?),
            "location" => Self::Location(from_value(value)?),
            "contacts" => Self::Contacts(from_value(value)?),
            "reaction" => Self::Reaction(from_value(value)?),
            "interactive" => Self::Interactive(value),
            "template" => Self::Template(from_value(value)?),
            _ => Self::Other { kind, value },
        })
    }
}

/// `text`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutText {
    /// At most 4,096 characters.
    pub body: String,
    /// Whether the first link is shown with a preview.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview_url: Option<bool>,
}

/// Where Meta gets media from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaSource {
    /// An uploaded file.
    Id(String),
    /// A public address, which Meta fetches and keeps for ten minutes.
    Link(String),
}

/// `image`, `video`, `audio`, `document`, `sticker`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutMedia {
    /// `id` or `link`.
    #[serde(flatten)]
    pub source: MediaSource,
    /// Of image, video and document; at most 1,024 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Of a document; its ending chooses the icon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// Of audio: a voice message (OGG with OPUS, mono).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<bool>,
}

impl OutMedia {
    /// An uploaded file.
    #[must_use]
    pub fn id(id: impl Into<String>) -> Self {
        Self {
            source: MediaSource::Id(id.into()),
            caption: None,
            filename: None,
            voice: None,
        }
    }

    /// A public address.
    #[must_use]
    pub fn link(link: impl Into<String>) -> Self {
        Self {
            source: MediaSource::Link(link.into()),
            caption: None,
            filename: None,
            voice: None,
        }
    }

    /// Adds a caption.
    #[must_use]
    pub fn with_caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = Some(caption.into());
        self
    }

    /// Adds a file name.
    #[must_use]
    pub fn with_filename(mut self, filename: impl Into<String>) -> Self {
        self.filename = Some(filename.into());
        self
    }
}

/// `location`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Location {
    /// Degrees.
    #[serde(deserialize_with = "degrees")]
    pub latitude: f64,
    /// Degrees.
    #[serde(deserialize_with = "degrees")]
    pub longitude: f64,
    /// Name of the place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Address of the place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// Meta takes degrees as a string, too.
fn degrees<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    crate::webhook::lenient::decimal(deserializer)?
        .ok_or_else(|| serde::de::Error::custom("degrees must be a number"))
}

/// `contacts`: cards in Meta's form.
pub type Contacts = Vec<Value>;

/// `reaction`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutReaction {
    /// The wamid of a received message of the last 30 days.
    pub message_id: String,
    /// Empty takes the reaction back.
    #[serde(default)]
    pub emoji: String,
}
