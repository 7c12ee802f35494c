//! What an inbound message can carry, one type for each `type` of Meta's (pages "webhooks/reference/messages/*").
//!
//! Everything is optional: Meta leaves keys out by version, by privacy setting and by mistake.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::lenient;
use super::tagged::words;

/// `text`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Text {
    /// The text, as the user wrote it.
    #[serde(deserialize_with = "lenient::text")]
    pub body: Option<String>,
}

/// `image`, `video`, `audio`, `document`, `sticker` and the `media_placeholder` of a history.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Media {
    /// Media id; works for seven days.
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    /// Address of the bytes; works for five minutes and needs the token.
    #[serde(deserialize_with = "lenient::text")]
    pub url: Option<String>,
    /// MIME type, possibly with parameters (`audio/ogg; codecs=opus`).
    #[serde(deserialize_with = "lenient::text")]
    pub mime_type: Option<String>,
    /// Digest of the bytes, base64 in webhooks.
    #[serde(deserialize_with = "lenient::text")]
    pub sha256: Option<String>,
    /// Text under the media.
    #[serde(deserialize_with = "lenient::text")]
    pub caption: Option<String>,
    /// Name of a document.
    #[serde(deserialize_with = "lenient::text")]
    pub filename: Option<String>,
    /// Whether an audio is a voice message.
    #[serde(deserialize_with = "lenient::flag")]
    pub voice: Option<bool>,
    /// Whether a sticker moves.
    #[serde(deserialize_with = "lenient::flag")]
    pub animated: Option<bool>,
}

/// `location`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Location {
    /// Degrees.
    #[serde(deserialize_with = "lenient::decimal")]
    pub latitude: Option<f64>,
    /// Degrees.
    #[serde(deserialize_with = "lenient::decimal")]
    pub longitude: Option<f64>,
    /// Name of the place.
    #[serde(deserialize_with = "lenient::text")]
    pub name: Option<String>,
    /// Address of the place.
    #[serde(deserialize_with = "lenient::text")]
    pub address: Option<String>,
    /// Web page of the place.
    #[serde(deserialize_with = "lenient::text")]
    pub url: Option<String>,
}

/// One card of a `contacts` message.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct SharedContact {
    /// Names.
    #[serde(deserialize_with = "lenient::part")]
    pub name: Option<SharedName>,
    /// Phone numbers.
    #[serde(deserialize_with = "lenient::list")]
    pub phones: Vec<SharedPhone>,
    /// E-mail addresses.
    #[serde(deserialize_with = "lenient::list")]
    pub emails: Vec<SharedEmail>,
    /// Company, department, title.
    #[serde(deserialize_with = "lenient::part")]
    pub org: Option<SharedOrganisation>,
    /// `YYYY-MM-DD`.
    #[serde(deserialize_with = "lenient::text")]
    pub birthday: Option<String>,
    /// The card as a vCard.
    #[serde(deserialize_with = "lenient::text")]
    pub vcard: Option<String>,
    /// `contact_request` when the user answered our request for contact details.
    #[serde(deserialize_with = "lenient::text")]
    pub origin: Option<String>,
}

/// Names of a shared contact.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct SharedName {
    /// The whole name.
    #[serde(deserialize_with = "lenient::text")]
    pub formatted_name: Option<String>,
    /// First name.
    #[serde(deserialize_with = "lenient::text")]
    pub first_name: Option<String>,
    /// Last name.
    #[serde(deserialize_with = "lenient::text")]
    pub last_name: Option<String>,
}

/// Phone number of a shared contact.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct SharedPhone {
    /// As the user stored it.
    #[serde(deserialize_with = "lenient::text")]
    pub phone: Option<String>,
    /// Its WhatsApp id, if it has one.
    #[serde(deserialize_with = "lenient::text")]
    pub wa_id: Option<String>,
    /// `CELL`, `HOME` …
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
}

/// E-mail address of a shared contact.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct SharedEmail {
    /// The address.
    #[serde(deserialize_with = "lenient::text")]
    pub email: Option<String>,
    /// `HOME`, `WORK` …
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
}

/// Organisation of a shared contact.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct SharedOrganisation {
    /// Company.
    #[serde(deserialize_with = "lenient::text")]
    pub company: Option<String>,
    /// Department.
    #[serde(deserialize_with = "lenient::text")]
    pub department: Option<String>,
    /// Title.
    #[serde(deserialize_with = "lenient::text")]
    pub title: Option<String>,
}

/// `button`: a quick reply of a template was pressed.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Button {
    /// What the sender of the template put behind the button.
    #[serde(deserialize_with = "lenient::text")]
    pub payload: Option<String>,
    /// The label.
    #[serde(deserialize_with = "lenient::text")]
    pub text: Option<String>,
}

/// `order`: a cart of products.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Order {
    /// Catalogue of the products.
    #[serde(deserialize_with = "lenient::text")]
    pub catalog_id: Option<String>,
    /// What the user wrote with it.
    #[serde(deserialize_with = "lenient::text")]
    pub text: Option<String>,
    /// The products.
    #[serde(deserialize_with = "lenient::list")]
    pub product_items: Vec<ProductItem>,
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct ProductItem {
    /// The shop's own product id.
    #[serde(deserialize_with = "lenient::text")]
    pub product_retailer_id: Option<String>,
    /// Pieces.
    #[serde(deserialize_with = "lenient::integer")]
    pub quantity: Option<i64>,
    /// Price of one piece as Meta wrote it, in units of `currency`: kept as text, so that no cent is lost to a float.
    #[serde(deserialize_with = "lenient::text")]
    pub item_price: Option<String>,
    /// ISO 4217.
    #[serde(deserialize_with = "lenient::text")]
    pub currency: Option<String>,
}

/// `reaction`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Reaction {
    /// The wamid it stands on.
    #[serde(deserialize_with = "lenient::text")]
    pub message_id: Option<String>,
    /// Absent or empty when the reaction was taken back.
    #[serde(deserialize_with = "lenient::text")]
    pub emoji: Option<String>,
}

words! {
    /// `system.type`.
    SystemKind {
        /// The user has a new number.
        UserChangedNumber = "user_changed_number",
        /// The user has a new BSUID, the phone number may not be told (2026-08).
        UserChangedUserId = "user_changed_user_id",
        /// The user's identity key changed (older).
        CustomerIdentityChanged = "customer_identity_changed",
        /// The user has a new number (older).
        CustomerChangedNumber = "customer_changed_number",
    }
}

/// `system`: something about the user, not from the user.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct System {
    /// What happened.
    #[serde(rename = "type")]
    pub kind: Option<SystemKind>,
    /// Meta's sentence.
    #[serde(deserialize_with = "lenient::text")]
    pub body: Option<String>,
    /// The new WhatsApp id.
    #[serde(alias = "new_wa_id", deserialize_with = "lenient::text")]
    pub wa_id: Option<String>,
    /// The new BSUID.
    #[serde(deserialize_with = "lenient::text")]
    pub user_id: Option<String>,
    /// The BSUID until now.
    #[serde(deserialize_with = "lenient::text")]
    pub previous_user_id: Option<String>,
    /// The new parent BSUID.
    #[serde(deserialize_with = "lenient::text")]
    pub parent_user_id: Option<String>,
    /// The parent BSUID until now.
    #[serde(deserialize_with = "lenient::text")]
    pub previous_parent_user_id: Option<String>,
    /// Hash of the identity key (older).
    #[serde(deserialize_with = "lenient::text")]
    pub identity: Option<String>,
}

/// `revoke`: the sender deleted a message for everyone.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Revoke {
    /// The deleted wamid.
    #[serde(deserialize_with = "lenient::text")]
    pub original_message_id: Option<String>,
}

/// `unsupported` and the older `unknown`: the reason stands in the message's `errors`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Unsupported {
    /// What it was: `poll`, `view_once`, `edit` …
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
}

/// `interactive`: an answer to an interactive message.
#[derive(Debug, Clone, PartialEq)]
pub enum Interactive {
    /// A reply button was pressed.
    ButtonReply {
        /// The id its sender gave it.
        id: Option<String>,
        /// The label.
        title: Option<String>,
    },
    /// A row of a list was chosen.
    ListReply {
        /// The id its sender gave it.
        id: Option<String>,
        /// The title.
        title: Option<String>,
        /// The description.
        description: Option<String>,
    },
    /// A flow or an address form was sent.
    NfmReply {
        /// `flow` or `address_message`.
        name: Option<String>,
        /// What the user sees, mostly `Sent`.
        body: Option<String>,
        /// The answers: JSON in a string.
        response_json: Option<String>,
    },
    /// A call permission request was answered.
    CallPermissionReply {
        /// `accept` or `reject`.
        response: Option<String>,
        /// Whether it has no end.
        is_permanent: Option<bool>,
        /// Unix seconds.
        expiration_timestamp: Option<i64>,
        /// `user_action` or `automatic`.
        response_source: Option<String>,
    },
    /// A kind that is not known here.
    Other {
        /// `interactive.type`.
        kind: String,
        /// The whole `interactive` object, as JSON.
        raw: String,
    },
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct InteractiveWire {
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    kind: Option<String>,
    #[serde(deserialize_with = "lenient::part")]
    button_reply: Option<ReplyWire>,
    #[serde(deserialize_with = "lenient::part")]
    list_reply: Option<ReplyWire>,
    #[serde(deserialize_with = "lenient::part")]
    nfm_reply: Option<ReplyWire>,
    #[serde(deserialize_with = "lenient::part")]
    call_permission_reply: Option<ReplyWire>,
}

/// All members that any kind of reply has.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ReplyWire {
    #[serde(deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    title: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    description: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    body: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    response_json: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    response: Option<String>,
    #[serde(deserialize_with = "lenient::flag")]
    is_permanent: Option<bool>,
    #[serde(deserialize_with = "lenient::integer")]
    expiration_timestamp: Option<i64>,
    #[serde(deserialize_with = "lenient::text")]
    response_source: Option<String>,
}

impl Interactive {
    pub(super) fn from_raw(raw: &RawValue) -> Option<Self> {
        let wire: InteractiveWire = lenient::object(raw).ok()?;
        let kind = wire.kind.unwrap_or_default();
        let known = match kind.as_str() {
            "button_reply" => wire.button_reply.map(|reply| Self::ButtonReply {
                id: reply.id,
                title: reply.title,
            }),
            "list_reply" => wire.list_reply.map(|reply| Self::ListReply {
                id: reply.id,
                title: reply.title,
                description: reply.description,
            }),
            "nfm_reply" => wire.nfm_reply.map(|reply| Self::NfmReply {
                name: reply.name,
                body: reply.body,
                response_json: reply.response_json,
            }),
            "call_permission_reply" => {
                wire.call_permission_reply
                    .map(|reply| Self::CallPermissionReply {
                        response: reply.response,
                        is_permanent: reply.is_permanent,
                        expiration_timestamp: reply.expiration_timestamp,
                        response_source: reply.response_source,
                    })
            }
            _ => None,
        };
        Some(known.unwrap_or_else(|| Self::Other {
            kind,
            raw: raw.get().to_owned(),
        }))
    }
}
