//! What fills a template: texts by path, and the file of a header.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::format::Format;
use super::link::{FETCHED, is_link};
use super::path::Path;
use super::rule::Flaw;

/// One value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Where it stands in the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Path>,
    /// Or a text that is always the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// What stands there when the path finds nothing; without it the message is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_missing: Option<String>,
}

impl Parameter {
    pub(super) fn check(&self, field: &str, flaws: &mut Vec<Flaw>) {
        match (&self.path, &self.text) {
            (Some(_), None) => {}
            (None, Some(text)) if text.trim().is_empty() => {
                flaws.push(Flaw::new(
                    format!("{field}.text"),
                    "is empty, which WhatsApp refuses",
                ));
            }
            (None, Some(_)) => {}
            (Some(_), Some(_)) => {
                flaws.push(Flaw::new(field, "has both a path and a text; one of them"));
            }
            (None, None) => flaws.push(Flaw::new(field, "needs a path into the event, or a text")),
        }
        if self
            .if_missing
            .as_ref()
            .is_some_and(|text| text.trim().is_empty())
        {
            flaws.push(Flaw::new(
                format!("{field}.if_missing"),
                "is empty, which WhatsApp refuses; leave it out to have the message held",
            ));
        }
        if let Some(format) = &self.format {
            format.check(&format!("{field}.format"), flaws);
        }
    }
}

/// Values in the order of the variables, or by their names.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Texts {
    /// `{{1}}`, `{{2}}` …
    Ordered(Vec<Parameter>),
    /// `{{order_number}}` …
    Named(BTreeMap<String, Parameter>),
}

impl Default for Texts {
    fn default() -> Self {
        Self::Ordered(Vec::new())
    }
}

impl Texts {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Ordered(list) => list.is_empty(),
            Self::Named(map) => map.is_empty(),
        }
    }

    /// Each with its place in the rule.
    pub(super) fn each<'a>(
        &'a self,
        field: &'a str,
    ) -> impl Iterator<Item = (String, &'a Parameter)> {
        let (list, map) = match self {
            Self::Ordered(list) => (Some(list), None),
            Self::Named(map) => (None, Some(map)),
        };
        let list = list.into_iter().flatten().enumerate();
        let map = map.into_iter().flatten();
        list.map(move |(n, one)| (format!("{field}[{n}]"), one))
            .chain(map.map(move |(name, one)| (format!("{field}.{name}"), one)))
    }
}

struct TextsVisitor;

impl<'de> Visitor<'de> for TextsVisitor {
    type Value = Texts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a list of parameters in the order of the variables, or an object by their names",
        )
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Texts, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(Texts::Ordered)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Texts, A::Error> {
        BTreeMap::deserialize(MapAccessDeserializer::new(map)).map(Texts::Named)
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(TextsVisitor)
    }
}

/// The file of a header.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Media {
    /// Where its address stands in the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_path: Option<Path>,
    /// Or an address that is always the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Where the file's name stands, for a document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename_path: Option<Path>,
    /// Or a name that is always the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
}

/// What fills the header.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Header {
    /// The variable of a text.
    Texts(Texts),
    /// A picture, video or document; which one is the template's to say.
    Media(Box<Media>),
}

impl Default for Header {
    fn default() -> Self {
        Self::Texts(Texts::default())
    }
}

impl Header {
    /// Whether there is nothing to fill.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Texts(texts) if texts.is_empty())
    }

    pub(super) fn check(&self, field: &str, flaws: &mut Vec<Flaw>) {
        match self {
            Self::Texts(texts) => {
                for (field, one) in texts.each(field) {
                    one.check(&field, flaws);
                }
            }
            Self::Media(media) => {
                if media.link.is_some() == media.link_path.is_some() {
                    flaws.push(Flaw::new(
                        field,
                        "needs the file's address: either link or link_path",
                    ));
                }
                if media.filename.is_some() && media.filename_path.is_some() {
                    flaws.push(Flaw::new(
                        field,
                        "has both filename and filename_path; one of them",
                    ));
                }
                if let Some(link) = &media.link
                    && !is_link(link)
                {
                    flaws.push(Flaw::new(
                        format!("{field}.link"),
                        format!("must be an address {FETCHED}"),
                    ));
                }
            }
        }
    }
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(from)?;
        let names_file = value.as_object().is_some_and(|members| {
            let names = ["link", "link_path", "filename", "filename_path"];
            members
                .iter()
                .any(|(name, value)| names.contains(&name.as_str()) && !value.is_object())
        });
        let read = if names_file {
            serde_json::from_value(value).map(|media| Self::Media(Box::new(media)))
        } else {
            serde_json::from_value(value).map(Self::Texts)
        };
        read.map_err(serde::de::Error::custom)
    }
}

/// What fills a button.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Button {
    /// Its place, from 0.
    pub index: u32,
    /// Where the value stands in the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Path>,
    /// Or a text that is always the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// What stands there when the path finds nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_missing: Option<String>,
}

impl Button {
    /// Its value.
    pub fn parameter(&self) -> Parameter {
        Parameter {
            path: self.path.clone(),
            text: self.text.clone(),
            format: self.format.clone(),
            if_missing: self.if_missing.clone(),
        }
    }
}
