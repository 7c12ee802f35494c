//! The platform's administration: `/api/v1/admin/…`.

pub(crate) mod alerts;
pub(crate) mod api_keys;
pub(crate) mod connections;
pub(crate) mod global_templates;
pub(crate) mod health;
pub(crate) mod intake;
pub(crate) mod invitations;
pub(crate) mod media;
pub(crate) mod platform;
pub(crate) mod queue;
pub(crate) mod setup_links;
pub(crate) mod stream;
pub(crate) mod templates;
pub(crate) mod tenants;
pub(crate) mod users;
pub(crate) mod whatsapp;
