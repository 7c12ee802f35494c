//! How fast one number may send: messages per second, and messages to one user.

use std::time::{Duration, Instant};

use crate::error::{GraphError, GraphResult};
use crate::world::Number;

/// One message per six seconds to one user …
const PAIR_GAP_MS: u64 = 6_000;
/// … with up to 45 borrowed from the future.
const PAIR_BURST: u64 = 45;
/// Users whose pair quota is remembered per number before those at rest are forgotten.
const PAIRS: usize = 100_000;
/// Messages per second of a number that the WhatsApp Business app uses as well.
const COEXISTENCE: u32 = 20;

/// Messages per second of a number, in and out together.
pub(crate) fn per_second(number: &Number) -> usize {
    let spec = &number.spec;
    let mps = if spec.coexistence {
        spec.mps.min(COEXISTENCE)
    } else {
        spec.mps
    };
    mps as usize
}

/// A sliding second of real time, messages in and out counted together.
pub(super) fn throughput(number: &mut Number) -> GraphResult<()> {
    let now = Instant::now();
    forget_traffic(number, now);
    if number.traffic.len() >= per_second(number) {
        return Err(GraphError::new(
            130429,
            "Cloud API message throughput has been reached.",
        ));
    }
    number.traffic.push_back(now);
    Ok(())
}

pub(crate) fn forget_traffic(number: &mut Number, now: Instant) {
    while number
        .traffic
        .front()
        .is_some_and(|first| now.duration_since(*first) >= Duration::from_secs(1))
    {
        number.traffic.pop_front();
    }
}

pub(super) fn pair_rate(number: &mut Number, to: &str, now_ms: u64) -> GraphResult<()> {
    if number.pairs.len() > PAIRS {
        number
            .pairs
            .retain(|_, paid_back_ms| *paid_back_ms > now_ms);
    }
    let paid_back_ms = number.pairs.get(to).copied().unwrap_or(0).max(now_ms) + PAIR_GAP_MS;
    if paid_back_ms - now_ms > PAIR_BURST * PAIR_GAP_MS {
        return Err(GraphError::new(
            131056,
            "Too many messages sent from the sender phone number to the same recipient phone number in a short period of time.",
        ));
    }
    number.pairs.insert(to.into(), paid_back_ms);
    Ok(())
}
