//! Templates that Meta lets out by degrees: the first messages go, the rest is held until their quality is judged.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::phones::Fate;

/// How a template is paced.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PacingSpec {
    /// Messages that go before the rest is held.
    pub(crate) first: u64,
    /// What Meta decides by itself.
    pub(crate) outcome: Outcome,
    /// Virtual minutes from the first held message to the decision; `null`: only on command.
    pub(crate) after_minutes: Option<u32>,
}

impl Default for PacingSpec {
    fn default() -> Self {
        Self {
            first: 0,
            outcome: Outcome::Release,
            after_minutes: Some(30),
        }
    }
}

/// Meta's verdict on a paced template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// What was held goes out, and pacing ends.
    Release,
    /// The template is paused, what was held fails with 132015.
    Pause,
}

/// A paced template at work.
pub(crate) struct Pacing {
    pub(crate) spec: PacingSpec,
    pub(crate) passed: u64,
    pub(crate) held: Vec<(Arc<str>, Fate)>,
    /// Tells a decision that was scheduled for an earlier pacing from one for this.
    pub(crate) round: u64,
}
