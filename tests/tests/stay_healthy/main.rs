//! What Meta tells about accounts changes how they stand, in whatever order it comes; tokens are looked after; who
//! should know of something is told, once.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "a story ends where something is not as it should be"
)]

mod alerts;
mod callback;
mod coexistence;
mod stage;
mod standing;
mod tokens;
mod version;
mod watching;
