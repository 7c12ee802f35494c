//! Which lane is next: the most urgent one that has something; but one that was passed over by twenty messages has a
//! turn, so that mailings are late behind a flood of answers, and not lost behind it.

use std::array::from_fn;

/// The lanes of `domain::message::Lane`, by rank.
pub(super) const LANES: usize = 3;
/// A lane that has something waits for no more than so many messages of more urgent ones.
const STARVED: usize = 20;

/// What is waiting, by lane.
pub(super) type ByLane<T> = [T; LANES];

/// Remembers how many went before each lane, also while nothing of it was waiting: then its first message goes at once,
/// and those behind it wait for their turn.
#[derive(Debug, Default)]
pub(super) struct Urgency {
    passed_over: ByLane<usize>,
}

impl Urgency {
    /// The lane of the next message, of those that have one.
    pub(super) fn next(&self, has: ByLane<bool>) -> Option<usize> {
        let starved = (0..LANES).find(|lane| has[*lane] && self.passed_over[*lane] >= STARVED);
        starved.or_else(|| has.iter().position(|has| *has))
    }

    /// A message of this lane goes.
    pub(super) fn took(&mut self, lane: usize) {
        for behind in self.passed_over.iter_mut().skip(lane + 1) {
            *behind = behind.saturating_add(1);
        }
        self.empty(lane);
    }

    /// Nothing of this lane waits, as far as is known.
    pub(super) fn empty(&mut self, lane: usize) {
        self.passed_over[lane] = 0;
    }

    /// How many of a lane have their turn among the next so many messages, if all the others are more urgent.
    pub(super) fn turns_in(&self, lane: usize, messages: usize) -> usize {
        (self.passed_over[lane].min(STARVED) + messages) / (STARVED + 1)
    }
}

/// A lane as the outbox names it.
pub(super) fn lane_of(rank: i64) -> usize {
    usize::try_from(rank).unwrap_or(0).min(LANES - 1)
}

/// What there is, lane by lane.
pub(super) fn by_lane<T>(of: impl FnMut(usize) -> T) -> ByLane<T> {
    from_fn(of)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_mailing_goes_after_twenty_answers_and_the_next_one_after_twenty_more() {
        let mut urgency = Urgency::default();
        let order: Vec<_> = (0..63)
            .map(|_| {
                let lane = urgency.next([true, false, true]).unwrap();
                urgency.took(lane);
                lane
            })
            .collect();
        let mailings: Vec<_> = (0..63).filter(|n| order[*n] == 2).collect();
        assert_eq!(mailings, [20, 41, 62]);
        assert_eq!(Urgency::default().turns_in(2, 63), mailings.len());
    }

    proptest! {
        #[test]
        fn a_lane_that_has_something_is_passed_over_by_twenty_and_those_that_starved_before_it(
            rounds in prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>()), 1..400), forgets in any::<bool>()
        ) {
            let mut urgency = Urgency::default();
            let mut waits = [0_usize; LANES];
            for (reply, transactional, bulk) in rounds {
                let has = [reply, transactional, bulk];
                for lane in (0..LANES).filter(|lane| !has[*lane]) {
                    if forgets {
                        urgency.empty(lane);
                    }
                    waits[lane] = 0;
                }
                let Some(lane) = urgency.next(has) else { continue };
                prop_assert!(has[lane]);
                urgency.took(lane);
                waits[lane] = 0;
                for behind in (lane + 1..LANES).filter(|behind| has[*behind]) {
                    waits[behind] += 1;
                    prop_assert!(waits[behind] <= STARVED + LANES, "{waits:?}");
                }
            }
        }
    }
}
