//! Meta's error envelope (PLATFORM: page "support/error-codes" and the Graph API's error handling).

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
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
    /// `error_user_title`: what management calls say to a person, in a few words.
    pub user_title: Option<String>,
    /// `error_user_msg`: what management calls say to a person.
    pub user_message: Option<String>,
    /// What Meta's support asks for.
    pub fbtrace_id: Option<String>,
    /// Meta's own hint that a repetition may work.
    pub is_transient: bool,
    /// How long Meta asks to wait, where its headers say so.
    pub retry_after: Option<Duration>,
}

/// Why a management call gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphCallError {
    /// No whole answer came; a call that changes something may or may not have been carried out.
    #[error("no answer from Meta: {0}")]
    Transport(String),
    /// Meta refused.
    #[error(transparent)]
    Refused(Box<GraphError>),
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

impl From<GraphError> for GraphCallError {
    fn from(refused: GraphError) -> Self {
        Self::Refused(Box::new(refused))
    }
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
    error_user_title: Option<String>,
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
                .or_else(|| wire.error_user_msg.clone()),
            user_title: wire.error_user_title,
            user_message: wire.error_user_msg,
            fbtrace_id: wire.fbtrace_id,
            is_transient: wire.is_transient.unwrap_or_default(),
            retry_after: None,
        })
    }

    pub(super) fn without_envelope(http_status: u16) -> Self {
        Self {
            http_status,
            code: -1,
            subcode: None,
            message: "the answer did not carry an error of Meta's".to_owned(),
            details: None,
            user_title: None,
            user_message: None,
            fbtrace_id: None,
            is_transient: false,
            retry_after: None,
        }
    }

    pub(super) fn with_headers(mut self, headers: &HeaderMap) -> Self {
        self.retry_after = wait_of(headers);
        self
    }

    /// What the error means and what to do, with a default by HTTP status for an unknown code.
    #[must_use]
    pub fn row(&self) -> ErrorRow {
        errors::lookup_with_status(self.code, self.subcode, self.http_status)
    }
}

/// How long Meta asks to wait: `Retry-After` in seconds, or the longest `estimated_time_to_regain_access` of
/// `X-Business-Use-Case-Usage` in minutes (page "about-the-platform", rate limits).
fn wait_of(headers: &HeaderMap) -> Option<Duration> {
    #[derive(Deserialize)]
    struct Usage {
        #[serde(default, deserialize_with = "lenient::integer")]
        estimated_time_to_regain_access: Option<i64>,
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let seconds = text(RETRY_AFTER.as_str()).and_then(|value| value.trim().parse::<u64>().ok());
    let usage = text("x-business-use-case-usage").and_then(|value| {
        serde_json::from_str::<std::collections::HashMap<String, Vec<Usage>>>(value).ok()
    });
    let minutes = usage
        .into_iter()
        .flat_map(std::collections::HashMap::into_values)
        .flatten()
        .filter_map(|usage| u64::try_from(usage.estimated_time_to_regain_access?).ok())
        .max();
    // A day is the longest that anything of Meta's takes: more is a mistake on the way.
    let longest = seconds.max(minutes.map(|minutes| minutes.saturating_mul(60)))?;
    (longest > 0).then(|| Duration::from_secs(longest.min(24 * 3_600)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                let name = reqwest::header::HeaderName::from_static(name);
                (name, reqwest::header::HeaderValue::from_static(value))
            })
            .collect()
    }

    #[test]
    fn the_headers_say_how_long_to_wait() {
        let usage = r#"{"1":[{"type":"x","call_count":100,"estimated_time_to_regain_access":3}],"2":[{"call_count":1,"estimated_time_to_regain_access":0}]}"#;
        for (pairs, wait) in [
            (vec![], None),
            (vec![("retry-after", "7")], Some(7)),
            (vec![("x-business-use-case-usage", usage)], Some(180)),
            (
                vec![("retry-after", "7"), ("x-business-use-case-usage", usage)],
                Some(180),
            ),
            (
                vec![
                    ("x-business-use-case-usage", "not json"),
                    ("retry-after", "soon"),
                ],
                None,
            ),
            (vec![("retry-after", "0")], None),
            (vec![("retry-after", "99999999")], Some(86_400)),
        ] {
            assert_eq!(
                wait_of(&headers(&pairs)),
                wait.map(Duration::from_secs),
                "{pairs:?}"
            );
        }
    }
}
