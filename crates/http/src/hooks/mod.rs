//! Where others post: Meta's webhook endpoint (`GET` verifies the callback URL, `POST` receives), and the addresses of
//! tenants' own systems.

pub(crate) mod events;
pub(crate) mod receive;
pub(crate) mod verify;
