//! Templates that the platform writes once and that every tenant's account gets: within Meta's limits, once each,
//! whatever happens on the way.

#![expect(clippy::unwrap_used, reason = "a story stops where it cannot go on")]

mod many;
mod newcomers;
mod sharing;
mod stage;
mod trouble;
mod versions;
mod writing;
