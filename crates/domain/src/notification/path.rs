//! JSON paths (RFC 9535) into an event. `data.order.total` is taken for `$.data.order.total`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json_path::JsonPath;

use super::reason::{Reason, Wrong};

/// Characters of a path.
const LONGEST: usize = 500;

/// A path that can be followed.
#[derive(Clone)]
pub struct Path {
    text: String,
    query: JsonPath,
}

/// The text is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a JSON path such as $.data.order.total; a name with other characters than letters, digits and _ is written ['order-number']: {0}"
)]
pub struct NotAPath(String);

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// [`NotAPath`] says at which place it is none.
    pub fn parse(text: &str) -> Result<Self, NotAPath> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NotAPath("it is empty".to_owned()));
        }
        if text.chars().count() > LONGEST {
            return Err(NotAPath(format!("it is longer than {LONGEST} characters")));
        }
        let text = match text.as_bytes().first() {
            Some(b'$') => text.to_owned(),
            Some(b'[') => format!("${text}"),
            _ => format!("$.{text}"),
        };
        if let Some(wide) = too_wide(&text) {
            return Err(NotAPath(wide.to_owned()));
        }
        match JsonPath::parse(&text) {
            Ok(query) => Ok(Self { text, query }),
            Err(error) => Err(NotAPath(error.to_string())),
        }
    }

    /// Everything that it finds.
    pub fn all<'a>(&self, event: &'a Value) -> Vec<&'a Value> {
        self.query.query(event).all()
    }

    /// The one value that it finds; `None` where there is nothing, or null.
    ///
    /// # Errors
    /// When it finds several values, an object or a list.
    pub fn value<'a>(&self, event: &'a Value) -> Result<Option<&'a Value>, Wrong> {
        let found = self.all(event);
        match found.as_slice() {
            [] | [Value::Null] => Ok(None),
            [Value::Object(_)] => Err(Wrong::at(self, Reason::PathFindsObject, "finds an object")),
            [Value::Array(_)] => Err(Wrong::at(self, Reason::PathFindsObject, "finds a list")),
            [one] => Ok(Some(one)),
            several => {
                let said = format!("finds {} values", several.len());
                Err(Wrong::at(self, Reason::PathFindsSeveral, &said))
            }
        }
    }

    /// The value as text; `None` where there is nothing, null or only blanks.
    ///
    /// # Errors
    /// As [`Path::value`].
    pub fn text(&self, event: &Value) -> Result<Option<String>, Wrong> {
        Ok(self
            .value(event)?
            .map(plain)
            .filter(|text| !is_invisible(text)))
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// What makes following a path dearer than walking through the event once. An event and a path come from outside, and
/// everybody's events wait for the one that is looked at.
fn too_wide(text: &str) -> Option<&'static str> {
    let (mut quote, mut escaped) = (None, false);
    let (mut filters, mut everywhere) = (0, 0);
    let mut before = ' ';
    for sign in text.chars() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if sign == '\\' => escaped = true,
            Some(open) if sign == open => quote = None,
            Some(_) => {}
            None if matches!(sign, '\'' | '"') => quote = Some(sign),
            None => {
                filters += usize::from(sign == '?');
                everywhere += usize::from(sign == '.' && before == '.');
                if sign == ',' {
                    return Some("it has a comma: one name or number stands in brackets");
                }
                if sign == '(' {
                    return Some(
                        "it has a bracket (: there are no functions here; conditions compare",
                    );
                }
                before = sign;
            }
        }
    }
    match (filters, everywhere) {
        (0..=1, 0..=1) => None,
        (_, 2..) => Some("it has .. more than once"),
        _ => Some("it has more than one filter [?…]"),
    }
}

/// A value that is neither object nor list, as text on one line.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => one_line(text),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// WhatsApp refuses line breaks, tabs and more than four blanks in a row: every run of them becomes one blank. What
/// turns the direction of writing around, and would so hide what stands there, falls away, like what is no character.
pub(super) fn one_line(text: &str) -> String {
    let is_shown = |sign: &char| {
        sign.is_whitespace()
            || !(sign.is_control()
                || matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
    };
    let text: String = text.chars().filter(is_shown).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether nobody sees anything of a text: blanks, signs without width, fillers.
pub(super) fn is_invisible(text: &str) -> bool {
    text.chars().all(|sign| {
        sign.is_whitespace()
            || sign.is_control()
            || matches!(
                sign,
                '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
                    | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
                    | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            )
    })
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Path({})", self.text)
    }
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
