//! Calls of the last hour, as the limits of the management side count them.

use std::collections::VecDeque;

const HOUR_MS: u64 = 3_600_000;

/// Virtual moments of the last hour.
#[derive(Debug, Default)]
pub(crate) struct Hourly {
    moments: VecDeque<u64>,
}

impl Hourly {
    /// How many of the last hour.
    pub(crate) fn count(&mut self, now_ms: u64) -> usize {
        while self
            .moments
            .front()
            .is_some_and(|first| first.saturating_add(HOUR_MS) <= now_ms)
        {
            self.moments.pop_front();
        }
        self.moments.len()
    }

    /// One more, unless `limit` are there: then the minutes until the oldest is an hour old.
    pub(crate) fn take(&mut self, now_ms: u64, limit: usize) -> Result<(), u32> {
        if self.count(now_ms) < limit {
            self.moments.push_back(now_ms);
            return Ok(());
        }
        let wait_ms = self.moments.front().map_or(0, |first| {
            first.saturating_add(HOUR_MS).saturating_sub(now_ms)
        });
        Err(u32::try_from(wait_ms.div_ceil(60_000)).unwrap_or(60))
    }
}
