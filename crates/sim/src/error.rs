//! Meta's refusals: code, title, HTTP status and the envelope around them.

use serde_json::{Value, json};

/// A refusal of the Graph API.
#[derive(Debug, Clone)]
pub(crate) struct GraphError {
    pub(crate) http: u16,
    pub(crate) code: i64,
    pub(crate) subcode: Option<i64>,
    pub(crate) kind: &'static str,
    pub(crate) message: String,
    pub(crate) details: Option<String>,
}

pub(crate) type GraphResult<T> = Result<T, GraphError>;

/// code, HTTP status, title. Source: Meta's page of Cloud API error codes, and what the Graph API answers at large.
const TABLE: &[(i64, u16, &str)] = &[
    (0, 401, "AuthException"),
    (1, 400, "API Unknown"),
    (2, 503, "API Service"),
    (3, 500, "API Method"),
    (4, 400, "API Too Many Calls"),
    (10, 403, "Permission Denied"),
    (33, 400, "Parameter value is not valid"),
    (100, 400, "Invalid parameter"),
    (190, 401, "Access token has expired"),
    (
        200,
        403,
        "You do not have the necessary permissions required to send messages on behalf of this WhatsApp Business Account",
    ),
    (368, 403, "Temporarily blocked for policies violations"),
    (80007, 400, "Rate limit issues"),
    (130429, 400, "Rate limit hit"),
    (130472, 400, "User's number is part of an experiment"),
    (
        130497,
        403,
        "Business account is restricted from messaging users in this country.",
    ),
    (131000, 500, "Something went wrong"),
    (131005, 403, "Access denied"),
    (131008, 400, "Required parameter is missing"),
    (131009, 400, "Parameter value is not valid"),
    (131016, 500, "Service unavailable"),
    (131021, 400, "Recipient cannot be sender"),
    (131026, 400, "Message undeliverable"),
    (131030, 400, "Recipient phone number not in allowed list"),
    (131031, 403, "Account has been locked"),
    (
        131037,
        400,
        "WhatsApp provided number needs display name approval before message can be sent.",
    ),
    (131042, 400, "Business eligibility payment issue"),
    (131045, 500, "Incorrect certificate"),
    (131047, 400, "Re-engagement message"),
    (131048, 400, "Spam rate limit hit"),
    (
        131049,
        400,
        "This message was not delivered to maintain healthy ecosystem engagement.",
    ),
    (
        131050,
        400,
        "Unable to deliver the message. This recipient has chosen to stop receiving marketing messages on WhatsApp from your business",
    ),
    (131051, 400, "Unsupported message type"),
    (131052, 400, "Media download error"),
    (131053, 400, "Media upload error"),
    (
        131056,
        400,
        "(Business Account, Consumer Account) pair rate limit hit",
    ),
    (131057, 500, "Account in maintenance mode"),
    (131059, 400, "Invalid paging cursor"),
    (
        131062,
        400,
        "Business-scoped User ID (BSUID) recipients are not supported for this message",
    ),
    (
        132000,
        400,
        "Number of parameters does not match the expected number of params",
    ),
    (
        132001,
        404,
        "Template name does not exist in the translation",
    ),
    (132005, 400, "Translated text too long"),
    (132007, 400, "Template content policy violated"),
    (
        132012,
        400,
        "Parameter format does not match format in the created template",
    ),
    (132015, 400, "Template is paused"),
    (132016, 400, "Template is disabled"),
    (139100, 400, "Failed to block/unblock users"),
    (133010, 400, "Account not registered"),
    (
        133016,
        400,
        "Account register/deregister rate limit exceeded",
    ),
];

/// Title of a code; `Something went wrong` for one that the table lacks.
pub(crate) fn title(code: i64) -> &'static str {
    TABLE
        .iter()
        .find(|(known, _, _)| *known == code)
        .map_or("Something went wrong", |(_, _, title)| title)
}

fn http(code: i64) -> u16 {
    TABLE
        .iter()
        .find(|(known, _, _)| *known == code)
        .map_or(400, |(_, http, _)| *http)
}

impl GraphError {
    /// A refusal of the Cloud API: `(#code) title`, with the sentence that says what is wrong.
    pub(crate) fn new(code: i64, details: impl Into<String>) -> Self {
        Self {
            http: http(code),
            code,
            subcode: None,
            kind: "OAuthException",
            message: format!("(#{code}) {}", title(code)),
            details: Some(details.into()),
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
        }
    }

    /// The object does not exist, or not for this token: Meta does not tell which.
    pub(crate) fn no_object(method: &str, id: &str) -> Self {
        Self {
            http: 400,
            code: 100,
            subcode: Some(33),
            kind: "GraphMethodException",
            message: format!(
                "Unsupported {} request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, \
                 or does not support this operation. Please read the Graph API documentation at \
                 https://developers.facebook.com/docs/graph-api",
                method.to_lowercase()
            ),
            details: None,
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
        if let Some(details) = &self.details {
            error["error_data"] = json!({"messaging_product": "whatsapp", "details": details});
        }
        if matches!(
            self.code,
            1 | 2 | 4 | 130429 | 131000 | 131016 | 131056 | 131057
        ) {
            error["is_transient"] = json!(true);
        }
        error["fbtrace_id"] = json!(trace);
        json!({"error": error})
    }
}

/// The shape of an error inside a webhook (`statuses[].errors[]`).
pub(crate) fn in_webhook(code: i64) -> Value {
    let details = match code {
        131026 => "Message Undeliverable.",
        131047 => {
            "Message failed to send because more than 24 hours have passed since the customer last replied to this number."
        }
        131009 => {
            "Reaction failed to send because the target message was not found, is too old or is itself a reaction."
        }
        131053 => {
            "Media upload error: the link could not be fetched, or its type or size is not supported."
        }
        131049 => {
            "In order to maintain a healthy ecosystem engagement, the message failed to be delivered."
        }
        _ => title(code),
    };
    json!({
        "code": code,
        "title": title(code),
        "message": title(code),
        "error_data": {"details": details},
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    })
}
