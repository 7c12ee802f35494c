//! `/api/v1/admin/alerts`: what the platform should know of, its tenants' alerts included.

pub(crate) mod dismiss;
pub(crate) mod list;
