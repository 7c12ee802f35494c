//! Meta's refusals: the envelope around a code, in an answer and in a webhook.

use serde_json::{Value, json};

use crate::codes::{self, http, title};

/// A refusal of the Graph API.
#[derive(Debug, Clone)]
pub(crate) struct GraphError {
    pub(crate) http: u16,
    pub(crate) code: i64,
    pub(crate) subcode: Option<i64>,
    pub(crate) kind: &'static str,
    pub(crate) message: String,
    pub(crate) details: Option<String>,
    /// Minutes until a limit ends, for the usage header.
    pub(crate) regain_minutes: u32,
    /// Members beside `error`, as `block_users` has after a partial success.
    pub(crate) beside: Option<Box<Value>>,
    /// Title and sentence for a person, where they say more than the table of subcodes.
    pub(crate) user: Option<Box<(String, String)>>,
}

pub(crate) type GraphResult<T> = Result<T, GraphError>;

impl GraphError {
    /// A refusal of the Cloud API: `(#code) title`, with the sentence that says what is wrong.
    pub(crate) fn new(code: i64, details: impl Into<String>) -> Self {
        Self {
            message: format!("(#{code}) {}", title(code)),
            details: Some(details.into()),
            ..Self::plain(http(code), code, String::new())
        }
    }

    /// A refusal of the Graph API at large: code 100 with a whole sentence as its message.
    pub(crate) fn parameter(sentence: impl AsRef<str>) -> Self {
        Self::plain(400, 100, format!("(#100) {}", sentence.as_ref()))
    }

    pub(crate) fn missing(parameter: &str) -> Self {
        Self::parameter(format!("The parameter {parameter} is required."))
    }

    pub(crate) fn plain(http: u16, code: i64, message: impl Into<String>) -> Self {
        Self {
            http,
            code,
            subcode: None,
            kind: "OAuthException",
            message: message.into(),
            details: None,
            regain_minutes: 0,
            beside: None,
            user: None,
        }
    }

    /// A code of the table as Meta answers it, with its own details; a subcode of the management side speaks for itself.
    pub(crate) fn of_table(code: i64, subcode: Option<i64>) -> Self {
        let known = subcode.and_then(codes::find_subcode);
        let mut error = match (codes::find(code), known) {
            // The Graph API at large has no details; its message says all.
            (Some(_), Some(of)) if code < 1_000 => {
                Self::plain(http(code), code, format!("(#{code}) {}", of.message))
            }
            (Some(row), _) if code < 1_000 => {
                Self::plain(row.http, code, format!("(#{code}) {}", row.details))
            }
            (Some(row), _) => Self::new(code, row.details),
            (None, _) => Self::new(code, "This error was asked for."),
        };
        error.subcode = subcode;
        if (code, subcode) == (100, Some(33)) {
            error.kind = "GraphMethodException";
        }
        if matches!(code, 4 | 17 | 32 | 613 | 80007 | 80008) {
            error.regain_minutes = 5;
        }
        error
    }

    /// The object does not exist, or not for this token: Meta does not tell which.
    pub(crate) fn no_object(method: &str, id: &str) -> Self {
        Self {
            subcode: Some(33),
            kind: "GraphMethodException",
            ..Self::plain(
                400,
                100,
                format!(
                    "Unsupported {} request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, \
                 or does not support this operation. Please read the Graph API documentation at \
                 https://developers.facebook.com/docs/graph-api",
                    method.to_lowercase()
                ),
            )
        }
    }

    /// The object exists, the method does not fit.
    pub(crate) fn unsupported(method: &str) -> Self {
        Self {
            kind: "GraphMethodException",
            ..Self::plain(
                400,
                100,
                format!(
                    "Unsupported {} request. Please read the Graph API documentation at \
                     https://developers.facebook.com/docs/graph-api",
                    method.to_lowercase()
                ),
            )
        }
    }

    pub(crate) fn unknown_path(rest: &str) -> Self {
        Self::plain(400, 2500, format!("Unknown path components: /{rest}"))
    }

    /// The envelope of an HTTP answer.
    pub(crate) fn body(&self, trace: &str) -> Value {
        let mut error = json!({"message": self.message, "type": self.kind, "code": self.code});
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = json!(subcode);
        }
        let of = self.subcode.and_then(codes::find_subcode);
        if let Some((title, sentence)) = self.user.as_deref() {
            error["error_user_title"] = json!(title);
            error["error_user_msg"] = json!(sentence);
        } else if let Some(of) = of.filter(|of| of.code == 100 && of.subcode != 33) {
            error["error_user_title"] = json!(of.title);
            error["error_user_msg"] = json!(of.message);
        }
        if let Some(details) = &self.details {
            error["error_data"] = json!({"messaging_product": "whatsapp", "details": details});
        }
        if matches!(
            self.code,
            1 | 2
                | 4
                | 17
                | 32
                | 613
                | 80007
                | 80008
                | 130429
                | 131000
                | 131016
                | 131056
                | 131057
                | 133004
        ) {
            error["is_transient"] = json!(true);
        }
        error["fbtrace_id"] = json!(trace);
        let mut body = self.beside.as_deref().cloned().unwrap_or_else(|| json!({}));
        body["error"] = error;
        body
    }
}

/// The shape of an error inside a webhook (`statuses[].errors[]`).
pub(crate) fn in_webhook(code: i64) -> Value {
    let details = match code {
        131009 => {
            "Reaction failed to send because the target message was not found, is too old or is itself a reaction."
        }
        _ => codes::find(code).map_or(title(code), |row| row.details),
    };
    json!({
        "code": code,
        "title": title(code),
        "message": title(code),
        "error_data": {"details": details},
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    })
}
