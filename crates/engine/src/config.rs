//! Settings of the engine, already checked.

use std::time::Duration;

use domain::Timestamp;

/// Settings of the way in.
#[derive(Debug, Clone)]
pub struct InboundConfig {
    /// How many posts may wait for projection before intake holds its answers back. Meta is told 503
    /// when they have not shrunk within [`InboundConfig::patience`].
    pub max_backlog: i64,
    /// How long a post waits for room.
    pub patience: Duration,
    /// How long projected posts are kept for replay.
    pub keep: Duration,
}

impl Default for InboundConfig {
    fn default() -> Self {
        Self {
            max_backlog: 8_192,
            patience: Duration::from_secs(2),
            keep: Duration::from_secs(72 * 3_600),
        }
    }
}

/// Settings of the way out.
#[derive(Debug, Clone)]
pub struct OutboundConfig {
    /// How long after a send of unknown outcome its status webhook is waited for.
    pub settle: Duration,
    /// How often a send that Meta refused for a passing reason is tried in all.
    pub max_attempts: i64,
    /// Share of a number's throughput that is used, so that jitter on the way never provokes 130429.
    pub use_of_throughput: f64,
}

impl Default for OutboundConfig {
    fn default() -> Self {
        Self {
            settle: Duration::from_secs(600),
            max_attempts: 8,
            use_of_throughput: 0.98,
        }
    }
}

/// Back-off of a send: 2 s doubling to 5 minutes.
pub(crate) fn exponential(attempts: i64, now: Timestamp) -> Timestamp {
    let doublings = u32::try_from(attempts.clamp(1, 9)).unwrap_or(1);
    now.plus(Duration::from_secs((1_u64 << doublings).min(300)))
}
