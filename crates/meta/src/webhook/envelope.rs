//! The outer levels of a webhook: envelope, entries, changes.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Field;
use super::lenient;
use super::value::{FastValue, Malformed, MessagesValue};

/// The body is not JSON at all; it cannot have come from Meta as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the webhook body is not JSON: {0}")]
pub struct NotJson(pub String);

/// One webhook POST.
#[derive(Debug, Clone)]
pub struct Envelope<'a> {
    /// `whatsapp_business_account`; empty when absent.
    pub object: Cow<'a, str>,
    /// One entry for each WABA.
    pub entries: Vec<Entry<'a>>,
    /// Pieces at this level that could not be read.
    pub malformed: Vec<Malformed<'a>>,
}

/// What happened to one WABA.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// The WABA id (for some `account_update` events a business id); empty when absent.
    pub id: Cow<'a, str>,
    /// Unix seconds; absent for messages-like fields.
    pub time: Option<i64>,
    /// The changes.
    pub changes: Vec<Change<'a>>,
    /// Pieces at this level that could not be read.
    pub malformed: Vec<Malformed<'a>>,
}

/// One change of one field.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    /// What it is about.
    pub field: Field,
    /// The whole change as it came.
    pub raw: &'a RawValue,
    /// What is in it.
    pub value: Value<'a>,
}

/// `changes[].value`.
#[derive(Debug, Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every change is of the large kind"
)]
pub enum Value<'a> {
    /// Of the messages-like fields.
    Messages(MessagesValue<'a>),
    /// Of any other field, also unknown ones: see [`Change::raw`] and the readers in [`super::account`].
    Other,
}

#[derive(Deserialize)]
struct FastEnvelope<'a> {
    #[serde(borrow)]
    object: Cow<'a, str>,
    #[serde(borrow)]
    entry: Vec<FastEntry<'a>>,
}

#[derive(Deserialize)]
struct FastEntry<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    time: Option<i64>,
    #[serde(borrow)]
    changes: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct FastChange<'a> {
    #[serde(borrow)]
    field: Cow<'a, str>,
    #[serde(borrow)]
    value: FastValue<'a>,
}

/// Reads a webhook body, the raw bytes as they came (after [`crate::signature::verify`]).
///
/// Only a body that is not JSON is an error. A piece that cannot be read, at any level, is kept beside its siblings as
/// [`Malformed`]; a field, type or word that is not known is kept as `Other`.
///
/// # Errors
/// [`NotJson`] when the bytes are not UTF-8 or not one JSON document.
pub fn parse(body: &[u8]) -> Result<Envelope<'_>, NotJson> {
    let text = std::str::from_utf8(body).map_err(|error| NotJson(error.to_string()))?;
    match serde_json::from_str::<FastEnvelope<'_>>(text) {
        Ok(fast) => Ok(Envelope {
            object: fast.object,
            entries: fast
                .entry
                .into_iter()
                .map(|entry| {
                    let mut read = Entry {
                        id: entry.id,
                        time: entry.time,
                        changes: Vec::new(),
                        malformed: Vec::new(),
                    };
                    read.add_changes(entry.changes);
                    read
                })
                .collect(),
            malformed: Vec::new(),
        }),
        Err(_) => parse_tolerantly(text),
    }
}

fn parse_tolerantly(text: &str) -> Result<Envelope<'_>, NotJson> {
    let whole: &RawValue =
        serde_json::from_str(text).map_err(|error| NotJson(error.to_string()))?;
    let mut envelope = Envelope {
        object: Cow::Borrowed(""),
        entries: Vec::new(),
        malformed: Vec::new(),
    };
    let Some(members) = lenient::members(whole) else {
        envelope.malformed.push(Malformed {
            raw: whole,
            why: "the body is not an object".to_owned(),
        });
        return Ok(envelope);
    };
    for (name, raw) in members {
        match name.as_ref() {
            "object" => envelope.object = Cow::Owned(lenient::scalar(raw).unwrap_or_default()),
            "entry" => match lenient::elements(raw) {
                Some(entries) => {
                    for entry in entries {
                        match Entry::read_tolerantly(entry) {
                            Some(read) => envelope.entries.push(read),
                            None => envelope.malformed.push(Malformed {
                                raw: entry,
                                why: "the entry is not an object".to_owned(),
                            }),
                        }
                    }
                }
                None => envelope.malformed.push(Malformed {
                    raw,
                    why: "entry is not an array".to_owned(),
                }),
            },
            _ => {}
        }
    }
    Ok(envelope)
}

impl<'a> Envelope<'a> {
    /// Everything that could not be read, at any depth.
    pub fn all_malformed(&self) -> impl Iterator<Item = &Malformed<'a>> {
        self.malformed
            .iter()
            .chain(self.entries.iter().flat_map(|entry| {
                entry
                    .malformed
                    .iter()
                    .chain(entry.changes.iter().flat_map(|change| match &change.value {
                        Value::Messages(value) => value.all_malformed().collect::<Vec<_>>(),
                        Value::Other => Vec::new(),
                    }))
            }))
    }
}

impl<'a> Entry<'a> {
    fn read_tolerantly(raw: &'a RawValue) -> Option<Self> {
        let mut entry = Self {
            id: Cow::Borrowed(""),
            time: None,
            changes: Vec::new(),
            malformed: Vec::new(),
        };
        for (name, piece) in lenient::members(raw)? {
            match name.as_ref() {
                "id" => entry.id = Cow::Owned(lenient::scalar(piece).unwrap_or_default()),
                "time" => entry.time = lenient::whole_number(piece),
                "changes" => match lenient::elements(piece) {
                    Some(changes) => entry.add_changes(changes),
                    None => entry.malformed.push(Malformed {
                        raw: piece,
                        why: "changes is not an array".to_owned(),
                    }),
                },
                _ => {}
            }
        }
        Some(entry)
    }

    fn add_changes(&mut self, changes: Vec<&'a RawValue>) {
        self.changes.reserve(changes.len());
        for raw in changes {
            match Change::read(raw) {
                Ok(change) => self.changes.push(change),
                Err(malformed) => self.malformed.push(malformed),
            }
        }
    }
}

impl<'a> Change<'a> {
    fn read(raw: &'a RawValue) -> Result<Self, Malformed<'a>> {
        if !raw.get().starts_with('{') {
            return Err(Malformed {
                raw,
                why: "the change is not an object".to_owned(),
            });
        }
        if let Ok(fast) = serde_json::from_str::<FastChange<'_>>(raw.get()) {
            let field = Field::from_wire(&fast.field);
            let value = match field.is_messages_like() {
                true => Value::Messages(fast.value.finish(&field)),
                false => Value::Other,
            };
            return Ok(Self { field, raw, value });
        }
        Self::read_tolerantly(raw)
    }

    fn read_tolerantly(raw: &'a RawValue) -> Result<Self, Malformed<'a>> {
        let members = lenient::members(raw).ok_or_else(|| Malformed {
            raw,
            why: "the names of the change cannot be read".to_owned(),
        })?;
        let Some(field) = members
            .iter()
            .find(|(name, _)| name == "field")
            .and_then(|(_, field)| lenient::scalar(field))
        else {
            return Err(Malformed {
                raw,
                why: "the change has no field".to_owned(),
            });
        };
        let field = Field::from_wire(&field);
        if !field.is_messages_like() {
            return Ok(Self {
                field,
                raw,
                value: Value::Other,
            });
        }
        let Some((_, value)) = members.iter().find(|(name, _)| name == "value") else {
            return Err(Malformed {
                raw,
                why: "the change has no value".to_owned(),
            });
        };
        match MessagesValue::read_tolerantly(value, &field) {
            Some(value) => Ok(Self {
                field,
                raw,
                value: Value::Messages(value),
            }),
            None => Err(Malformed {
                raw,
                why: "the value is not an object".to_owned(),
            }),
        }
    }

    /// `value` as it came.
    #[must_use]
    pub fn value_raw(&self) -> Option<&'a RawValue> {
        lenient::members(self.raw)?
            .into_iter()
            .find(|(name, _)| name == "value")
            .map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_way_and_the_tolerant_way_read_the_same() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/meta/webhook");
        let mut compared = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let fast = parse(text.as_bytes()).unwrap();
            let tolerant = parse_tolerantly(&text).unwrap();
            assert_eq!(
                format!("{fast:?}"),
                format!("{tolerant:?}"),
                "{}",
                path.display()
            );
            for change in fast.entries.iter().flat_map(|entry| &entry.changes) {
                let again = Change::read_tolerantly(change.raw).unwrap();
                assert_eq!(
                    format!("{change:?}"),
                    format!("{again:?}"),
                    "{}",
                    path.display()
                );
                compared += 1;
            }
        }
        assert!(compared > 200, "only {compared} changes were compared");
    }
}
