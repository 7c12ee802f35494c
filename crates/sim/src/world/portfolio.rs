//! The messaging limit of the portfolio: unique users written to outside of windows within 24 hours.

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Serialize};

const DAY_MS: u64 = 24 * 3_600 * 1_000;

/// Meta's steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Tier {
    #[serde(rename = "TIER_250")]
    T250,
    #[serde(rename = "TIER_2K")]
    T2K,
    #[serde(rename = "TIER_10K")]
    T10K,
    #[serde(rename = "TIER_100K")]
    T100K,
    #[serde(rename = "TIER_UNLIMITED")]
    Unlimited,
}

impl Tier {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::T250 => "TIER_250",
            Self::T2K => "TIER_2K",
            Self::T10K => "TIER_10K",
            Self::T100K => "TIER_100K",
            Self::Unlimited => "TIER_UNLIMITED",
        }
    }

    pub(crate) fn users(self) -> Option<usize> {
        match self {
            Self::T250 => Some(250),
            Self::T2K => Some(2_000),
            Self::T10K => Some(10_000),
            Self::T100K => Some(100_000),
            Self::Unlimited => None,
        }
    }

    pub(crate) fn next(self) -> Self {
        match self {
            Self::T250 => Self::T2K,
            Self::T2K => Self::T10K,
            Self::T10K => Self::T100K,
            Self::T100K | Self::Unlimited => Self::Unlimited,
        }
    }
}

/// How the message above the limit is told; Meta does not say which.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Refusal {
    /// Accepted, then a failed status.
    #[default]
    Status,
    /// HTTP 400.
    Sync,
}

/// The limit and who was written to. Without a tier nothing is counted.
#[derive(Debug, Default)]
pub(crate) struct Portfolio {
    pub(crate) tier: Option<Tier>,
    pub(crate) refusal: Refusal,
    /// A verified business leaves the first step by itself.
    pub(crate) verified: bool,
    /// A raise is on its way.
    pub(crate) raising: bool,
    last: HashMap<Box<str>, u64>,
    order: VecDeque<(u64, Box<str>)>,
}

impl Portfolio {
    /// Users written to within the last 24 hours.
    pub(crate) fn used(&mut self, now_ms: u64) -> usize {
        while let Some((at_ms, _)) = self.order.front()
            && at_ms.saturating_add(DAY_MS) <= now_ms
            && let Some((at_ms, user)) = self.order.pop_front()
        {
            // Somebody written to again stands further back in the order, too.
            if self.last.get(&user) == Some(&at_ms) {
                self.last.remove(&user);
            }
        }
        self.last.len()
    }

    /// Whether one more message to `user` is within the limit; then it is counted.
    pub(crate) fn admits(&mut self, user: &str, now_ms: u64) -> bool {
        let Some(tier) = self.tier else {
            return true;
        };
        let used = self.used(now_ms);
        let known = self.last.contains_key(user);
        if !known && tier.users().is_some_and(|limit| used >= limit) {
            return false;
        }
        self.last.insert(user.into(), now_ms);
        self.order.push_back((now_ms, user.into()));
        true
    }

    /// Whether enough of the limit is used for a raise: half of it.
    pub(crate) fn deserves_raise(&mut self, now_ms: u64) -> bool {
        let used = self.used(now_ms);
        let Some(tier) = self.tier else {
            return false;
        };
        !self.raising
            && (tier != Tier::T250 || self.verified)
            && tier.users().is_some_and(|limit| used * 2 >= limit)
    }

    pub(crate) fn forget(&mut self) {
        self.last.clear();
        self.order.clear();
        self.raising = false;
    }
}
