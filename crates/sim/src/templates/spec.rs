//! What Meta keeps of a template.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A message template.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TemplateSpec {
    /// Graph id, decimal; made up when empty.
    pub id: String,
    /// `[a-z0-9_]`.
    pub name: String,
    /// For example `en_US`.
    pub language: String,
    /// `MARKETING`, `UTILITY` or `AUTHENTICATION`.
    pub category: String,
    /// `POSITIONAL` or `NAMED`.
    pub parameter_format: String,
    /// `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, `DISABLED` …
    pub status: String,
    /// As Meta stores them, placeholders included.
    pub components: Value,
    /// Why it was rejected; `INVALID_FORMAT` for one that is REJECTED and does not say.
    pub rejected_reason: Option<String>,
    /// `UNKNOWN`, `GREEN`, `YELLOW` or `RED`.
    pub quality: String,
    /// When the quality was judged, in seconds since the epoch.
    pub quality_date: Option<u64>,
    /// The category before the last change.
    pub previous_category: Option<String>,
    /// The category that it will have, while a change is announced.
    pub correct_category: Option<String>,
    /// How long Meta tries to deliver, in seconds.
    pub message_send_ttl_seconds: Option<i64>,
    /// The entry of the library it was made from.
    pub library_template_name: Option<String>,
    /// Links in its buttons are not counted.
    pub cta_url_link_tracking_opted_out: bool,
    /// When it was made, in milliseconds since the epoch.
    pub created_ms: Option<u64>,
    /// When it last changed, in milliseconds since the epoch.
    pub updated_ms: Option<u64>,
}

impl Default for TemplateSpec {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            language: "en_US".to_owned(),
            category: "UTILITY".to_owned(),
            parameter_format: "POSITIONAL".to_owned(),
            status: "APPROVED".to_owned(),
            components: json!([]),
            rejected_reason: None,
            quality: "UNKNOWN".to_owned(),
            quality_date: None,
            previous_category: None,
            correct_category: None,
            message_send_ttl_seconds: None,
            library_template_name: None,
            cta_url_link_tracking_opted_out: false,
            created_ms: None,
            updated_ms: None,
        }
    }
}

impl TemplateSpec {
    /// Meta's word why it was rejected, `NONE` for one that was not.
    pub(crate) fn reason(&self) -> &str {
        match &self.rejected_reason {
            Some(reason) if self.status == "REJECTED" => reason,
            None if self.status == "REJECTED" => "INVALID_FORMAT",
            _ => "NONE",
        }
    }

    /// The text of one component, empty without it.
    pub(crate) fn text_of(&self, kind: &str) -> &str {
        let components = self.components.as_array().into_iter().flatten();
        let mut of = components.filter(|component| crate::definition::kind(component) == kind);
        of.next()
            .and_then(|component| component["text"].as_str())
            .unwrap_or_default()
    }
}

/// What every account begins with.
pub(crate) fn default_templates() -> [TemplateSpec; 2] {
    [
        TemplateSpec {
            name: "hello_world".to_owned(),
            components: json!([
                {"type": "HEADER", "format": "TEXT", "text": "Hello World"},
                {"type": "BODY", "text": "Welcome and congratulations!! This message demonstrates your ability to send a \
                                          WhatsApp message notification from the Cloud API, hosted by Meta."},
                {"type": "FOOTER", "text": "WhatsApp Business Platform sample message"},
            ]),
            ..TemplateSpec::default()
        },
        TemplateSpec {
            name: "po_notification".to_owned(),
            language: "es".to_owned(),
            components: json!([
                {"type": "BODY", "text": "Hola {{1}}, has recibido una nueva orden de compra {{2}} por un total de {{3}}.",
                 "example": {"body_text": [["Ana", "OC-1001", "120,50 €"]]}},
            ]),
            ..TemplateSpec::default()
        },
    ]
}
