//! The database: one SQL text, two native drivers, and the durable machinery on top.
//!
//! Every function that reads or writes a tenant's rows takes the [`domain::TenantId`] first; those
//! that cross tenants say so by the prefix `any_tenant_`. Functions that take a [`db::Tx`] are steps
//! of a larger transaction; functions that take a [`db::Db`] stand alone. Hot paths take a batch and
//! run one statement per table.

pub mod account_events;
pub mod alerts;
pub mod api_keys;
pub mod audit;
pub mod budget;
pub mod connections;
pub mod contacts;
pub mod conversations;
pub mod db;
pub mod dead_letters;
pub mod early_statuses;
pub mod event_log;
pub mod events;
pub mod global_templates;
pub mod idempotency;
pub mod jobs;
pub mod links;
pub mod media;
pub mod message_events;
pub mod messages;
pub mod notification_rules;
pub mod number_pace;
pub mod numbers;
pub mod outbox;
pub mod page;
pub mod parked;
pub mod pauses;
pub mod people;
pub mod platform_settings;
pub mod projector;
pub mod quick_replies;
pub mod seal;
pub mod search;
pub mod setup_links;
mod sight;
pub mod standings;
pub mod templates;
pub mod tenants;
pub mod vitals;
pub mod wabas;
pub mod webhook_log;

pub use db::{Address, Db, DbError, Result, Tx};

/// Every registered statement, by module and name: what the prepare-everything test walks.
pub fn statements() -> Vec<(String, db::Sql)> {
    let modules: &[(&str, &[(&str, db::Sql)])] = &[
        ("account_events", account_events::STATEMENTS),
        ("alerts", alerts::STATEMENTS),
        ("api_keys", api_keys::STATEMENTS),
        ("audit", audit::STATEMENTS),
        ("audit::reading", audit::reading::STATEMENTS),
        ("budget", budget::STATEMENTS),
        ("connections", connections::STATEMENTS),
        ("connections::numbers", connections::numbers::STATEMENTS),
        ("connections::runs", connections::runs::STATEMENTS),
        ("connections::tokens", connections::tokens::STATEMENTS),
        ("contacts", contacts::STATEMENTS),
        ("conversations", conversations::STATEMENTS),
        ("conversations::list", conversations::list::STATEMENTS),
        ("conversations::work", conversations::work::STATEMENTS),
        ("dead_letters", dead_letters::STATEMENTS),
        ("early_statuses", early_statuses::STATEMENTS),
        ("event_log", event_log::STATEMENTS),
        ("events", events::STATEMENTS),
        ("events::keys", events::keys::STATEMENTS),
        ("events::results", events::results::STATEMENTS),
        ("events::sources", events::sources::STATEMENTS),
        ("global_templates", global_templates::STATEMENTS),
        ("global_templates::acts", global_templates::acts::STATEMENTS),
        (
            "global_templates::contents",
            global_templates::contents::STATEMENTS,
        ),
        (
            "global_templates::placements",
            global_templates::placements::STATEMENTS,
        ),
        (
            "global_templates::rollout",
            global_templates::rollout::STATEMENTS,
        ),
        ("idempotency", idempotency::STATEMENTS),
        ("jobs", jobs::STATEMENTS),
        ("links", links::STATEMENTS),
        ("media::accounts", media::accounts::STATEMENTS),
        ("media::files", media::files::STATEMENTS),
        ("media::of_messages", media::of_messages::STATEMENTS),
        ("media::uploads", media::uploads::STATEMENTS),
        ("message_events", message_events::STATEMENTS),
        ("messages", messages::STATEMENTS),
        ("messages::count", messages::count::STATEMENTS),
        ("messages::list", messages::list::STATEMENTS),
        ("messages::places", messages::places::STATEMENTS),
        ("messages::progress", messages::progress::STATEMENTS),
        ("messages::retries", messages::retries::STATEMENTS),
        ("notification_rules", notification_rules::STATEMENTS),
        ("number_pace", number_pace::STATEMENTS),
        ("numbers", numbers::STATEMENTS),
        ("outbox", outbox::STATEMENTS),
        ("outbox::claim", outbox::claim::STATEMENTS),
        ("outbox::holds", outbox::holds::STATEMENTS),
        ("outbox::look", outbox::look::STATEMENTS),
        ("outbox::stop", outbox::stop::STATEMENTS),
        ("parked", parked::STATEMENTS),
        ("pauses", pauses::STATEMENTS),
        ("people::guesses", people::guesses::STATEMENTS),
        ("people::invitations", people::invitations::STATEMENTS),
        ("people::members", people::members::STATEMENTS),
        ("people::resets", people::resets::STATEMENTS),
        ("people::sessions", people::sessions::STATEMENTS),
        ("people::users", people::users::STATEMENTS),
        ("platform_settings", platform_settings::STATEMENTS),
        ("projector", projector::STATEMENTS),
        ("quick_replies", quick_replies::STATEMENTS),
        ("search::hits", search::hits::STATEMENTS),
        ("search::index", search::index::STATEMENTS),
        ("search::people", search::people::STATEMENTS),
        ("search::talks", search::talks::STATEMENTS),
        ("standings", standings::STATEMENTS),
        ("setup_links", setup_links::STATEMENTS),
        ("templates", templates::STATEMENTS),
        ("templates::books", templates::books::STATEMENTS),
        ("templates::history", templates::history::STATEMENTS),
        ("templates::library", templates::library::STATEMENTS),
        ("templates::pace", templates::pace::STATEMENTS),
        ("templates::waiting", templates::waiting::STATEMENTS),
        ("tenants", tenants::STATEMENTS),
        ("vitals", vitals::STATEMENTS),
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
