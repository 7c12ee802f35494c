//! `/api/v1/admin/api-keys`: keys of the platform's administration.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;
