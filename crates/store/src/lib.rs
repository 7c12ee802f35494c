//! The database: one SQL text, two native drivers, and the durable machinery on top.
//!
//! Every function that reads or writes a tenant's rows takes the [`domain::TenantId`] first; those
//! that cross tenants say so by the prefix `any_tenant_`. Functions that take a [`db::Tx`] are steps
//! of a larger transaction; functions that take a [`db::Db`] stand alone. Hot paths take a batch and
//! run one statement per table.

pub mod account_events;
pub mod api_keys;
pub mod audit;
pub mod contacts;
pub mod conversations;
pub mod db;
pub mod early_statuses;
pub mod event_log;
pub mod idempotency;
pub mod jobs;
pub mod messages;
pub mod numbers;
pub mod outbox;
pub mod page;
pub mod parked;
pub mod people;
pub mod projector;
pub mod quick_replies;
pub mod seal;
pub mod tenants;
pub mod wabas;
pub mod webhook_log;

pub use db::{Address, Db, DbError, Result, Tx};

/// Every registered statement, by module and name: what the prepare-everything test walks.
pub fn statements() -> Vec<(String, db::Sql)> {
    let modules: &[(&str, &[(&str, db::Sql)])] = &[
        ("account_events", account_events::STATEMENTS),
        ("api_keys", api_keys::STATEMENTS),
        ("audit", audit::STATEMENTS),
        ("audit::reading", audit::reading::STATEMENTS),
        ("contacts", contacts::STATEMENTS),
        ("conversations", conversations::STATEMENTS),
        ("conversations::list", conversations::list::STATEMENTS),
        ("conversations::work", conversations::work::STATEMENTS),
        ("early_statuses", early_statuses::STATEMENTS),
        ("event_log", event_log::STATEMENTS),
        ("idempotency", idempotency::STATEMENTS),
        ("jobs", jobs::STATEMENTS),
        ("messages", messages::STATEMENTS),
        ("messages::progress", messages::progress::STATEMENTS),
        ("numbers", numbers::STATEMENTS),
        ("outbox", outbox::STATEMENTS),
        ("parked", parked::STATEMENTS),
        ("people::guesses", people::guesses::STATEMENTS),
        ("people::invitations", people::invitations::STATEMENTS),
        ("people::members", people::members::STATEMENTS),
        ("people::resets", people::resets::STATEMENTS),
        ("people::sessions", people::sessions::STATEMENTS),
        ("people::users", people::users::STATEMENTS),
        ("projector", projector::STATEMENTS),
        ("quick_replies", quick_replies::STATEMENTS),
        ("tenants", tenants::STATEMENTS),
        ("wabas", wabas::STATEMENTS),
    ];
    modules
        .iter()
        .flat_map(|(module, list)| {
            list.iter()
                .map(move |(name, sql)| (format!("{module}::{name}"), *sql))
        })
        .collect()
}
