//! The webhook reader against every fixture, against other projects' payloads, and against noise.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a helper of tests may fail the test and speak"
)]

mod files;
mod fixtures;
mod kind;
mod noise;
mod tolerance;
