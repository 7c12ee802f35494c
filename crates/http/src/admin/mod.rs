//! The platform's administration: `/api/v1/admin/…`.

pub(crate) mod api_keys;
pub(crate) mod health;
pub(crate) mod intake;
pub(crate) mod invitations;
pub(crate) mod stream;
pub(crate) mod tenants;
pub(crate) mod users;
pub(crate) mod whatsapp;
