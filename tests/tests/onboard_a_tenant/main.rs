//! From "Connect WhatsApp" to a number that works, whatever happens on the way.

#![expect(clippy::unwrap_used, reason = "a story stops where it cannot go on")]

mod claims;
mod every_way;
mod leaving;
mod numbers;
mod second_thoughts;
mod stage;
mod trouble;
mod words;
