//! Text, media, locations and reactions.

use serde_json::Value;

use super::rules::{at_most, invalid, is_web_link, member, object, only, string};
use super::{MediaRef, MediaSource};
use crate::error::{GraphError, GraphResult};

/// `{preview_url?, body}`; 4,096 characters.
pub(super) fn text(content: &Value) -> GraphResult<()> {
    let map = object(content, "text")?;
    only(map, "text", &["body", "preview_url"])?;
    match map.get("body") {
        Some(Value::String(body)) if !body.trim().is_empty() => {
            at_most(body, 4_096, "text['body']")?;
        }
        Some(Value::String(_)) | None | Some(Value::Null) => {
            return Err(GraphError::missing("text['body']"));
        }
        Some(_) => {
            return Err(GraphError::parameter(
                "Param text['body'] must be a string.",
            ));
        }
    }
    match map.get("preview_url") {
        None | Some(Value::Bool(_) | Value::Null) => Ok(()),
        Some(_) => Err(GraphError::parameter(
            "Param text['preview_url'] must be a boolean.",
        )),
    }
}

/// A media object: `id` or `link`, and what its kind allows beside it.
pub(super) fn media(kind: &'static str, content: &Value, path: &str) -> GraphResult<MediaRef> {
    let map = object(content, path)?;
    let keys: &[&str] = match kind {
        "image" | "video" => &["id", "link", "caption"],
        "document" => &["id", "link", "caption", "filename"],
        "audio" => &["id", "link", "voice"],
        _ => &["id", "link"],
    };
    only(map, path, keys)?;
    if let Some(caption) = map.get("caption").filter(|caption| !caption.is_null()) {
        let Value::String(caption) = caption else {
            return Err(GraphError::parameter(format!(
                "Param {path}['caption'] must be a string."
            )));
        };
        at_most(caption, 1_024, &format!("{path}['caption']"))?;
    }
    match map.get("filename") {
        None | Some(Value::Null) => {}
        Some(Value::String(filename)) => at_most(filename, 240, &format!("{path}['filename']"))?,
        Some(_) => {
            return Err(GraphError::parameter(format!(
                "Param {path}['filename'] must be a string."
            )));
        }
    }
    if map.get("voice").is_some_and(|voice| !voice.is_boolean()) {
        return Err(GraphError::parameter(format!(
            "Param {path}['voice'] must be a boolean."
        )));
    }
    let source = match (map.get("id"), map.get("link")) {
        (Some(Value::String(_)), Some(Value::String(_))) => {
            return Err(GraphError::parameter(format!(
                "Param {path} must have either id or link, not both."
            )));
        }
        (Some(Value::String(id)), _) if !id.is_empty() => MediaSource::Id(id.clone()),
        (_, Some(Value::String(link))) => {
            if !is_web_link(link) {
                return Err(GraphError::parameter(format!(
                    "Param {path}['link'] is not a valid URI."
                )));
            }
            MediaSource::Link(link.clone())
        }
        (None | Some(Value::Null), None | Some(Value::Null)) => {
            return Err(GraphError::new(
                131008,
                format!("Parameter {path} must have either id or link"),
            ));
        }
        _ => {
            return Err(GraphError::parameter(format!(
                "Param {path}['id'] must be a string."
            )));
        }
    };
    Ok(MediaRef {
        kind,
        path: path.to_owned(),
        source,
    })
}

/// `{latitude, longitude, name?, address?}`; numbers may come as text.
pub(super) fn location(content: &Value, path: &str) -> GraphResult<()> {
    let map = object(content, path)?;
    only(map, path, &["latitude", "longitude", "name", "address"])?;
    for (key, limit) in [("latitude", 90.0), ("longitude", 180.0)] {
        let value = member(map, path, key)?;
        let degrees = value
            .as_f64()
            .or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        match degrees {
            Some(degrees) if (-limit..=limit).contains(&degrees) => {}
            _ => {
                return invalid(format!(
                    "{path}['{key}'] must be between -{limit} and {limit}"
                ));
            }
        }
    }
    for key in ["name", "address"] {
        if map.get(key).is_some_and(|value| !value.is_null()) {
            string(map, path, key)?;
        }
    }
    Ok(())
}

/// `{message_id, emoji}`; an empty emoji takes the reaction back.
pub(super) fn reaction(content: &Value) -> GraphResult<String> {
    let map = object(content, "reaction")?;
    only(map, "reaction", &["message_id", "emoji"])?;
    let target = string(map, "reaction", "message_id")?;
    let emoji = member(map, "reaction", "emoji")?
        .as_str()
        .ok_or_else(|| GraphError::parameter("Param reaction['emoji'] must be a string."))?;
    if emoji.chars().count() > 12
        || emoji
            .chars()
            .any(|character| character.is_alphabetic() || character.is_whitespace())
        || (!emoji.is_empty() && emoji.is_ascii())
    {
        return invalid("reaction['emoji'] must be a single emoji");
    }
    Ok(target.to_owned())
}
