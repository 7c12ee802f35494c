//! Meta's error envelope (PLATFORM: page "support/error-codes" and the Graph API's error handling).

use serde::Deserialize;

use crate::errors::{self, ErrorRow};
use crate::webhook::lenient;

/// An answer of Meta's that refuses the call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Meta refused with code {code} (HTTP {http_status}): {message}")]
pub struct GraphError {
    /// HTTP status of the answer.
    pub http_status: u16,
    /// `error.code`; −1 when the refusal did not carry an error of Meta's (a proxy's 404, say).
    pub code: i64,
    /// `error.error_subcode`.
    pub subcode: Option<i64>,
    /// `error.message`.
    pub message: String,
    /// `error.error_data.details`, else `error_user_msg`: the useful sentence.
    pub details: Option<String>,
    /// What Meta's support asks for.
    pub fbtrace_id: Option<String>,
    /// Meta's own hint that a repetition may work.
    pub is_transient: bool,
}

/// Why a management call gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphCallError {
    /// No whole answer came; a call that changes something may or may not have been carried out.
    #[error("no answer from Meta: {0}")]
    Transport(String),
    /// Meta refused.
    #[error(transparent)]
    Refused(#[from] GraphError),
    /// The answer is not in Meta's form.
    #[error("HTTP {http_status}, and the body is not Meta's")]
    NotMeta {
        /// HTTP status of the answer.
        http_status: u16,
    },
    /// The call was not made, because what it should carry is not allowed.
    #[error("{0}")]
    NotAllowed(String),
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorWire,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorWire {
    #[serde(deserialize_with = "lenient::text")]
    message: Option<String>,
    #[serde(deserialize_with = "lenient::integer")]
    code: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    error_subcode: Option<i64>,
    #[serde(deserialize_with = "lenient::part")]
    error_data: Option<ErrorData>,
    #[serde(deserialize_with = "lenient::text")]
    error_user_msg: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    fbtrace_id: Option<String>,
    #[serde(deserialize_with = "lenient::flag")]
    is_transient: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorData {
    #[serde(deserialize_with = "lenient::text")]
    details: Option<String>,
}

impl GraphError {
    /// Reads Meta's envelope; `None` when the body is something else.
    #[must_use]
    pub fn from_body(http_status: u16, body: &[u8]) -> Option<Self> {
        let wire = serde_json::from_slice::<ErrorBody>(body).ok()?.error;
        Some(Self {
            http_status,
            code: wire.code?,
            subcode: wire.error_subcode,
            message: wire.message.unwrap_or_default(),
            details: wire
                .error_data
                .and_then(|data| data.details)
                .or(wire.error_user_msg),
            fbtrace_id: wire.fbtrace_id,
            is_transient: wire.is_transient.unwrap_or_default(),
        })
    }

    pub(super) fn without_envelope(http_status: u16) -> Self {
        Self {
            http_status,
            code: -1,
            subcode: None,
            message: "the answer did not carry an error of Meta's".to_owned(),
            details: None,
            fbtrace_id: None,
            is_transient: false,
        }
    }

    /// What the error means and what to do, with a default by HTTP status for an unknown code.
    #[must_use]
    pub fn row(&self) -> ErrorRow {
        errors::lookup_with_status(self.code, self.subcode, self.http_status)
    }
}
