//! What a number waits for, and what it sent in the last minute.

use std::collections::VecDeque;
use std::time::Duration;

use domain::Timestamp;
use store::outbox::look::Hold;

/// The first message that tries whether a hold is over leaves after this; each further one after twice the time.
pub(super) const FIRST_PROBE: Duration = Duration::from_secs(60);
/// The longest time between two of them.
const LONGEST_PROBE: Duration = Duration::from_secs(60 * 60);
/// Meta tells within so long that it lets a message fail; one that it took and says nothing about has gone through.
pub(super) const UNHEARD: Duration = Duration::from_secs(30);

/// Why a number waits, and until when.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) hold: Hold,
    pub(super) code: i64,
    pub(super) since: Timestamp,
    pub(super) until: Timestamp,
    pub(super) explanation: String,
    pub(super) probes: i64,
    /// Meta takes such messages and lets them fail a moment later: an answer says nothing.
    pub(super) late: bool,
    /// One was taken since, and nothing was heard of it so far.
    pub(super) taken: bool,
    /// When one message went because there was a token again (µs).
    pub(super) tried_at: i64,
    /// The message that tries whether it is over has gone, and has not been answered.
    pub(super) trying: bool,
}

impl Held {
    pub(super) fn new(hold: Hold, code: i64, explanation: &str, now: Timestamp) -> Self {
        Self {
            hold,
            code,
            since: now,
            until: now,
            explanation: explanation.to_owned(),
            probes: 0,
            late: false,
            taken: false,
            tried_at: 0,
            trying: false,
        }
    }
}

/// What Meta took in the last minute, in steps of five seconds.
#[derive(Debug, Default)]
pub(super) struct Minute(VecDeque<(i64, i64)>);

impl Minute {
    const STEP: i64 = 5_000_000;

    pub(super) fn add(&mut self, now: Timestamp) {
        let step = now.0 / Self::STEP;
        match self.0.back_mut() {
            Some((at, count)) if *at == step => *count += 1,
            _ => self.0.push_back((step, 1)),
        }
        self.count(now);
    }

    pub(super) fn count(&mut self, now: Timestamp) -> i64 {
        let first = now.0 / Self::STEP - 11;
        while self.0.front().is_some_and(|(at, _)| *at < first) {
            self.0.pop_front();
        }
        self.0.iter().map(|(_, count)| count).sum()
    }
}

/// When the next try is due, after so many.
pub(super) fn probe_after(probes: i64) -> Duration {
    let doublings = u32::try_from((probes - 1).clamp(0, 8)).unwrap_or(0);
    (FIRST_PROBE * 2_u32.pow(doublings)).min(LONGEST_PROBE)
}
