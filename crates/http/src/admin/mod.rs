//! The platform's administration: `/api/v1/admin/…`.

pub(crate) mod api_keys;
pub(crate) mod intake;
pub(crate) mod stream;
pub(crate) mod tenants;
pub(crate) mod whatsapp;
