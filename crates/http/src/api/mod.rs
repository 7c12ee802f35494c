//! The product's API for tenants: `/api/v1/<resource>/…`, one verb a file.

pub(crate) mod api_keys;
pub(crate) mod auto_replies;
pub(crate) mod contacts;
pub(crate) mod conversations;
pub(crate) mod messages;
pub(crate) mod stream;
