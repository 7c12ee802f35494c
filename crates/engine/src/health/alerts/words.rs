//! An alert in a person's language.

use serde_json::{Map, Value};
use store::alerts::Alert;

use crate::texts::Language;

/// What people read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What happened.
    pub title: String,
    /// More about it; may be empty.
    pub detail: String,
    /// What to do.
    pub action: String,
}

/// An alert's words.
pub fn words(alert: &Alert, language: Language) -> Words {
    let parameters: Map<String, Value> =
        serde_json::from_str(&alert.parameters).unwrap_or_default();
    let with: Vec<(&str, &str)> = parameters
        .iter()
        .filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
        .collect();
    let key = alert.kind.replace('_', "-");
    let say = |part: &str| {
        language
            .say(&format!("alert-{key}{part}"), &with)
            .trim()
            .to_owned()
    };
    Words {
        title: say(""),
        detail: say("-detail"),
        action: say("-action"),
    }
}
