//! What requests give in more than one place: members that may be null, left out, or given, and the key under which a
//! request is repeated.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
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

/// A body that may be left out. One that is there is never overlooked (without the `Content-Type` of JSON it is refused):
/// without it a request would do more than was meant, and a key that was to have one scope would have all.
pub(crate) struct Perhaps<T>(pub(crate) Option<T>);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Perhaps<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let (parts, body) = request.into_parts();
        let limited = Request::from_parts(parts.clone(), body);
        let body = Bytes::from_request(limited, state).await?;
        if body.is_empty() {
            return Ok(Self(None));
        }
        let request = Request::from_parts(parts, Body::from(body));
        let Json(given) = Json::from_request(request, state).await?;
        Ok(Self(Some(given)))
    }
}

/// The `Idempotency-Key`, if there is one.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>> {
    let key = headers.get("idempotency-key").map(|value| value.to_str());
    let key = key.transpose();
    let key = key.map_err(|_| Problem::invalid("Idempotency-Key", "must be plain ASCII text"))?;
    Ok(key.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(kind: Option<&str>, body: &str) -> std::result::Result<Option<Vec<u8>>, u16> {
        let mut request = Request::builder();
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let read = Perhaps::from_request(request, &()).await;
        read.map(|Perhaps(given)| given).map_err(|problem| {
            axum::response::IntoResponse::into_response(problem)
                .status()
                .as_u16()
        })
    }

    #[tokio::test]
    async fn a_body_that_may_be_left_out_is_read_when_it_is_there() {
        let json = Some("application/json");
        assert_eq!(read(None, "").await, Ok(None));
        assert_eq!(read(json, "").await, Ok(None));
        assert_eq!(read(json, "[1]").await, Ok(Some(vec![1])));
        assert_eq!(read(None, "[1]").await, Err(415), "not overlooked");
        assert_eq!(read(json, "[").await, Err(400));
    }
}
