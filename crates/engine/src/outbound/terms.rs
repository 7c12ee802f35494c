//! How a message was to leave, kept beside it for whoever sends it again: its row in the outbox is gone by then.

use domain::Timestamp;
use domain::message::Lane;
use serde::{Deserialize, Serialize};

use super::draft::Terms;

/// What is kept; absent where it is as usual.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    /// The lane, where it is not the usual one of the type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lane: Option<Lane>,
    /// Whether it goes through Meta's endpoint for marketing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) marketing: bool,
    /// Whether it waits while quiet hours last, as mailings do.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) rests: bool,
    /// Not after (µs).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) send_before: Option<i64>,
}

impl Kept {
    /// Reads what was kept; what cannot be read is as usual.
    pub(super) fn read(text: Option<&str>) -> Self {
        text.and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    }
}

/// The lane in which a message of a type goes that names none.
pub(super) fn usual_lane(kind: &str) -> Lane {
    if kind == "template" {
        Lane::Transactional
    } else {
        Lane::Reply
    }
}

/// The word of the API for a lane.
pub(super) const fn word(lane: Lane) -> &'static str {
    match lane {
        Lane::Reply => "reply",
        Lane::Transactional => "transactional",
        Lane::Bulk => "bulk",
    }
}

/// What is kept of a message; none where everything is as usual.
pub(super) fn kept(kind: &str, lane: Lane, terms: &Terms) -> Option<String> {
    let kept = Kept {
        lane: Some(lane).filter(|lane| *lane != usual_lane(kind)),
        marketing: terms.marketing,
        rests: terms.rests,
        send_before: terms.send_before.map(Timestamp::micros),
    };
    (kept != Kept::default())
        .then(|| serde_json::to_string(&kept).ok())
        .flatten()
}
