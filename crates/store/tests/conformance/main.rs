//! One suite, both databases: what holds on SQLite holds on PostgreSQL.
//!
//! PostgreSQL's address comes from `TRUNKLINE_TEST_POSTGRES` (the test command sets it); without it
//! those tests say that they were skipped.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at what it did not expect, and says what it skipped"
)]

mod databases;
mod lost;
mod messages;
mod outbox;
mod plans;
mod schema;
mod webhook_log;
mod writer;
