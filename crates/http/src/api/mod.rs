//! The product's API for tenants: `/api/v1/<resource>/…`, one verb a file.

pub(crate) mod api_keys;
pub(crate) mod auto_replies;
pub(crate) mod contacts;
pub(crate) mod conversations;
pub(crate) mod invitations;
pub(crate) mod me;
pub(crate) mod media;
pub(crate) mod members;
pub(crate) mod messages;
pub(crate) mod quick_replies;
pub(crate) mod session;
pub(crate) mod settings;
pub(crate) mod stream;
pub(crate) mod templates;
