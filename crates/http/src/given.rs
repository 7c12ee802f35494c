//! What requests give in more than one place: members that may be null, left out, or given, and the key under which a
//! request is repeated.

use axum::http::HeaderMap;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::problem::{Problem, Result};

/// Tells `null` from a member that is not there.
pub(crate) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> std::result::Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// A filter that decides what is done: a member that it does not know (misspelt, perhaps) is an error, because without
/// it more would be done than was meant. In a query the same filter stands beside other parameters.
pub(crate) fn exact<'de, D, T>(from: D) -> std::result::Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Serialize + Default,
{
    let Some(given) = Option::<Map<String, Value>>::deserialize(from)? else {
        return Ok(None);
    };
    let known = serde_json::to_value(T::default()).map_err(D::Error::custom)?;
    if let Some(odd) = given.keys().find(|name| known.get(name).is_none()) {
        let known: Vec<_> = known.as_object().into_iter().flat_map(Map::keys).collect();
        return Err(D::Error::custom(format!(
            "unknown field `{odd}`; known are {known:?}"
        )));
    }
    T::deserialize(Value::Object(given))
        .map(Some)
        .map_err(D::Error::custom)
}

/// The `Idempotency-Key`, if there is one.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>> {
    let key = headers.get("idempotency-key").map(|value| value.to_str());
    let key = key.transpose();
    let key = key.map_err(|_| Problem::invalid("Idempotency-Key", "must be plain ASCII text"))?;
    Ok(key.map(str::to_owned))
}
