//! Meta's pair rate, kept here so that 131056 does not happen: one message from a number to the same person in six
//! seconds, of which a burst may be borrowed from the future.
//!
//! What is kept for each pair is the moment by which everything borrowed is paid back. It lives in memory: after a
//! restart the worst is a refusal, which waits by itself.

use std::collections::HashMap;

use domain::Timestamp;
use meta::limits::{PAIR_RATE_BURST, PAIR_RATE_INTERVAL};

/// Pairs that are remembered before those that owe nothing are forgotten.
const PAIRS: usize = 8_192;

/// Who owes how much.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// By number and person: when everything borrowed is paid back.
    paid_back: HashMap<(String, String), Timestamp>,
    forget_at: usize,
}

impl Pairs {
    /// Takes one message to a person. `Err` says when the next one may leave.
    pub(super) fn take(
        &mut self,
        number: &str,
        recipient: &str,
        now: Timestamp,
    ) -> Result<(), Timestamp> {
        self.tidy(now);
        let owed = self
            .paid_back
            .entry((number.to_owned(), recipient.to_owned()))
            .or_insert(now);
        let next = (*owed).max(now).plus(PAIR_RATE_INTERVAL);
        let farthest = now.plus(PAIR_RATE_INTERVAL * PAIR_RATE_BURST);
        if next > farthest {
            return Err(Timestamp(now.0 + (next.0 - farthest.0)));
        }
        *owed = next;
        Ok(())
    }

    /// Meta says that the pair is used up: nothing may be borrowed until `until`.
    pub(super) fn used_up(&mut self, number: &str, recipient: &str, until: Timestamp) {
        let all = PAIR_RATE_INTERVAL * (PAIR_RATE_BURST - 1);
        let owed = self
            .paid_back
            .entry((number.to_owned(), recipient.to_owned()))
            .or_insert(until);
        *owed = (*owed).max(until.plus(all));
    }

    /// Forgets who owes nothing, when it is worth the walk.
    fn tidy(&mut self, now: Timestamp) {
        if self.paid_back.len() > self.forget_at.max(PAIRS) {
            self.paid_back.retain(|_, owed| *owed > now);
            self.forget_at = self.paid_back.len() * 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: i64 = 1_000_000;

    /// Meta's rule as its page tells it: a quota of one message in six seconds, of which 45 may be used ahead.
    fn meta_allows(sent: &[i64], at: i64) -> bool {
        let interval = PAIR_RATE_INTERVAL.as_micros() as i64;
        let mut owed = i64::MIN;
        for sent in sent.iter().chain(std::iter::once(&at)) {
            owed = owed.max(*sent) + interval;
        }
        owed <= at + interval * i64::from(PAIR_RATE_BURST)
    }

    proptest! {
        #[test]
        fn what_is_let_through_meta_lets_through(gaps in prop::collection::vec(0_i64..20_000_000, 1..400)) {
            let mut pairs = Pairs::default();
            let (mut now, mut sent) = (0, Vec::new());
            for gap in gaps {
                now += gap / 7;
                match pairs.take("n", "p", Timestamp(now)) {
                    Ok(()) => {
                        prop_assert!(meta_allows(&sent, now), "Meta refuses the one at {now}");
                        sent.push(now);
                    }
                    Err(until) => {
                        prop_assert!(until.0 > now);
                        prop_assert!(!meta_allows(&sent, now), "held back for nothing at {now}");
                        prop_assert!(meta_allows(&sent, until.0), "{until:?} is too early");
                    }
                }
            }
        }
    }

    #[test]
    fn a_burst_goes_at_once_and_then_one_in_six_seconds() {
        let mut pairs = Pairs::default();
        for _ in 0..45 {
            assert_eq!(pairs.take("n", "p", Timestamp(0)), Ok(()));
        }
        assert_eq!(
            pairs.take("n", "p", Timestamp(0)),
            Err(Timestamp(6 * SECOND))
        );
        assert_eq!(pairs.take("n", "q", Timestamp(0)), Ok(()), "another person");
        assert_eq!(pairs.take("n", "p", Timestamp(6 * SECOND)), Ok(()));
        pairs.used_up("n", "q", Timestamp(9 * SECOND));
        assert_eq!(
            pairs.take("n", "q", Timestamp(0)),
            Err(Timestamp(9 * SECOND)),
            "what Meta says counts"
        );
        assert_eq!(pairs.take("n", "q", Timestamp(9 * SECOND)), Ok(()));
    }

    #[test]
    fn who_owes_nothing_is_forgotten() {
        let mut pairs = Pairs::default();
        for n in 0..40_000_i64 {
            let person = n.to_string();
            pairs.take("n", &person, Timestamp(n * SECOND)).ok();
        }
        assert!(
            pairs.paid_back.len() <= PAIRS + 1,
            "{}",
            pairs.paid_back.len()
        );
    }
}
