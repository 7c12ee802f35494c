//! Choices drawn from the seed: a draw depends on what is decided, never on the order in which tasks happen to run.

/// The source of every choice of one simulator.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chance {
    seed: u64,
}

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// 64 bits for the decision `what` about `subject`.
    pub(crate) fn bits(self, what: &str, subject: &[u8]) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for byte in what.as_bytes().iter().chain(&[0_u8]).chain(subject) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        mix(hash)
    }

    /// 64 bits for the `count`-th decision `what` about `subject`.
    pub(crate) fn nth(self, what: &str, subject: &str, count: u64) -> u64 {
        mix(self.bits(what, subject.as_bytes()) ^ mix(count.wrapping_add(0x9e37_79b9)))
    }

    /// A number in `low..=high`.
    pub(crate) fn between(self, what: &str, subject: &str, low: u64, high: u64) -> u64 {
        low + self.bits(what, subject.as_bytes()) % (high - low + 1)
    }

    /// Whether something of probability `rate` (0 to 1) happens.
    pub(crate) fn happens(self, rate: f64, what: &str, subject: &str, count: u64) -> bool {
        rate > 0.0 && unit(self.nth(what, subject, count)) < rate
    }
}

/// The finaliser of `SplitMix64`: every input bit moves every output bit.
pub(crate) const fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}
