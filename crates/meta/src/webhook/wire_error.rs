//! `errors[]` as webhooks carry them: in a failed status, an unsupported message, or on the value itself.

use serde::Deserialize;

use super::lenient;

/// One error of Meta's in a webhook. [`crate::errors::lookup`] says what to do about its code.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(from = "ErrorWire")]
pub struct WireError {
    /// Meta's code; 0 when Meta gave none.
    pub code: i64,
    /// Short title; announced as going away, so never branch on it.
    pub title: Option<String>,
    /// Mostly the same as the title.
    pub message: Option<String>,
    /// `error_data.details`, the useful sentence.
    pub details: Option<String>,
    /// Meta's page about it.
    pub href: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorWire {
    #[serde(deserialize_with = "lenient::integer")]
    code: Option<i64>,
    #[serde(deserialize_with = "lenient::text")]
    title: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    message: Option<String>,
    #[serde(deserialize_with = "lenient::part")]
    error_data: Option<ErrorData>,
    #[serde(deserialize_with = "lenient::text")]
    href: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorData {
    #[serde(deserialize_with = "lenient::text")]
    details: Option<String>,
}

impl From<ErrorWire> for WireError {
    fn from(wire: ErrorWire) -> Self {
        Self {
            code: wire.code.unwrap_or_default(),
            title: wire.title,
            message: wire.message,
            details: wire.error_data.and_then(|data| data.details),
            href: wire.href,
        }
    }
}
