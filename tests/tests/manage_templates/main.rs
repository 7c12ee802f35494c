//! Templates of a tenant: written, reviewed, sent, paused, made dearer and deleted, and never another tenant's.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a story ends where something is not as it should be"
)]

mod agree;
mod decided;
mod held;
mod review;
mod rules;
mod shared;
mod stage;
mod written;
