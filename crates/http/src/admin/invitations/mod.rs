//! `/api/v1/admin/invitations`: into the platform's administration, or into any tenant.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;
