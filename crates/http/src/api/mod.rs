//! The product's API for tenants: `/api/v1/<resource>/…`, one verb a file.

pub(crate) mod alerts;
pub(crate) mod api_keys;
pub(crate) mod auto_replies;
pub(crate) mod connection_history;
pub(crate) mod connections;
pub(crate) mod contacts;
pub(crate) mod conversations;
pub(crate) mod dead_letters;
pub(crate) mod event_sources;
pub(crate) mod events;
pub(crate) mod invitations;
pub(crate) mod me;
pub(crate) mod media;
pub(crate) mod members;
pub(crate) mod messages;
pub(crate) mod notification_rules;
pub(crate) mod queue;
pub(crate) mod quick_replies;
pub(crate) mod session;
pub(crate) mod settings;
pub(crate) mod setup;
pub(crate) mod stream;
pub(crate) mod templates;
