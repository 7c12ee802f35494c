//! Files: every one that a customer sends is kept or shown as tried again, every one that is sent is given to Meta
//! once, and nothing is kept longer or larger than it may.

#![expect(clippy::unwrap_used, reason = "a story stops where it cannot go on")]

mod coming;
mod keeping;
mod sending;
mod serving;
mod stage;
