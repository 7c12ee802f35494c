//! What may not leave yet is held, says why, and leaves when that is over; what is taken back never leaves.

#![expect(clippy::unwrap_used, reason = "a story stops where it cannot go on")]

mod limits;
mod people;
mod silence;
mod stage;
mod time;
mod trouble;
