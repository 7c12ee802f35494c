//! The shared account: numbers of the platform's own WABA, each in the pool or with one tenant.

mod assign;
mod probe;
pub(crate) mod reach;
mod refresh;

pub use assign::{AssignError, assign, unassign};
pub use probe::{Probe, SLOWEST, probe};
pub use reach::{Reach, Unreached, number_of};
pub use refresh::{RefreshError, refresh, register_waba};
