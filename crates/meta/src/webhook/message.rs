//! One inbound message (or echo, or piece of a history), whatever its type.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::content::{
    Button, Interactive, Location, Media, Order, Reaction, Revoke, SharedContact, System, Text,
    Unsupported,
};
use super::lenient::{self, Name};
use super::wire_error::WireError;

/// `messages[]`, `message_echoes[]` and the messages of a history.
///
/// Page "webhooks/reference/messages". The sender is `from` (a phone number without `+`), `from_user_id` (BSUID), or both:
/// since 2026 either may be missing. Neither is sure to be digits.
#[derive(Debug, Clone, PartialEq)]
pub struct InboundMessage {
    /// The wamid.
    pub id: String,
    /// Sender's phone number, absent when it may not be shown.
    pub from: Option<String>,
    /// Sender's BSUID.
    pub from_user_id: Option<String>,
    /// Sender's parent BSUID.
    pub from_parent_user_id: Option<String>,
    /// Receiver of an echo or of an outgoing message in a history.
    pub to: Option<String>,
    /// Receiver's BSUID.
    pub to_user_id: Option<String>,
    /// Receiver's parent BSUID.
    pub to_parent_user_id: Option<String>,
    /// The group it was written in.
    pub group_id: Option<String>,
    /// Unix seconds; 0 when Meta gave none that can be read (then use the time of receipt).
    pub timestamp: i64,
    /// What it carries.
    pub kind: MessageKind,
    /// What it refers to.
    pub context: Option<Context>,
    /// The ad it came from.
    pub referral: Option<Referral>,
    /// Why it could not be delivered whole.
    pub errors: Vec<WireError>,
    /// `history_context.status` of a message out of a history: `READ`, `DELIVERED`, …
    pub history_status: Option<String>,
}

/// `type` of a message with what belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub enum MessageKind {
    /// `text`
    Text(Text),
    /// `image`
    Image(Media),
    /// `video`
    Video(Media),
    /// `audio`, also a voice message
    Audio(Media),
    /// `document`
    Document(Media),
    /// `sticker`
    Sticker(Media),
    /// `location`
    Location(Location),
    /// `contacts`
    Contacts(Vec<SharedContact>),
    /// `button`: quick reply of a template
    Button(Button),
    /// `interactive`
    Interactive(Interactive),
    /// `order`
    Order(Order),
    /// `reaction`
    Reaction(Reaction),
    /// `system`
    System(System),
    /// `request_welcome`: the chat was opened for the first time
    RequestWelcome,
    /// `edit`
    Edit(Edit),
    /// `revoke`
    Revoke(Revoke),
    /// `unsupported`
    Unsupported(Unsupported),
    /// `unknown`, the old form of unsupported
    Unknown(Unsupported),
    /// `media_placeholder`: media of a history that may follow in a webhook of its own
    MediaPlaceholder,
    /// A type that is not known here, or one whose content is missing.
    Other {
        /// `type`, empty when there was none.
        kind: String,
        /// The member of that name as JSON, `null` when there is none.
        raw: String,
    },
}

impl MessageKind {
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
            Self::Button(_) => "button",
            Self::Interactive(_) => "interactive",
            Self::Order(_) => "order",
            Self::Reaction(_) => "reaction",
            Self::System(_) => "system",
            Self::RequestWelcome => "request_welcome",
            Self::Edit(_) => "edit",
            Self::Revoke(_) => "revoke",
            Self::Unsupported(_) => "unsupported",
            Self::Unknown(_) => "unknown",
            Self::MediaPlaceholder => "media_placeholder",
            Self::Other { kind, .. } => kind,
        }
    }

    /// The media of a message that has some.
    #[must_use]
    pub fn media(&self) -> Option<&Media> {
        match self {
            Self::Image(media)
            | Self::Video(media)
            | Self::Audio(media)
            | Self::Document(media)
            | Self::Sticker(media) => Some(media),
            Self::Edit(edit) => edit.content.media(),
            Self::Text(_)
            | Self::Location(_)
            | Self::Contacts(_)
            | Self::Button(_)
            | Self::Interactive(_)
            | Self::Order(_)
            | Self::Reaction(_)
            | Self::System(_)
            | Self::RequestWelcome
            | Self::Revoke(_)
            | Self::Unsupported(_)
            | Self::Unknown(_)
            | Self::MediaPlaceholder
            | Self::Other { .. } => None,
        }
    }

    fn from_wire(kind: Cow<'_, str>, content: Option<&RawValue>) -> Self {
        let known = match kind.as_ref() {
            "text" => object(content).map(Self::Text),
            "image" => object(content).map(Self::Image),
            "video" => object(content).map(Self::Video),
            "audio" => object(content).map(Self::Audio),
            "document" => object(content).map(Self::Document),
            "sticker" => object(content).map(Self::Sticker),
            "location" => object(content).map(Self::Location),
            "contacts" => content.and_then(lenient::elements).map(|cards| {
                Self::Contacts(
                    cards
                        .into_iter()
                        .filter_map(|card| lenient::object(card).ok())
                        .collect(),
                )
            }),
            "button" => object(content).map(Self::Button),
            "interactive" => content
                .and_then(Interactive::from_raw)
                .map(Self::Interactive),
            "order" => object(content).map(Self::Order),
            "reaction" => object(content).map(Self::Reaction),
            "system" => object(content).map(Self::System),
            "request_welcome" => Some(Self::RequestWelcome),
            "edit" => content.and_then(Edit::from_raw).map(Self::Edit),
            "revoke" => object(content).map(Self::Revoke),
            "unsupported" => Some(Self::Unsupported(object(content).unwrap_or_default())),
            "unknown" => Some(Self::Unknown(object(content).unwrap_or_default())),
            "media_placeholder" => Some(Self::MediaPlaceholder),
            _ => None,
        };
        known.unwrap_or_else(|| Self::Other {
            kind: kind.into_owned(),
            raw: content.map_or("null", RawValue::get).to_owned(),
        })
    }
}

fn object<T: serde::de::DeserializeOwned>(content: Option<&RawValue>) -> Option<T> {
    lenient::object(content?).ok()
}

/// `edit`: the sender changed a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// The changed wamid.
    pub original_message_id: Option<String>,
    /// What it carries now.
    pub content: Box<MessageKind>,
    /// What the changed message refers to.
    pub context: Option<Context>,
}

impl Edit {
    fn from_raw(raw: &RawValue) -> Option<Self> {
        #[derive(Deserialize)]
        struct EditWire<'a> {
            #[serde(default, deserialize_with = "lenient::text")]
            original_message_id: Option<String>,
            #[serde(borrow)]
            message: Option<&'a RawValue>,
        }
        let wire: EditWire<'_> = serde_json::from_str(raw.get()).ok()?;
        let message: MessageWire<'_> = serde_json::from_str(wire.message?.get()).ok()?;
        // Nobody edits an edit; refusing it also ends the recursion on hostile input.
        if message.kind.as_deref() == Some("edit") {
            return None;
        }
        let content = message.content();
        let context = message
            .context
            .and_then(|context| lenient::object(context).ok());
        Some(Self {
            original_message_id: wire.original_message_id,
            content: Box::new(MessageKind::from_wire(
                message.kind.unwrap_or_default(),
                content,
            )),
            context,
        })
    }
}

/// `context`: what a message refers to.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Context {
    /// Who wrote the quoted message.
    #[serde(deserialize_with = "lenient::text")]
    pub from: Option<String>,
    /// The quoted wamid.
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    /// Forwarded, up to five times.
    #[serde(deserialize_with = "lenient::flag")]
    pub forwarded: Option<bool>,
    /// Forwarded more often.
    #[serde(deserialize_with = "lenient::flag")]
    pub frequently_forwarded: Option<bool>,
    /// The product it asks about.
    #[serde(deserialize_with = "lenient::part")]
    pub referred_product: Option<ReferredProduct>,
}

/// `context.referred_product`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct ReferredProduct {
    /// Catalogue of the product.
    #[serde(deserialize_with = "lenient::text")]
    pub catalog_id: Option<String>,
    /// The shop's own product id.
    #[serde(deserialize_with = "lenient::text")]
    pub product_retailer_id: Option<String>,
}

/// `referral`: the Click-to-WhatsApp ad a conversation began with.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Referral {
    /// Address of the ad or post.
    #[serde(deserialize_with = "lenient::text")]
    pub source_url: Option<String>,
    /// Id of the ad or post.
    #[serde(deserialize_with = "lenient::text")]
    pub source_id: Option<String>,
    /// `ad` or `post`.
    #[serde(deserialize_with = "lenient::text")]
    pub source_type: Option<String>,
    /// Headline.
    #[serde(deserialize_with = "lenient::text")]
    pub headline: Option<String>,
    /// Text.
    #[serde(deserialize_with = "lenient::text")]
    pub body: Option<String>,
    /// `image` or `video`.
    #[serde(deserialize_with = "lenient::text")]
    pub media_type: Option<String>,
    /// Picture of the ad.
    #[serde(deserialize_with = "lenient::text")]
    pub image_url: Option<String>,
    /// Video of the ad.
    #[serde(deserialize_with = "lenient::text")]
    pub video_url: Option<String>,
    /// Preview picture.
    #[serde(deserialize_with = "lenient::text")]
    pub thumbnail_url: Option<String>,
    /// Click id for the Conversions API.
    #[serde(deserialize_with = "lenient::text")]
    pub ctwa_clid: Option<String>,
    /// The greeting of the ad.
    #[serde(deserialize_with = "lenient::part")]
    pub welcome_message: Option<WelcomeMessage>,
}

/// `referral.welcome_message`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct WelcomeMessage {
    /// The greeting.
    #[serde(deserialize_with = "lenient::text")]
    pub text: Option<String>,
}

/// A message before its type is known: read in one pass, the content found by its name afterwards.
#[derive(Default)]
struct MessageWire<'a> {
    id: Option<String>,
    from: Option<String>,
    from_user_id: Option<String>,
    from_parent_user_id: Option<String>,
    to: Option<String>,
    to_user_id: Option<String>,
    to_parent_user_id: Option<String>,
    group_id: Option<String>,
    timestamp: Option<i64>,
    kind: Option<Cow<'a, str>>,
    context: Option<&'a RawValue>,
    referral: Option<&'a RawValue>,
    errors: Option<&'a RawValue>,
    history_context: Option<&'a RawValue>,
    rest: Vec<(Cow<'a, str>, &'a RawValue)>,
}

impl<'a> MessageWire<'a> {
    fn content(&self) -> Option<&'a RawValue> {
        let kind = self.kind.as_deref()?;
        self.rest
            .iter()
            .find(|(name, _)| name == kind)
            .map(|(_, raw)| *raw)
    }
}

struct TextField(Option<String>);

impl<'de> Deserialize<'de> for TextField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient::text(deserializer).map(TextField)
    }
}

struct CowField<'de>(Option<Cow<'de, str>>);

impl<'de> Deserialize<'de> for CowField<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient::cow(deserializer).map(CowField)
    }
}

struct IntegerField(Option<i64>);

impl<'de> Deserialize<'de> for IntegerField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient::integer(deserializer).map(IntegerField)
    }
}

impl<'de> Deserialize<'de> for MessageWire<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MessageVisitor)
    }
}

struct MessageVisitor;

impl<'de> Visitor<'de> for MessageVisitor {
    type Value = MessageWire<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a message object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut wire = MessageWire::default();
        while let Some(Name(name)) = map.next_key()? {
            match name.as_ref() {
                "id" => wire.id = map.next_value::<TextField>()?.0,
                "from" => wire.from = map.next_value::<TextField>()?.0,
                "from_user_id" => wire.from_user_id = map.next_value::<TextField>()?.0,
                "from_parent_user_id" => {
                    wire.from_parent_user_id = map.next_value::<TextField>()?.0;
                }
                "to" => wire.to = map.next_value::<TextField>()?.0,
                "to_user_id" => wire.to_user_id = map.next_value::<TextField>()?.0,
                "to_parent_user_id" => wire.to_parent_user_id = map.next_value::<TextField>()?.0,
                "group_id" => wire.group_id = map.next_value::<TextField>()?.0,
                "timestamp" => wire.timestamp = map.next_value::<IntegerField>()?.0,
                "type" => wire.kind = map.next_value::<CowField<'_>>()?.0,
                "context" => wire.context = Some(map.next_value()?),
                "referral" => wire.referral = Some(map.next_value()?),
                "errors" => wire.errors = Some(map.next_value()?),
                "history_context" => wire.history_context = Some(map.next_value()?),
                _ => wire.rest.push((name, map.next_value()?)),
            }
        }
        Ok(wire)
    }
}

impl<'de> Deserialize<'de> for InboundMessage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct HistoryContext {
            #[serde(deserialize_with = "lenient::text")]
            status: Option<String>,
        }
        let wire = MessageWire::deserialize(deserializer)?;
        let content = wire.content();
        let Some(id) = wire.id.filter(|id| !id.is_empty()) else {
            return Err(serde::de::Error::custom("the message has no id"));
        };
        Ok(Self {
            id,
            from: wire.from,
            from_user_id: wire.from_user_id,
            from_parent_user_id: wire.from_parent_user_id,
            to: wire.to,
            to_user_id: wire.to_user_id,
            to_parent_user_id: wire.to_parent_user_id,
            group_id: wire.group_id,
            timestamp: wire.timestamp.unwrap_or_default(),
            kind: MessageKind::from_wire(wire.kind.unwrap_or_default(), content),
            context: object(wire.context),
            referral: object(wire.referral),
            errors: wire.errors.map(errors).unwrap_or_default(),
            history_status: object::<HistoryContext>(wire.history_context)
                .and_then(|context| context.status),
        })
    }
}

fn errors(raw: &RawValue) -> Vec<WireError> {
    let elements = lenient::elements(raw).unwrap_or_default();
    elements
        .into_iter()
        .filter_map(|element| lenient::object(element).ok())
        .collect()
}
