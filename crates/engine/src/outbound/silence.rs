//! A number whose sends get no answer rests: each of them may have arrived or not, so what goes on leaving while
//! WhatsApp is down only adds to what a person has to decide about. One message at a time tries whether it answers.

use std::time::Duration;

use domain::Timestamp;
use store::outbox::look::Hold;

use super::held::Held;

/// So many sends in a row without an answer, and the number rests.
const IN_A_ROW: u32 = 3;
/// The first rest; each further one is twice as long.
const FIRST: Duration = Duration::from_secs(1);
/// The longest rest.
const LONGEST: Duration = Duration::from_secs(60);
/// What people read meanwhile.
const EXPLANATION: &str = "WhatsApp does not answer. One message tries from time to time; the others wait, and leave by themselves as soon as it answers again.";

/// Sends in a row that got no answer.
#[derive(Debug, Default)]
pub(super) struct Silence(u32);

impl Silence {
    /// WhatsApp answered, whatever it said: what rested because it did not goes on. True when something did.
    pub(super) fn broken(&mut self, held: &mut Option<Held>) -> bool {
        self.0 = 0;
        let rested = held.as_ref().is_some_and(is_silence);
        if rested {
            *held = None;
        }
        rested
    }

    /// One more send got no answer. What was under way together is one try.
    pub(super) fn heard_nothing(&mut self, held: &mut Option<Held>, now: Timestamp) {
        self.0 = self.0.saturating_add(1);
        match held {
            Some(held) if is_silence(held) && held.trying => {
                held.probes += 1;
                held.trying = false;
                held.until = now.plus(rest(held.probes));
            }
            // It waits already, or for something else.
            Some(_) => {}
            None if self.0 >= IN_A_ROW => {
                *held = Some(Held {
                    until: now.plus(rest(1)),
                    probes: 1,
                    ..Held::new(Hold::Unreachable, 0, EXPLANATION, now)
                });
            }
            None => {}
        }
    }
}

/// Whether a number rests because nothing answers.
pub(super) fn is_silence(held: &Held) -> bool {
    held.hold == Hold::Unreachable
}

/// How long it rests after so many tries.
pub(super) fn rest(tries: i64) -> Duration {
    let doublings = u32::try_from((tries - 1).clamp(0, 8)).unwrap_or(0);
    (FIRST * 2_u32.pow(doublings)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000_000_000_000);

    #[test]
    fn three_in_a_row_rest_longer_and_longer_until_there_is_an_answer() {
        let (mut silence, mut held) = (Silence::default(), None);
        for _ in 0..2 {
            silence.heard_nothing(&mut held, NOW);
        }
        assert!(held.is_none(), "an answer may be lost");
        silence.broken(&mut held);
        for _ in 0..3 {
            silence.heard_nothing(&mut held, NOW);
        }
        let mut rests = Vec::new();
        for _ in 0..8 {
            // What was under way with the others says nothing new.
            silence.heard_nothing(&mut held, NOW);
            let waits = held.as_mut().expect("it rests");
            rests.push(waits.until.since(NOW).as_secs());
            waits.trying = true;
            silence.heard_nothing(&mut held, NOW);
        }
        assert_eq!(rests, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert!(silence.broken(&mut held) && held.is_none());
    }

    #[test]
    fn what_waits_for_something_else_goes_on_waiting_for_it() {
        let payment = || Some(Held::new(Hold::Payment, 131_042, "pay", NOW));
        let (mut silence, mut held) = (Silence::default(), payment());
        for _ in 0..5 {
            silence.heard_nothing(&mut held, NOW);
        }
        assert!(!silence.broken(&mut held));
        assert_eq!(held.map(|held| held.hold), Some(Hold::Payment));
    }
}
