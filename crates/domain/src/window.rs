//! When free-form messages may be sent, and when nothing costs anything (Meta's pages "pricing" and "messages").
//!
//! The customer service window is open for 24 hours after a person's last message or call to the number; each opens
//! it anew. Outside of it only templates may be sent: Meta takes a free-form message and lets it fail later with error
//! 131047. What the business writes, with its phone or by the API, opens nothing.
//!
//! Who comes through an ad (a message with a referral) opens a free entry point: when the business answers within 24
//! hours, everything is free for 72 hours from that answer. It does not keep the customer service window open.
//!
//! `free_entry_at` is kept by whoever writes an answer down ([`answered`]); the rest follows from what is on file.

use std::time::Duration;

use crate::clock::Timestamp;

/// How long the window stays open after the last inbound message or call.
pub const CUSTOMER_SERVICE_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);
/// How long everything is free after the answer to somebody who came through an ad.
pub const FREE_ENTRY_POINT: Duration = Duration::from_secs(72 * 60 * 60);
/// How soon the business must answer for that.
pub const FREE_ENTRY_ANSWER: Duration = Duration::from_secs(24 * 60 * 60);

/// When the window closes, if it was ever opened.
pub fn closes_at(last_inbound_at: Option<Timestamp>) -> Option<Timestamp> {
    last_inbound_at.map(|at| at.plus(CUSTOMER_SERVICE_WINDOW))
}

/// Whether free-form messages may be sent at `now`.
pub fn is_open(last_inbound_at: Option<Timestamp>, now: Timestamp) -> bool {
    closes_at(last_inbound_at).is_some_and(|end| now < end)
}

/// What a conversation knows of its windows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// When the person last wrote or called.
    pub last_inbound_at: Option<Timestamp>,
    /// When they last came through an ad.
    pub referral_at: Option<Timestamp>,
    /// When the business first answered that, in time.
    pub free_entry_at: Option<Timestamp>,
}

impl Window {
    /// A person wrote or called.
    #[must_use]
    pub fn received(mut self, at: Timestamp, referral: bool) -> Self {
        self.last_inbound_at = self.last_inbound_at.max(Some(at));
        if referral {
            self.referral_at = self.referral_at.max(Some(at));
        }
        self
    }

    /// The business wrote.
    #[must_use]
    pub fn sent(mut self, at: Timestamp) -> Self {
        if answered(self.referral_at, self.free_entry_at, at) {
            self.free_entry_at = Some(at);
        }
        self
    }

    /// Whether free-form messages may be sent at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        is_open(self.last_inbound_at, now)
    }

    /// When the customer service window closes or closed.
    pub fn closes_at(&self) -> Option<Timestamp> {
        closes_at(self.last_inbound_at)
    }

    /// Until when everything is free, where that is still so at `now`.
    pub fn free_entry_until(&self, now: Timestamp) -> Option<Timestamp> {
        let until = self.free_entry_at?.plus(FREE_ENTRY_POINT);
        (now < until).then_some(until)
    }
}

/// Whether what the business writes at `at` is the first answer to a referral, in time: it begins a free entry point.
/// A referral during a free entry point begins no other one.
pub fn answered(
    referral_at: Option<Timestamp>,
    free_entry_at: Option<Timestamp>,
    at: Timestamp,
) -> bool {
    let Some(referral) = referral_at.filter(|referral| *referral <= at) else {
        return false;
    };
    let in_time = at < referral.plus(FREE_ENTRY_ANSWER);
    let begun = free_entry_at.is_some_and(|begun| referral < begun.plus(FREE_ENTRY_POINT));
    in_time && !begun
}

/// Whether all that had come in is on file when the window is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intake {
    /// Yes: what is not on file has not come.
    Projected,
    /// No: the message that opens the window may be among what waits. Meta knows better.
    Behind,
}

/// Whether a message whose turn has come may leave; one that may not would fail at Meta with 131047. `free_form` is
/// everything but a template.
pub fn may_leave(
    free_form: bool,
    last_inbound_at: Option<Timestamp>,
    now: Timestamp,
    intake: Intake,
) -> bool {
    !free_form || intake == Intake::Behind || is_open(last_inbound_at, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn hours(n: u32) -> Timestamp {
        Timestamp::from_seconds(1_000_000).plus(HOUR * n)
    }

    #[test]
    fn the_window_closes_24_hours_after_the_last_inbound_message() {
        let wrote = hours(0);
        let end = wrote.plus(CUSTOMER_SERVICE_WINDOW);
        assert!(is_open(Some(wrote), end.minus(Duration::from_secs(1))));
        assert!(!is_open(Some(wrote), end));
        assert!(!is_open(None, wrote));
    }

    #[test]
    fn an_answer_in_time_makes_72_hours_free_and_keeps_no_window_open() {
        let came = Window::default().received(hours(0), true);
        assert_eq!(
            came.free_entry_until(hours(1)),
            None,
            "not before the answer"
        );
        let window = came.sent(hours(2)).sent(hours(20));
        assert_eq!(window.free_entry_until(hours(3)), Some(hours(74)));
        assert_eq!(window.free_entry_until(hours(74)), None);
        assert!(!window.is_open(hours(30)), "free, and still closed");
        assert_eq!(came.sent(hours(24)).free_entry_at, None, "too late");
    }

    #[test]
    fn a_second_ad_begins_anew_when_the_first_72_hours_are_over() {
        let window = Window::default().received(hours(0), true).sent(hours(1));
        let soon = window.received(hours(10), true).sent(hours(11));
        assert_eq!(soon.free_entry_at, Some(hours(1)));
        let later = window.received(hours(80), true).sent(hours(81));
        assert_eq!(later.free_entry_at, Some(hours(81)));
    }

    #[test]
    fn a_message_that_waited_too_long_does_not_leave() {
        let (wrote, late) = (Some(hours(0)), hours(24));
        assert!(!may_leave(true, wrote, late, Intake::Projected));
        assert!(may_leave(true, wrote, late, Intake::Behind));
        assert!(may_leave(false, None, late, Intake::Projected));
        assert!(may_leave(true, wrote, hours(23), Intake::Projected));
    }
}
