//! `user_preferences[]`: marketing opt-out and opt-in (page "webhooks/reference/user_preferences").

use serde::Deserialize;

use super::lenient;
use super::tagged::words;

words! {
    /// `user_preferences[].value`.
    PreferenceValue {
        /// No more marketing messages.
        Stop = "stop",
        /// Marketing messages again.
        Resume = "resume",
    }
}

/// What a user chose.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct UserPreference {
    /// WhatsApp id; absent when it may not be shown.
    #[serde(deserialize_with = "lenient::text")]
    pub wa_id: Option<String>,
    /// BSUID.
    #[serde(deserialize_with = "lenient::text")]
    pub user_id: Option<String>,
    /// Parent BSUID.
    #[serde(deserialize_with = "lenient::text")]
    pub parent_user_id: Option<String>,
    /// Meta's sentence.
    #[serde(deserialize_with = "lenient::text")]
    pub detail: Option<String>,
    /// `marketing_messages`.
    #[serde(deserialize_with = "lenient::text")]
    pub category: Option<String>,
    /// Stop or resume.
    pub value: Option<PreferenceValue>,
    /// Unix seconds.
    #[serde(deserialize_with = "lenient::integer")]
    pub timestamp: Option<i64>,
}
