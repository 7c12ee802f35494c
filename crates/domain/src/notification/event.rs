//! An event as it is posted, and the patterns by which rules choose events.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::clock::Timestamp;

/// Characters of a type.
const TYPE_MAX: usize = 128;
/// Characters of an id.
const ID_MAX: usize = 255;
/// Bytes of what an event carries, as JSON.
const DATA_MAX: usize = 64 * 1024;

/// The type of an event, such as `purchase_order.created`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct EventType(String);

/// `purchase_order.created`, `purchase_order.*` or `*`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct TypePattern(String);

fn is_type(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:-/".contains(&byte);
    (1..=TYPE_MAX).contains(&text.len()) && text.bytes().all(fits)
}

impl EventType {
    /// Reads a type; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        is_type(text).then(|| Self(text.to_owned()))
    }

    /// As it was posted.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TypePattern {
    /// Reads a pattern; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let exact = match text {
            "*" => return Some(Self(text.to_owned())),
            _ => text.strip_suffix(".*").unwrap_or(text),
        };
        is_type(exact).then(|| Self(text.to_owned()))
    }

    /// Whether events of a type are meant.
    pub fn matches(&self, kind: &str) -> bool {
        if self.0 == "*" {
            return true;
        }
        match self.0.strip_suffix(".*") {
            Some(prefix) => kind
                .strip_prefix(prefix)
                .is_some_and(|rest| rest.starts_with('.')),
            None => self.0 == kind,
        }
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for TypePattern {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(text.trim()).ok_or_else(|| {
            serde::de::Error::custom(
                "must be an event type such as purchase_order.created, or purchase_order.* for all that begin so; it has letters, digits and _ . : - /",
            )
        })
    }
}

/// An event as it was posted.
#[derive(Debug, Clone, PartialEq)]
pub struct Posted {
    /// What happened.
    pub kind: EventType,
    /// The other system's own id of it.
    pub id: String,
    /// What it carries.
    pub data: Map<String, Value>,
    /// When it happened.
    pub occurred_at: Option<Timestamp>,
}

impl Posted {
    /// What paths are followed in.
    pub fn root(&self) -> Value {
        let mut root = Map::new();
        root.insert("type".into(), self.kind.as_str().into());
        root.insert("id".into(), self.id.clone().into());
        root.insert("data".into(), Value::Object(self.data.clone()));
        if let Some(at) = self.occurred_at {
            root.insert("occurred_at".into(), at.rfc3339().into());
        }
        Value::Object(root)
    }

    /// Text that is the same for the same content, in whatever order its members were written.
    pub fn canonical(&self) -> String {
        let mut text = String::new();
        write_sorted(&self.root(), &mut text);
        text
    }
}

fn write_sorted(value: &Value, into: &mut String) {
    match value {
        Value::Object(members) => {
            let mut names: Vec<_> = members.iter().collect();
            names.sort_by_key(|(name, _)| *name);
            into.push('{');
            for (name, value) in names {
                into.push_str(&Value::from(name.as_str()).to_string());
                into.push(':');
                write_sorted(value, into);
                into.push(',');
            }
            into.push('}');
        }
        Value::Array(items) => {
            into.push('[');
            for item in items {
                write_sorted(item, into);
                into.push(',');
            }
            into.push(']');
        }
        other => into.push_str(&other.to_string()),
    }
}

/// Levels of an event's data.
const DEEPEST: usize = 32;

fn is_shallow(value: &Value, levels: usize) -> bool {
    match value {
        Value::Object(members) => {
            levels > 0 && members.values().all(|one| is_shallow(one, levels - 1))
        }
        Value::Array(items) => levels > 0 && items.iter().all(|one| is_shallow(one, levels - 1)),
        _ => true,
    }
}

/// Reads one posted event.
///
/// # Errors
/// Every mistake in it: member and what is wrong with it.
pub fn check_posted(value: &Value) -> Result<Posted, Vec<(&'static str, String)>> {
    let Some(members) = value.as_object() else {
        let said = "must be an object with type, id and data";
        return Err(vec![("", said.to_owned())]);
    };
    let mut mistakes: Vec<(&'static str, String)> = Vec::new();
    if let Some(odd) = members
        .keys()
        .find(|name| !["type", "id", "data", "occurred_at"].contains(&name.as_str()))
    {
        let said = format!(
            "{odd:?} is not known here; there are type, id, data and occurred_at, and what is your own goes into data"
        );
        mistakes.push(("", said));
    }
    let kind = members
        .get("type")
        .and_then(Value::as_str)
        .and_then(EventType::parse);
    if kind.is_none() {
        let said = "must say what happened, such as purchase_order.created: 1 to 128 letters, digits and _ . : - /";
        mistakes.push(("type", said.to_owned()));
    }
    let id = match members.get("id") {
        Some(Value::String(id)) => Some(id.trim().to_owned()),
        Some(Value::Number(id)) => Some(id.to_string()),
        _ => None,
    };
    let id = id.filter(|id| {
        (1..=ID_MAX).contains(&id.chars().count()) && !id.chars().any(char::is_control)
    });
    if id.is_none() {
        let said = "must be your own id of what happened, 1 to 255 characters: whoever reports it twice is not sent twice";
        mistakes.push(("id", said.to_owned()));
    }
    let data = members.get("data").and_then(Value::as_object);
    if members
        .get("data")
        .is_some_and(|data| !is_shallow(data, DEEPEST))
    {
        let said = format!("is nested deeper than {DEEPEST} levels");
        mistakes.push(("data", said));
    }
    match data {
        None => mistakes.push((
            "data",
            "must be an object with what the message needs".to_owned(),
        )),
        Some(data) if too_large(data) => {
            mistakes.push((
                "data",
                "may have 64 KiB of JSON at most; send addresses of files, not the files"
                    .to_owned(),
            ));
        }
        Some(_) => {}
    }
    let occurred_at = match members.get("occurred_at") {
        None | Some(Value::Null) => None,
        Some(given) => {
            let read = given.as_str().and_then(Timestamp::parse);
            if read.is_none() {
                let said = "must be a time such as 2026-11-30T10:00:00+01:00";
                mistakes.push(("occurred_at", said.to_owned()));
            }
            read
        }
    };
    match (kind, id, data) {
        (Some(kind), Some(id), Some(data)) if mistakes.is_empty() => Ok(Posted {
            kind,
            id,
            data: data.clone(),
            occurred_at,
        }),
        _ => Err(mistakes),
    }
}

fn too_large(data: &Map<String, Value>) -> bool {
    serde_json::to_string(data).map_or(true, |text| text.len() > DATA_MAX)
}
