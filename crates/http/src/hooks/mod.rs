//! Meta's webhook endpoint: `GET` verifies the callback URL, `POST` receives.

pub(crate) mod receive;
pub(crate) mod verify;
