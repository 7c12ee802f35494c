//! A histogram of microseconds with about 1.5 % precision and a fixed size.

/// Buckets for one power of two.
const FINE: usize = 64;
const FINE_BITS: u32 = FINE.trailing_zeros();

/// Counts of durations; recording is an addition, so that it does not disturb what is measured.
#[derive(Clone)]
pub(crate) struct Histogram {
    buckets: Vec<u64>,
    count: u64,
}

impl Histogram {
    pub(crate) fn new() -> Self {
        Self {
            buckets: vec![0; FINE * (65 - FINE_BITS as usize)],
            count: 0,
        }
    }

    pub(crate) fn record(&mut self, duration: std::time::Duration) {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        self.buckets[bucket(micros)] += 1;
        self.count += 1;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine += theirs;
        }
        self.count += other.count;
    }

    /// The duration in milliseconds that this share (0 to 1) of all did not exceed; 0 when nothing was recorded.
    pub(crate) fn quantile_ms(&self, share: f64) -> f64 {
        let rank = (self.count as f64 * share).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (index, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return upper_bound(index) as f64 / 1_000.0;
            }
        }
        0.0
    }
}

fn bucket(micros: u64) -> usize {
    let Some(shift) = micros
        .checked_ilog2()
        .and_then(|power| power.checked_sub(FINE_BITS))
    else {
        return micros as usize;
    };
    FINE * (shift as usize + 1) + (micros >> shift) as usize - FINE
}

fn upper_bound(index: usize) -> u64 {
    if index < 2 * FINE {
        return index as u64;
    }
    let shift = index / FINE - 1;
    (((index % FINE + FINE) as u64 + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn every_value_lies_in_a_bucket_that_bounds_it_closely() {
        for micros in [
            0,
            1,
            63,
            64,
            65,
            127,
            128,
            129,
            1_000,
            4_095,
            4_096,
            20_000,
            1_000_000,
            3_600_000_000,
        ] {
            let bound = upper_bound(bucket(micros));
            assert!(bound >= micros, "{micros} in a bucket that ends at {bound}");
            assert!(
                bound - micros <= micros / 50,
                "{micros} is shown as {bound}"
            );
        }
    }

    #[test]
    fn the_99th_percentile_is_the_slow_one_in_a_hundred() {
        let mut histogram = Histogram::new();
        for millis in 1..=100 {
            histogram.record(Duration::from_millis(millis));
        }
        assert!(
            (histogram.quantile_ms(0.5) - 50.0).abs() < 1.0,
            "{}",
            histogram.quantile_ms(0.5)
        );
        assert!(
            (histogram.quantile_ms(0.99) - 99.0).abs() < 2.0,
            "{}",
            histogram.quantile_ms(0.99)
        );
    }
}
