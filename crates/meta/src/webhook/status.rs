//! One status of an outgoing message.

use serde::Deserialize;

use super::lenient;
use super::tagged::words;
use super::wire_error::WireError;

words! {
    /// `statuses[].status` (page "webhooks/reference/messages/status").
    StatusKind {
        /// Left Meta for the user.
        Sent = "sent",
        /// Reached the user's device.
        Delivered = "delivered",
        /// Was shown; implies delivered.
        Read = "read",
        /// A voice message was played for the first time.
        Played = "played",
        /// Will not be delivered; see the errors.
        Failed = "failed",
        /// Relic of the on-premises API.
        Deleted = "deleted",
        /// Relic of the on-premises API.
        Warning = "warning",
    }
}

/// `statuses[]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "StatusWire")]
pub struct Status {
    /// The wamid it is about.
    pub id: String,
    /// How far the message came.
    pub status: StatusKind,
    /// Unix seconds; 0 when Meta gave none that can be read.
    pub timestamp: i64,
    /// Receiver's phone number or group id; absent when it was sent to a BSUID and may not be shown.
    pub recipient_id: Option<String>,
    /// Receiver's BSUID.
    pub recipient_user_id: Option<String>,
    /// Receiver's parent BSUID.
    pub recipient_parent_user_id: Option<String>,
    /// `group` for a send to a group.
    pub recipient_type: Option<String>,
    /// The member of the group it is about.
    pub recipient_participant_id: Option<String>,
    /// Hash of the receiver's identity key.
    pub recipient_identity_key_hash: Option<String>,
    /// What the sender gave for itself to find the message again.
    pub biz_opaque_callback_data: Option<String>,
    /// Absent since v24 outside free entry points.
    pub conversation: Option<Conversation>,
    /// On `sent` and on one of `delivered` and `read`.
    pub pricing: Option<Pricing>,
    /// Why it failed.
    pub errors: Vec<WireError>,
}

/// `statuses[].conversation`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Conversation {
    /// Opaque id.
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    /// Unix seconds.
    #[serde(deserialize_with = "lenient::integer")]
    pub expiration_timestamp: Option<i64>,
    /// What opened it.
    #[serde(deserialize_with = "lenient::part")]
    pub origin: Option<Origin>,
}

/// `statuses[].conversation.origin`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Origin {
    /// `marketing`, `service`, `referral_conversion` …
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
}

/// `statuses[].pricing`. `billable` is announced as going away: derive it from `kind` and `category`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Pricing {
    /// Whether Meta charges for it.
    #[serde(deserialize_with = "lenient::flag")]
    pub billable: Option<bool>,
    /// `PMP` a message, `CBP` a conversation (until 2025-06).
    #[serde(deserialize_with = "lenient::text")]
    pub pricing_model: Option<String>,
    /// `type`: `regular`, `free_customer_service`, `free_entry_point`, `free_group_customer_service`, or new ones.
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
    /// `marketing`, `marketing_lite`, `utility`, `authentication`, `authentication-international`, `service` …
    #[serde(deserialize_with = "lenient::text")]
    pub category: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StatusWire {
    #[serde(deserialize_with = "lenient::text")]
    id: Option<String>,
    status: Option<StatusKind>,
    #[serde(deserialize_with = "lenient::integer")]
    timestamp: Option<i64>,
    #[serde(deserialize_with = "lenient::text")]
    recipient_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    recipient_user_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    recipient_parent_user_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    recipient_type: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    recipient_participant_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    recipient_identity_key_hash: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    biz_opaque_callback_data: Option<String>,
    #[serde(deserialize_with = "lenient::part")]
    conversation: Option<Conversation>,
    #[serde(deserialize_with = "lenient::part")]
    pricing: Option<Pricing>,
    #[serde(deserialize_with = "lenient::list")]
    errors: Vec<WireError>,
}

impl TryFrom<StatusWire> for Status {
    type Error = &'static str;

    fn try_from(wire: StatusWire) -> Result<Self, Self::Error> {
        let id = wire
            .id
            .filter(|id| !id.is_empty())
            .ok_or("the status has no id")?;
        let status = wire
            .status
            .filter(|status| !status.as_str().is_empty())
            .ok_or("the status says nothing")?;
        Ok(Self {
            id,
            status,
            timestamp: wire.timestamp.unwrap_or_default(),
            recipient_id: wire.recipient_id,
            recipient_user_id: wire.recipient_user_id,
            recipient_parent_user_id: wire.recipient_parent_user_id,
            recipient_type: wire.recipient_type,
            recipient_participant_id: wire.recipient_participant_id,
            recipient_identity_key_hash: wire.recipient_identity_key_hash,
            biz_opaque_callback_data: wire.biz_opaque_callback_data,
            conversation: wire.conversation,
            pricing: wire.pricing,
            errors: wire.errors,
        })
    }
}
