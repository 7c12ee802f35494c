//! Sending a template (page "templates", "messages/template-messages").

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `template`: a name, a language, and what fills its variables.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Template {
    /// `[a-z0-9_]`, at most 512 characters.
    pub name: String,
    /// The language of an approved translation; nothing falls back.
    pub language: Language,
    /// One for each part with variables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Component>,
}

/// `template.language`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Language {
    /// `es`, `en_US` …
    pub code: String,
    /// `deterministic`, the only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
}

/// `template.components[]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Component {
    /// `header`, `body`, `button`, `carousel`, `limited_time_offer` … (Meta takes upper case, too).
    #[serde(rename = "type")]
    pub kind: String,
    /// Of a button: `quick_reply`, `url`, `copy_code`, `flow`, `catalog`, `mpm`, `voice_call`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_type: Option<String>,
    /// Of a button: its place from 0. Meta takes a string or a number; a string is written.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::webhook::lenient::text"
    )]
    pub index: Option<String>,
    /// In the order of the variables, or by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
    /// Of a carousel.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<Card>,
}

/// `template.components[].cards[]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// From 0.
    pub card_index: u32,
    /// Header, body and buttons of the card.
    pub components: Vec<Component>,
}

impl Component {
    fn new(kind: &str, parameters: Vec<Parameter>) -> Self {
        Self {
            kind: kind.to_owned(),
            sub_type: None,
            index: None,
            parameters,
            cards: Vec::new(),
        }
    }

    /// The body.
    #[must_use]
    pub fn body(parameters: Vec<Parameter>) -> Self {
        Self::new("body", parameters)
    }

    /// The header.
    #[must_use]
    pub fn header(parameter: Parameter) -> Self {
        Self::new("header", vec![parameter])
    }

    /// The button at place `index`, from 0.
    #[must_use]
    pub fn button(sub_type: &str, index: u32, parameter: Parameter) -> Self {
        let button = Self::new("button", vec![parameter]);
        Self {
            sub_type: Some(sub_type.to_owned()),
            index: Some(index.to_string()),
            ..button
        }
    }
}

/// `template.components[].parameters[]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Parameter {
    /// A text.
    Text {
        /// The variable's name, when the template has names.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parameter_name: Option<String>,
        /// No line breaks, tabs or more than four spaces in a row.
        text: String,
    },
    /// An amount of money; shown as its `fallback_value`.
    Currency {
        /// `fallback_value`, `code`, `amount_1000`.
        currency: Value,
        /// The variable's name, when the template has names.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parameter_name: Option<String>,
    },
    /// A date; shown as its `fallback_value`.
    DateTime {
        /// `fallback_value`.
        date_time: Value,
        /// The variable's name, when the template has names.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parameter_name: Option<String>,
    },
    /// A picture in the header.
    Image {
        /// Where it is.
        image: MediaParameter,
    },
    /// A video in the header.
    Video {
        /// Where it is.
        video: MediaParameter,
    },
    /// A document in the header.
    Document {
        /// Where it is.
        document: MediaParameter,
    },
    /// A place in the header.
    Location {
        /// Where it is.
        location: super::Location,
    },
    /// What a pressed quick reply brings back.
    Payload {
        /// At most 128 characters.
        payload: String,
    },
    /// The code of a copy-code button.
    CouponCode {
        /// At most 20 letters and digits.
        coupon_code: String,
    },
    /// What a flow, catalogue or product-list button does.
    Action {
        /// Depends on the button.
        action: Value,
    },
    /// A product in the header.
    Product {
        /// `product_retailer_id`, `catalog_id`.
        product: Value,
    },
    /// The end of an offer.
    LimitedTimeOffer {
        /// `expiration_time_ms`.
        limited_time_offer: Value,
    },
    /// Any other parameter, as its JSON.
    #[serde(untagged)]
    Other(Value),
}

impl Parameter {
    /// A positional text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text {
            parameter_name: None,
            text: text.into(),
        }
    }

    /// A named text.
    #[must_use]
    pub fn named(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Text {
            parameter_name: Some(name.into()),
            text: text.into(),
        }
    }
}

/// Media of a template's header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaParameter {
    /// `id` or `link`.
    #[serde(flatten)]
    pub source: super::MediaSource,
    /// Of a document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
}
