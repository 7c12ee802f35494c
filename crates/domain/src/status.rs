//! The life of an outgoing message, as a join-semilattice.
//!
//! Meta's statuses come twice, in any order, and before the answer to the send. Merging is therefore
//! commutative, associative and idempotent: the state is the furthest one that anybody reported, and
//! each step keeps the earliest time at which it was reported. Whatever the order, the end is the same.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// How far a message has come. The order of the arms is the order of the lattice.
///
/// `Failed` stands below `Delivered`: a phone that showed the message is better evidence than a
/// failure report about it, and the error is kept and shown beside it either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageStatus {
    /// Came in from a contact.
    Received,
    /// Waits in the outbox.
    Queued,
    /// Was handed to the network; no answer yet.
    Sending,
    /// Was handed to the network and the answer was lost: it may or may not have left.
    Uncertain,
    /// Somebody took it back before it left.
    Cancelled,
    /// It had not left when its time was over.
    Expired,
    /// Meta took it and gave it a wamid.
    Accepted,
    /// Meta sent it on.
    Sent,
    /// It will not arrive; the error says why.
    Failed,
    /// It is on the phone.
    Delivered,
    /// It was opened.
    Read,
    /// A voice message was played.
    Played,
}

use MessageStatus as S;

impl MessageStatus {
    /// All of them, lowest first.
    pub const ALL: [Self; 12] = [
        S::Received,
        S::Queued,
        S::Sending,
        S::Uncertain,
        S::Cancelled,
        S::Expired,
        S::Accepted,
        S::Sent,
        S::Failed,
        S::Delivered,
        S::Read,
        S::Played,
    ];

    /// The word that stands in the database and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            S::Received => "received",
            S::Queued => "queued",
            S::Sending => "sending",
            S::Uncertain => "uncertain",
            S::Cancelled => "cancelled",
            S::Expired => "expired",
            S::Accepted => "accepted",
            S::Sent => "sent",
            S::Failed => "failed",
            S::Delivered => "delivered",
            S::Read => "read",
            S::Played => "played",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether Meta is known to have taken the message.
    pub fn left_us(self) -> bool {
        self >= S::Accepted
    }
}

/// Why a message failed, in Meta's terms. Ordered so that merging two reports is deterministic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Failure {
    /// Meta's error code.
    pub code: i64,
    /// Meta's title or message.
    pub title: String,
    /// Meta's `error_data.details`, when it gave any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
    /// A plain sentence: what happened and what to do.
    pub explanation: String,
}

/// When each step was first reported.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The furthest state reported, if any.
    pub status: Option<MessageStatus>,
    /// First report of `sent`.
    pub sent_at: Option<Timestamp>,
    /// First report of `delivered`.
    pub delivered_at: Option<Timestamp>,
    /// First report of `read`.
    pub read_at: Option<Timestamp>,
    /// First report of `played`.
    pub played_at: Option<Timestamp>,
    /// First report of `failed`.
    pub failed_at: Option<Timestamp>,
    /// The failure of that first report.
    pub failure: Option<Failure>,
    /// Meta's pricing block, as it came (JSON text).
    pub pricing: Option<String>,
}

impl Progress {
    /// One report.
    pub fn report(status: MessageStatus, at: Timestamp, failure: Option<Failure>) -> Self {
        let mut progress = Self {
            status: Some(status),
            ..Self::default()
        };
        match status {
            S::Sent => progress.sent_at = Some(at),
            S::Delivered => progress.delivered_at = Some(at),
            S::Read => progress.read_at = Some(at),
            S::Played => progress.played_at = Some(at),
            S::Failed => {
                progress.failed_at = Some(at);
                progress.failure = failure;
            }
            S::Received
            | S::Queued
            | S::Sending
            | S::Uncertain
            | S::Cancelled
            | S::Expired
            | S::Accepted => {}
        }
        progress
    }

    /// Joins what another report says into this one. Returns whether anything changed.
    pub fn merge(&mut self, other: &Self) -> bool {
        let before = self.clone();
        self.status = self.status.max(other.status);
        earliest(&mut self.sent_at, other.sent_at);
        earliest(&mut self.delivered_at, other.delivered_at);
        earliest(&mut self.read_at, other.read_at);
        earliest(&mut self.played_at, other.played_at);
        // The failure belongs to the earliest report; of two at once the smaller one stands.
        self.failure = match self.failed_at.cmp(&other.failed_at) {
            std::cmp::Ordering::Equal => smaller(self.failure.take(), other.failure.clone()),
            _ if self.failed_at.is_none() => other.failure.clone(),
            _ if other.failed_at.is_none() || self.failed_at < other.failed_at => {
                self.failure.take()
            }
            _ => other.failure.clone(),
        };
        earliest(&mut self.failed_at, other.failed_at);
        self.pricing = larger(self.pricing.take(), other.pricing.clone());
        *self != before
    }
}

fn earliest(mine: &mut Option<Timestamp>, theirs: Option<Timestamp>) {
    *mine = match (*mine, theirs) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
}

fn smaller<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// Two pricing blocks of one message say the same; taking the larger text makes it independent of order.
fn larger<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    a.max(b)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reports() -> impl Strategy<Value = Vec<Progress>> {
        let one = (
            0..S::ALL.len(),
            0_i64..4,
            prop::option::of(0_i64..3),
            prop::option::of("[ab]"),
        )
            .prop_map(|(status, at, code, pricing)| {
                let failure = code.map(|code| Failure {
                    code,
                    title: "t".into(),
                    details: None,
                    explanation: "e".into(),
                });
                Progress {
                    pricing,
                    ..Progress::report(S::ALL[status], Timestamp(at), failure)
                }
            });
        prop::collection::vec(one, 0..8)
    }

    fn fold<'a>(reports: impl IntoIterator<Item = &'a Progress>) -> Progress {
        let mut all = Progress::default();
        for report in reports {
            all.merge(report);
        }
        all
    }

    proptest! {
        #[test]
        fn every_order_with_repeats_ends_in_the_same_state(reports in reports(), seed in any::<u64>()) {
            let straight = fold(&reports);
            let mut shuffled = reports.clone();
            let mut state = seed | 1;
            for i in (1..shuffled.len()).rev() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                shuffled.swap(i, (state >> 33) as usize % (i + 1));
            }
            prop_assert_eq!(&straight, &fold(&shuffled));
            prop_assert_eq!(&straight, &fold(reports.iter().chain(&shuffled)));
        }

        #[test]
        fn a_status_never_runs_backwards(reports in reports()) {
            let mut all = Progress::default();
            for report in &reports {
                let before = all.status;
                all.merge(report);
                prop_assert!(all.status >= before);
            }
        }
    }

    #[test]
    fn a_delivered_message_is_not_undone_by_a_failure_report() {
        let mut progress = Progress::report(S::Delivered, Timestamp(5), None);
        let failure = Failure {
            code: 131_026,
            title: "Undeliverable".into(),
            details: None,
            explanation: String::new(),
        };
        progress.merge(&Progress::report(
            S::Failed,
            Timestamp(6),
            Some(failure.clone()),
        ));
        assert_eq!(progress.status, Some(S::Delivered));
        assert_eq!(progress.failure, Some(failure));
    }

    #[test]
    fn merging_the_same_report_again_changes_nothing() {
        let report = Progress::report(S::Sent, Timestamp(5), None);
        let mut progress = Progress::default();
        assert!(progress.merge(&report));
        assert!(!progress.merge(&report));
    }
}
