//! The shared account: numbers of the platform's own WABA, each in the pool or with one tenant.

pub(crate) mod access;
mod assign;
mod reach;
mod refresh;

pub use access::{Access, Unreached, number_of};
pub use assign::{AssignError, assign, unassign};
pub use reach::{Reach, SLOWEST, reach};
pub(crate) use refresh::facts;
pub use refresh::{RefreshError, refresh, register_waba};
