//! How many sends of a number are under way while nothing answers.
//!
//! Each of them ends in doubt when no answer comes at all, so their number is bounded. What is bounded is not how many
//! are under way, which a quick number needs, but how many were begun since WhatsApp last answered: while it answers,
//! however slowly, that is a few.

use std::time::Duration;

/// What may leave in this time without any answer.
const UNHEARD: Duration = Duration::from_millis(125);
/// So many may always.
const ALWAYS: usize = 16;

/// The sends that were begun since the last answer and are still under way.
#[derive(Debug, Default)]
pub(super) struct Unanswered {
    open: usize,
    /// Answers so far: what was begun before the last one does not count any more.
    answers: u64,
}

/// A send that was begun.
#[derive(Debug, Clone, Copy)]
pub(super) struct Begun(u64);

impl Unanswered {
    /// Whether the next one waits for an answer, at this throughput.
    pub(super) fn is_full(&self, per_second: i64) -> bool {
        let share = u128::try_from(per_second).unwrap_or(0) * UNHEARD.as_millis() / 1_000;
        self.open >= usize::try_from(share).unwrap_or(0).max(ALWAYS)
    }

    pub(super) fn begin(&mut self) -> Begun {
        self.open += 1;
        Begun(self.answers)
    }

    /// A send is over: with an answer, or given up.
    pub(super) fn ended(&mut self, begun: Begun, answered: bool) {
        if answered {
            self.answers += 1;
            self.open = 0;
        } else if begun.0 == self.answers {
            self.open = self.open.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_answer_a_few_leave_and_with_one_as_many_again() {
        for (per_second, most) in [(20, 16), (80, 16), (1_000, 125)] {
            let mut unanswered = Unanswered::default();
            let mut begun = Vec::new();
            while !unanswered.is_full(per_second) {
                begun.push(unanswered.begin());
            }
            assert_eq!(begun.len(), most, "{per_second} a second");
            unanswered.ended(begun[0], true);
            assert!(!unanswered.is_full(per_second));
            // What was begun before the answer and is given up makes no room twice.
            let after = unanswered.begin();
            for before in &begun[1..] {
                unanswered.ended(*before, false);
            }
            assert_eq!(unanswered.open, 1);
            unanswered.ended(after, false);
            assert_eq!(unanswered.open, 0);
        }
    }

    #[test]
    fn what_answers_slowly_is_not_held_up() {
        // 1,000 a second, each answered after 300 ms: 300 are under way.
        let (mut unanswered, mut under_way) = (Unanswered::default(), 0);
        let mut open = std::collections::VecDeque::new();
        for ms in 0..5_000 {
            if open.front().is_some_and(|(at, _)| at + 300 <= ms)
                && let Some((_, begun)) = open.pop_front()
            {
                unanswered.ended(begun, true);
            }
            if !unanswered.is_full(1_000) {
                open.push_back((ms, unanswered.begin()));
            }
            if ms >= 2_000 {
                under_way = under_way.max(open.len());
                assert!(open.len() >= 299, "{} at {ms} ms", open.len());
            }
        }
        assert!(under_way <= 300, "{under_way}");
    }
}
