//! Pace of one number: sends evenly spaced under its throughput.
//!
//! Meta counts messages in any window of a second, so a bucket that saves up tokens would provoke
//! 130429 after a pause. What is saved up here is a few milliseconds of lateness, no more.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// How much lateness is made up for, as time.
const SLACK: Duration = Duration::from_millis(10);

/// The pace of a number.
#[derive(Debug)]
pub(super) struct Pace {
    gap: Duration,
    next: Instant,
}

impl Pace {
    /// `per_second` messages, of which `share` (0–1) is used.
    pub(super) fn new(per_second: i64, share: f64) -> Self {
        let mut pace = Self {
            gap: Duration::ZERO,
            next: Instant::now(),
        };
        pace.set(per_second, share);
        pace
    }

    /// Changes the pace.
    pub(super) fn set(&mut self, per_second: i64, share: f64) {
        #[expect(clippy::cast_precision_loss, reason = "throughputs are small numbers")]
        let rate = (per_second.max(1) as f64) * share.clamp(0.01, 1.0);
        self.gap = Duration::from_secs_f64(1.0 / rate);
    }

    /// Returns when the next message may leave.
    pub(super) async fn turn(&mut self) {
        let now = Instant::now();
        let at = self.next.max(now.checked_sub(SLACK).unwrap_or(now));
        self.next = at + self.gap;
        // The timer's grain is a millisecond: below that a message leaves with its neighbour.
        if at > now + Duration::from_millis(1) {
            sleep_until(at).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_second_holds_more_than_the_throughput_even_after_a_pause() {
        for per_second in [20, 80, 1_000] {
            let mut pace = Pace::new(per_second, 0.98);
            let mut left = Vec::new();
            for n in 0..3_000 {
                if n == 1_000 {
                    tokio::time::sleep(Duration::from_secs(5)).await;
                }
                pace.turn().await;
                left.push(Instant::now());
            }
            for (n, first) in left.iter().enumerate() {
                let within = left[n..]
                    .iter()
                    .take_while(|at| **at < *first + Duration::from_secs(1))
                    .count();
                assert!(
                    within <= per_second as usize,
                    "{within} messages within a second at {per_second} a second"
                );
            }
            let rate = 1_999.0 / (left[2_999] - left[1_000]).as_secs_f64();
            assert!(
                rate >= 0.97 * per_second as f64,
                "{rate:.1} a second is more than 3 % below {per_second}"
            );
        }
    }
}
