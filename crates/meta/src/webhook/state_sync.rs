//! `state_sync[]`: contacts of the WhatsApp Business app (page "webhooks/reference/smb_app_state_sync").

use serde::Deserialize;

use super::lenient;
use super::tagged::words;

words! {
    /// `state_sync[].action`.
    StateSyncAction {
        /// A contact was added or edited.
        Add = "add",
        /// A contact was removed.
        Remove = "remove",
    }
}

/// One change of the address book of the app.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct StateSync {
    /// `contact`.
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
    /// Add (also for an edit) or remove.
    pub action: Option<StateSyncAction>,
    /// The contact.
    #[serde(deserialize_with = "lenient::part")]
    pub contact: Option<AppContact>,
    /// When.
    #[serde(deserialize_with = "lenient::part")]
    pub metadata: Option<StateSyncMetadata>,
}

/// A contact of the app's address book; names are absent on remove.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct AppContact {
    /// Whole name.
    #[serde(deserialize_with = "lenient::text")]
    pub full_name: Option<String>,
    /// First name.
    #[serde(deserialize_with = "lenient::text")]
    pub first_name: Option<String>,
    /// Phone number.
    #[serde(deserialize_with = "lenient::text")]
    pub phone_number: Option<String>,
}

/// `state_sync[].metadata`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct StateSyncMetadata {
    /// Unix seconds.
    #[serde(deserialize_with = "lenient::integer")]
    pub timestamp: Option<i64>,
}
