//! What requests give in more than one place: members that may be null, left out, or given, and the key under which a
//! request is repeated.

use axum::http::HeaderMap;
use serde::{Deserialize, Deserializer};

use crate::problem::{Problem, Result};

/// Tells `null` from a member that is not there.
pub(crate) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> std::result::Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// The `Idempotency-Key`, if there is one.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>> {
    let key = headers.get("idempotency-key").map(|value| value.to_str());
    let key = key.transpose();
    let key = key.map_err(|_| Problem::invalid("Idempotency-Key", "must be plain ASCII text"))?;
    Ok(key.map(str::to_owned))
}
