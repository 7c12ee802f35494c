//! `calls[]` and the statuses of calls (page "calling").

use serde::Deserialize;

use super::lenient;
use super::tagged::words;

words! {
    /// What happened to a call: `calls[].event`, or `statuses[].status` of the field `calls`.
    CallEvent {
        /// Somebody calls, or the callee answered: carries the session.
        Connect = "connect",
        /// The call ended.
        Terminate = "terminate",
        /// The user's phone rings.
        Ringing = "RINGING",
        /// The user took the call.
        Accepted = "ACCEPTED",
        /// The user refused the call.
        Rejected = "REJECTED",
    }
}

/// One event of a call.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Call {
    /// The wacid.
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    /// What happened, for connect and terminate.
    pub event: Option<CallEvent>,
    /// `RINGING`, `ACCEPTED`, `REJECTED` of a call status; `COMPLETED`, `FAILED` of a terminated call.
    #[serde(deserialize_with = "lenient::text")]
    pub status: Option<String>,
    /// Caller.
    #[serde(deserialize_with = "lenient::text")]
    pub from: Option<String>,
    /// Caller's BSUID.
    #[serde(deserialize_with = "lenient::text")]
    pub from_user_id: Option<String>,
    /// Callee.
    #[serde(deserialize_with = "lenient::text")]
    pub to: Option<String>,
    /// The user of a call status.
    #[serde(deserialize_with = "lenient::text")]
    pub recipient_id: Option<String>,
    /// `USER_INITIATED` or `BUSINESS_INITIATED`.
    #[serde(deserialize_with = "lenient::text")]
    pub direction: Option<String>,
    /// Unix seconds.
    #[serde(deserialize_with = "lenient::integer")]
    pub timestamp: Option<i64>,
    /// Unix seconds.
    #[serde(deserialize_with = "lenient::integer")]
    pub start_time: Option<i64>,
    /// Unix seconds.
    #[serde(deserialize_with = "lenient::integer")]
    pub end_time: Option<i64>,
    /// Seconds.
    #[serde(deserialize_with = "lenient::integer")]
    pub duration: Option<i64>,
    /// What the caller gave for itself.
    #[serde(deserialize_with = "lenient::text")]
    pub biz_opaque_callback_data: Option<String>,
    /// The WebRTC offer or answer.
    #[serde(deserialize_with = "lenient::part")]
    pub session: Option<Session>,
}

impl Call {
    /// What happened, whichever form the webhook had.
    #[must_use]
    pub fn what(&self) -> CallEvent {
        self.event
            .clone()
            .unwrap_or_else(|| CallEvent::from_wire(self.status.as_deref().unwrap_or_default()))
    }
}

/// `calls[].session`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Session {
    /// `offer` or `answer`.
    #[serde(deserialize_with = "lenient::text")]
    pub sdp_type: Option<String>,
    /// RFC 8866.
    #[serde(deserialize_with = "lenient::text")]
    pub sdp: Option<String>,
}
