//! `/api/v1/auto-replies`: today the welcome; the rule engine will stand beside it.

pub(crate) mod show;
pub(crate) mod update;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The tenant's automatic replies.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AutoReplies {
    /// Text sent to people who write for the first time, or after 14 days of silence; null switches it off.
    pub(crate) welcome: Option<String>,
}
