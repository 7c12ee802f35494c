//! Reading values that Meta, its test button and older payload versions write in more than one way: numbers as
//! strings, strings as numbers, `null`, or a wrong type altogether. A value of a wrong type reads as absent; the raw
//! text next to it still has it.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Any scalar JSON value; objects, arrays and null read as `None`.
struct Scalar<'de>(Option<Simple<'de>>);

enum Simple<'de> {
    Text(Cow<'de, str>),
    Integer(i64),
    Unsigned(u64),
    Decimal(f64),
    Flag(bool),
}

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor).map(Scalar)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Option<Simple<'de>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Simple::Text(Cow::Borrowed(text))))
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Simple::Text(Cow::Owned(text.to_owned()))))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(Simple::Integer(number)))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(Simple::Unsigned(number)))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(Simple::Decimal(number)))
    }
    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Some(Simple::Flag(flag)))
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

/// A string; a number or flag is taken as its text.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(cow(deserializer)?.map(Cow::into_owned))
}

/// As [`text`], borrowing where the JSON has no escapes.
pub(crate) fn cow<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Cow<'de, str>>, D::Error> {
    Ok(Scalar::deserialize(deserializer)?
        .0
        .map(|simple| match simple {
            Simple::Text(text) => text,
            Simple::Integer(number) => Cow::Owned(number.to_string()),
            Simple::Unsigned(number) => Cow::Owned(number.to_string()),
            Simple::Decimal(number) => Cow::Owned(number.to_string()),
            Simple::Flag(flag) => Cow::Owned(flag.to_string()),
        }))
}

/// A whole number, also written as a string or with a fraction (which is cut off).
pub(crate) fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(Scalar::deserialize(deserializer)?
        .0
        .and_then(|simple| match simple {
            Simple::Text(text) => {
                let text = text.trim();
                text.parse()
                    .ok()
                    .or_else(|| text.parse::<f64>().ok().and_then(whole))
            }
            Simple::Integer(number) => Some(number),
            Simple::Unsigned(number) => i64::try_from(number).ok(),
            Simple::Decimal(number) => whole(number),
            Simple::Flag(_) => None,
        }))
}

fn whole(number: f64) -> Option<i64> {
    // Beyond 2^53 a float is no longer exact, so such a value is not an integer that anybody wrote.
    (number.abs() < 9_007_199_254_740_992.0).then_some(number as i64)
}

/// A number, also written as a string.
pub(crate) fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    Ok(Scalar::deserialize(deserializer)?
        .0
        .and_then(|simple| match simple {
            Simple::Text(text) => text
                .trim()
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite()),
            Simple::Integer(number) => Some(number as f64),
            Simple::Unsigned(number) => Some(number as f64),
            Simple::Decimal(number) => Some(number),
            Simple::Flag(_) => None,
        }))
}

/// A flag, also written as a string.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(Scalar::deserialize(deserializer)?
        .0
        .and_then(|simple| match simple {
            Simple::Text(text) => text.parse().ok(),
            Simple::Flag(flag) => Some(flag),
            Simple::Integer(_) | Simple::Unsigned(_) | Simple::Decimal(_) => None,
        }))
}

/// An object of a known shape; anything else reads as absent.
pub(crate) fn part<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?;
    Ok(object(raw).ok())
}

/// An array of which the readable elements are kept.
pub(crate) fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?;
    Ok(elements(raw)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|element| object(element).ok())
        .collect())
}

/// A piece that is one scalar, as text.
pub(crate) fn scalar(raw: &RawValue) -> Option<String> {
    text(&mut serde_json::Deserializer::from_str(raw.get()))
        .ok()
        .flatten()
}

/// A piece that is one whole number.
pub(crate) fn whole_number(raw: &RawValue) -> Option<i64> {
    integer(&mut serde_json::Deserializer::from_str(raw.get()))
        .ok()
        .flatten()
}

/// The elements of a JSON array; `null` has none; `None` for anything else.
pub(crate) fn elements(raw: &RawValue) -> Option<Vec<&RawValue>> {
    if raw.get() == "null" {
        return Some(Vec::new());
    }
    serde_json::from_str(raw.get()).ok()
}

/// The members of a JSON object in their order, repeated names included; `None` for anything else.
pub(crate) fn members(raw: &RawValue) -> Option<Vec<(Cow<'_, str>, &RawValue)>> {
    let members: Members<'_> = serde_json::from_str(raw.get()).ok()?;
    Some(members.0)
}

struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;
        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(Name(name)) = map.next_key()? {
                    members.push((name, map.next_value()?));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}

/// The name of a member, borrowed where it has no escapes.
pub(crate) struct Name<'de>(pub(crate) Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a member name")
            }
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }
            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(NameVisitor)
    }
}

/// Parses an object into an owned type; the error is a reason for people. (serde would also take an array for a struct.)
pub(crate) fn object<T: DeserializeOwned>(raw: &RawValue) -> Result<T, String> {
    if !raw.get().starts_with('{') {
        return Err("not an object".to_owned());
    }
    read(raw).map_err(|error| error.to_string())
}

/// Parses a piece into an owned type. Text that was cut in the middle of an emoji carries half a surrogate pair, which
/// JSON parsers refuse; such halves are read as U+FFFD instead of losing the piece.
fn read<T: DeserializeOwned>(raw: &RawValue) -> Result<T, serde_json::Error> {
    serde_json::from_str(raw.get()).or_else(|error| match replace_lone_surrogates(raw.get()) {
        Some(repaired) => serde_json::from_str(&repaired),
        None => Err(error),
    })
}

/// `None` when there is nothing to replace.
fn replace_lone_surrogates(json: &str) -> Option<String> {
    let unit_at = |at: usize| -> Option<u16> {
        let digits = json.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut repaired = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = json.get(at..).and_then(|rest| rest.find('\\')) {
        at += found;
        match unit_at(at) {
            Some(0xd800..=0xdbff) if matches!(unit_at(at + 6), Some(0xdc00..=0xdfff)) => at += 12,
            Some(0xd800..=0xdfff) => {
                repaired.push_str(&json[copied..at]);
                repaired.push_str("\\ufffd");
                at += 6;
                copied = at;
            }
            Some(_) => at += 6,
            // `\"`, `\\`, `\n` …: the escaped character must not be taken for the start of an escape.
            None => at += 2,
        }
    }
    if copied == 0 {
        return None;
    }
    repaired.push_str(&json[copied..]);
    Some(repaired)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_an_emoji_is_replaced_and_a_whole_one_is_kept() {
        assert_eq!(
            replace_lone_surrogates(r#""a\ud83d""#).as_deref(),
            Some(r#""a\ufffd""#)
        );
        assert_eq!(
            replace_lone_surrogates(r#""\udc4dx\ud83d\ud83d\udc4d""#).as_deref(),
            Some(r#""\ufffdx\ufffd\ud83d\udc4d""#)
        );
        assert_eq!(replace_lone_surrogates(r#""\ud83d\udc4d \\ud83d é""#), None);
    }
}
