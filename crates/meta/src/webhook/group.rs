//! `groups[]` of the four group fields (page "groups").

use serde::Deserialize;

use super::lenient;
use super::tagged::words;
use super::wire_error::WireError;

words! {
    /// `groups[].type`.
    GroupEvent {
        /// A group was made (or could not be).
        Create = "group_create",
        /// A group was deleted (or could not be).
        Delete = "group_delete",
        /// Users came in.
        ParticipantsAdd = "group_participants_add",
        /// Users left or were removed.
        ParticipantsRemove = "group_participants_remove",
        /// A user asks to come in.
        JoinRequestCreated = "group_join_request_created",
        /// A user no longer asks to come in.
        JoinRequestRevoked = "group_join_request_revoked",
        /// Subject, description or picture changed.
        SettingsUpdate = "group_settings_update",
        /// Meta suspended the group.
        Suspend = "group_suspend",
        /// The suspension ended.
        SuspendCleared = "group_suspend_cleared",
    }
}

/// One event of a group.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Group {
    /// What happened.
    #[serde(rename = "type")]
    pub kind: Option<GroupEvent>,
    /// The group, absent when it could not be made.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: Option<String>,
    /// The request it answers.
    #[serde(deserialize_with = "lenient::text")]
    pub request_id: Option<String>,
    /// Unix seconds.
    #[serde(deserialize_with = "lenient::integer")]
    pub timestamp: Option<i64>,
    /// Subject.
    #[serde(deserialize_with = "lenient::text")]
    pub subject: Option<String>,
    /// The link users join by.
    #[serde(deserialize_with = "lenient::text")]
    pub invite_link: Option<String>,
    /// `invite_link` …
    #[serde(deserialize_with = "lenient::text")]
    pub reason: Option<String>,
    /// `business` or `participant`.
    #[serde(deserialize_with = "lenient::text")]
    pub initiated_by: Option<String>,
    /// Why it failed.
    #[serde(deserialize_with = "lenient::list")]
    pub errors: Vec<WireError>,
}
