//! See crates/README.md.
