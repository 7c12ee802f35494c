//! `/api/v1/admin/templates`: what is on the accounts that several tenants share. About what all of them send, the
//! platform decides.

pub(crate) mod list;
pub(crate) mod release;
pub(crate) mod unpause;
mod view;
