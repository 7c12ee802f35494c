//! Other systems report what happened, and the right person hears of it once, in their language, or somebody learns why
//! not.

#![expect(clippy::unwrap_used, reason = "a story stops where it cannot go on")]

mod examples;
mod hooks;
mod many;
mod mistakes;
mod newest;
mod once;
mod rules;
mod stage;
mod waiting;
