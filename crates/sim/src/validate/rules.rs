//! The small questions that every validator asks, in the words Meta answers them with.

use serde_json::{Map, Value};

use crate::error::{GraphError, GraphResult};

/// A value as people would read it.
pub(super) fn text_of(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

pub(super) fn object<'a>(value: &'a Value, path: &str) -> GraphResult<&'a Map<String, Value>> {
    value
        .as_object()
        .ok_or_else(|| GraphError::parameter(format!("Param {path} must be a JSON object.")))
}

pub(super) fn member<'a>(
    map: &'a Map<String, Value>,
    path: &str,
    key: &str,
) -> GraphResult<&'a Value> {
    map.get(key)
        .filter(|value| !value.is_null())
        .ok_or_else(|| GraphError::new(131008, format!("Parameter {path}['{key}'] is required")))
}

pub(super) fn array<'a>(
    map: &'a Map<String, Value>,
    path: &str,
    key: &str,
) -> GraphResult<&'a [Value]> {
    member(map, path, key)?
        .as_array()
        .map(Vec::as_slice)
        .ok_or_else(|| GraphError::parameter(format!("Param {path}['{key}'] must be an array.")))
}

pub(super) fn string<'a>(
    map: &'a Map<String, Value>,
    path: &str,
    key: &str,
) -> GraphResult<&'a str> {
    let text = member(map, path, key)?
        .as_str()
        .ok_or_else(|| GraphError::parameter(format!("Param {path}['{key}'] must be a string.")))?;
    if text.trim().is_empty() {
        return Err(GraphError::missing(&format!("{path}['{key}']")));
    }
    Ok(text)
}

/// A required text of at most `limit` characters; too long is 131009, as Meta answers inside interactive messages.
pub(super) fn label<'a>(
    map: &'a Map<String, Value>,
    path: &str,
    key: &str,
    limit: usize,
) -> GraphResult<&'a str> {
    let text = string(map, path, key)?;
    if text.chars().count() > limit {
        return Err(GraphError::new(
            131009,
            format!("{path}['{key}'] length invalid. Min length: 1, Max length: {limit}"),
        ));
    }
    Ok(text)
}

pub(super) fn optional_label(
    map: &Map<String, Value>,
    path: &str,
    key: &str,
    limit: usize,
) -> GraphResult<()> {
    match map.get(key) {
        None | Some(Value::Null) => Ok(()),
        Some(_) => label(map, path, key, limit).map(|_| ()),
    }
}

/// A text of at most `limit` characters; too long is 100, as Meta answers at the upper levels.
pub(super) fn at_most(text: &str, limit: usize, path: &str) -> GraphResult<()> {
    if text.chars().count() > limit {
        return Err(GraphError::parameter(format!(
            "Param {path} must be at most {limit} characters long."
        )));
    }
    Ok(())
}

/// Keys that Meta does not know inside an object are refused.
pub(super) fn only(map: &Map<String, Value>, path: &str, keys: &[&str]) -> GraphResult<()> {
    map.keys()
        .find(|key| !keys.contains(&key.as_str()))
        .map_or(Ok(()), |key| {
            Err(GraphError::parameter(format!(
                "Unexpected key \"{key}\" on param \"{path}\"."
            )))
        })
}

pub(super) fn invalid<T>(details: impl Into<String>) -> GraphResult<T> {
    Err(GraphError::new(131009, details))
}

pub(super) fn is_web_link(link: &str) -> bool {
    let rest = link
        .strip_prefix("https://")
        .or_else(|| link.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && !rest.starts_with('/') && !rest.contains(char::is_whitespace)
    })
}
