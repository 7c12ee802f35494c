//! What operators and other programs look at: health, readiness, metrics, the API's description.

pub(crate) mod docs;
pub(crate) mod health;
pub(crate) mod metrics;
