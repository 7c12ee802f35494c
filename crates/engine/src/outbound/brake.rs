//! How much slower than allowed something goes because Meta said that it was too fast: a cut by a share, then back a
//! little at a time.
//!
//! Sends that were under way when Meta first said so say the same once more: that is one episode and one cut. The
//! first cut is small (a jitter on the way is the usual reason); who is told again soon after is cut harder.

use std::time::Duration;

use domain::Timestamp;

/// A repetition within this time is the same episode.
const EPISODE: Duration = Duration::from_secs(1);
/// A cut within this time after the last one is a harder one.
const SOON: Duration = Duration::from_secs(10);
/// Of what is left, after the first cut of a while.
const GENTLE: f64 = 0.9;
/// Of what is left, when it happens again soon.
const HARD: f64 = 0.6;
/// It never goes slower than this.
const FLOOR: f64 = 0.05;
/// What comes back at each step.
const STEP: f64 = 0.02;
/// The time of a step.
const STEP_TIME: Duration = Duration::from_secs(2);

/// How fast something may go, and why it goes slower.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Brake {
    factor: f64,
    /// Nothing at all before this.
    until: Option<Timestamp>,
    cut_at: Option<Timestamp>,
    grown_at: Timestamp,
    /// Meta's code and what it means.
    why: Option<(i64, String)>,
}

impl Default for Brake {
    fn default() -> Self {
        Self {
            factor: 1.0,
            until: None,
            cut_at: None,
            grown_at: Timestamp(0),
            why: None,
        }
    }
}

impl Brake {
    /// What was known before a restart.
    pub(super) fn known(
        factor_permille: i64,
        until: Option<i64>,
        why: Option<(i64, String)>,
        now: Timestamp,
    ) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "thousandths")]
        let factor = (factor_permille as f64 / 1_000.0).clamp(FLOOR, 1.0);
        Self {
            factor,
            until: until.map(Timestamp),
            cut_at: None,
            grown_at: now,
            why,
        }
    }

    /// Meta said that it was too fast: nothing for `rest`, then slower.
    pub(super) fn cut(&mut self, code: i64, reason: &str, rest: Duration, now: Timestamp) {
        self.rest(code, reason, rest, now);
        let by = match self.cut_at {
            Some(at) if now.since(at) < EPISODE.max(rest) => return,
            Some(at) if now.since(at) < SOON.max(rest * 2) => HARD,
            _ => GENTLE,
        };
        self.factor = (self.factor * by).max(FLOOR);
        self.cut_at = Some(now);
        self.grown_at = now.plus(rest);
    }

    /// Nothing for a time, and then as before.
    pub(super) fn rest(&mut self, code: i64, reason: &str, rest: Duration, now: Timestamp) {
        let until = now.plus(rest);
        self.until = Some(self.until.map_or(until, |at| at.max(until)));
        self.why = Some((code, reason.to_owned()));
    }

    /// Whether anything may leave; if not, when.
    pub(super) fn shut_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.until.filter(|until| *until > now)
    }

    /// The share that may be used now, what came back since the last look included. The second says whether it
    /// changed.
    pub(super) fn factor(&mut self, now: Timestamp) -> (f64, bool) {
        if self.shut_until(now).is_some() {
            return (self.factor, false);
        }
        // People are told until when it rests: not any more.
        let rested = self.until.take().is_some();
        if self.factor >= 1.0 {
            if rested {
                self.why = None;
            }
            return (self.factor, rested);
        }
        let steps = now.since(self.grown_at).as_micros() / STEP_TIME.as_micros();
        if steps == 0 {
            return (self.factor, rested);
        }
        #[expect(clippy::cast_precision_loss, reason = "a few steps")]
        let grown = self.factor + STEP * steps.min(1_000) as f64;
        self.grown_at = now;
        self.factor = grown.min(1.0);
        if self.factor >= 1.0 {
            self.why = None;
        }
        (self.factor, true)
    }

    /// Thousandths of the full pace, until when nothing leaves, and why.
    #[expect(clippy::cast_possible_truncation, reason = "thousandths")]
    pub(super) fn shown(&self) -> (i64, Option<i64>, Option<&(i64, String)>) {
        (
            (self.factor * 1_000.0).round() as i64,
            self.until.map(Timestamp::micros),
            self.why.as_ref(),
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REST: Duration = Duration::from_millis(500);

    fn at(seconds: f64) -> Timestamp {
        Timestamp((seconds * 1e6) as i64)
    }

    #[test]
    fn one_episode_is_one_cut_and_a_second_one_soon_after_is_harder() {
        let mut brake = Brake::default();
        for n in 0..20 {
            brake.cut(130_429, "too fast", REST, at(100.0 + f64::from(n) * 0.01));
        }
        assert!((brake.factor - 0.9).abs() < 1e-9, "{brake:?}");
        assert!(brake.shut_until(at(100.4)).is_some());
        assert!(brake.shut_until(at(100.8)).is_none());
        brake.cut(130_429, "too fast", REST, at(102.0));
        assert!((brake.factor - 0.54).abs() < 1e-9, "{brake:?}");
    }

    #[test]
    fn it_comes_back_step_by_step_and_forgets_why() {
        let mut brake = Brake::default();
        brake.cut(130_429, "too fast", REST, at(100.0));
        assert_eq!(brake.factor(at(101.0)), (0.9, true), "it has rested");
        assert_eq!(brake.shown().1, None);
        assert_eq!(brake.factor(at(101.0)), (0.9, false));
        let (factor, changed) = brake.factor(at(103.0));
        assert!(changed && (factor - 0.92).abs() < 1e-9, "{factor}");
        assert_eq!(brake.shown().2.map(|why| why.0), Some(130_429));
        let (factor, _) = brake.factor(at(130.0));
        assert!((factor - 1.0).abs() < 1e-9);
        assert_eq!(brake.shown(), (1_000, None, None));
    }

    proptest! {
        #[test]
        fn the_share_stays_between_its_floor_and_one(events in prop::collection::vec((any::<bool>(), 0_u32..30_000), 1..200)) {
            let (mut brake, mut now) = (Brake::default(), 1.0);
            for (refused, gap) in events {
                now += f64::from(gap) / 1_000.0;
                let before = brake.factor;
                if refused {
                    brake.cut(130_429, "too fast", REST, at(now));
                    prop_assert!(brake.factor <= before);
                } else {
                    let (factor, _) = brake.factor(at(now));
                    prop_assert!(factor >= before);
                }
                prop_assert!((FLOOR..=1.0).contains(&brake.factor), "{brake:?}");
            }
        }
    }
}
