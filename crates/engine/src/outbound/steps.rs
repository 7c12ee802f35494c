//! Steps of a message's way that stand on no other row: refusals, waits, doubts, decisions. They are written in
//! the transaction that they belong to, and only when they happen.

use domain::Timestamp;
use serde_json::json;
use store::message_events::New;
use store::outbox::{Entry, Later};

use super::settle::Decision;

impl Decision {
    /// The word of the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SendAgain => "send_again",
            Self::MarkSent => "mark_sent",
            Self::GiveUp => "give_up",
        }
    }
}

fn step(entry: &Entry, kind: &'static str, detail: Option<&str>, now: Timestamp) -> New {
    New {
        id: entry.id.hex(),
        tenant: entry.tenant_id.hex(),
        at: now.0,
        kind,
        code: None,
        detail: detail.map(str::to_owned),
        data: None,
    }
}

/// A send that stays in the outbox: Meta refused it for a passing reason, it waits, or nobody knows.
pub(super) fn stayed(entry: &Entry, later: &Later, now: Timestamp) -> New {
    let kind = match (later.state, later.tries) {
        ("uncertain", _) => "uncertain",
        (_, 0) => "held",
        _ => "refused",
    };
    let next = later.hold_until.or(later.settle_at);
    let data = json!({
        "try": entry.attempts + entry.doubts + 1,
        "hold": later.hold,
        "next_at": next.map(|at| Timestamp(at).rfc3339()),
    });
    New {
        data: Some(data.to_string()),
        ..step(entry, kind, later.last_error.as_deref(), now)
    }
}

/// A person decided about a send whose outcome nobody knew.
pub(super) fn decided(entry: &Entry, decision: Decision, by: &str, now: Timestamp) -> New {
    let data = json!({ "decision": decision.as_str(), "by": by });
    New {
        data: Some(data.to_string()),
        ..step(entry, "settled", None, now)
    }
}

/// The tenant's policy decided to send it once more, or to ask a person.
pub(super) fn by_policy(entry: &Entry, later: &Later, now: Timestamp) -> New {
    let word = if later.state == "uncertain" {
        "ask"
    } else {
        "retry_once"
    };
    New {
        data: Some(json!({ "policy": word }).to_string()),
        ..step(entry, "policy", later.last_error.as_deref(), now)
    }
}
