//! Headers: one line of text, a medium with its sample, a place or a product.

use serde_json::Value;

use super::text::{emoji, examples, judged};
use super::{Around, lacks, refused, too_long};
use crate::error::{GraphError, GraphResult};

const TEXT: usize = 60;

pub(super) fn check(component: &Value, around: &Around<'_>) -> GraphResult<()> {
    let format = component["format"]
        .as_str()
        .unwrap_or_default()
        .to_uppercase();
    match format.as_str() {
        "TEXT" => line(component, around),
        "IMAGE" | "VIDEO" | "DOCUMENT" | "GIF" => sample(component, &format, around),
        "LOCATION" | "PRODUCT" => Ok(()),
        "" => lacks("HEADER", "format"),
        other => Err(GraphError::parameter(format!(
            "Param format must be one of {{TEXT, IMAGE, VIDEO, DOCUMENT, GIF, LOCATION, PRODUCT}} - got \"{other}\"."
        ))),
    }
}

fn line(component: &Value, around: &Around<'_>) -> GraphResult<()> {
    let Some(words) = component["text"].as_str().filter(|text| !text.is_empty()) else {
        return lacks("HEADER", "text");
    };
    if words.chars().count() > TEXT {
        return too_long("message header", TEXT);
    }
    if words.contains(['\n', '\r', '*', '~', '`']) || emoji(words) > 0 {
        return refused(
            2_388_047,
            "Message Header Format Is Incorrect",
            "The message header can't have any new lines, formatting characters, emojis, or asterisks.",
        );
    }
    let found = judged(words, around.named, "HEADER")?;
    if found.len() > 1 {
        return refused(
            2_388_047,
            "Message Header Format Is Incorrect",
            "The message header can have one variable at most.",
        );
    }
    examples(component, "HEADER", &found, around.named)
}

/// The handle of a resumable upload of the right kind.
pub(super) fn sample(component: &Value, format: &str, around: &Around<'_>) -> GraphResult<()> {
    let handle = component["example"]["header_handle"][0]
        .as_str()
        .filter(|handle| !handle.is_empty());
    let Some(handle) = handle else {
        return lacks("HEADER", "example");
    };
    let title = "Invalid media handle";
    let Some(mime_type) = (around.handle)(handle) else {
        return refused(
            None,
            title,
            "The header_handle is not one that an upload of this app was given.",
        );
    };
    let fits = match format {
        "IMAGE" => mime_type.starts_with("image/"),
        "DOCUMENT" => mime_type == "application/pdf",
        _ => mime_type.starts_with("video/"),
    };
    if !fits {
        return refused(
            None,
            title,
            format!("The sample of a header of format {format} cannot be {mime_type}."),
        );
    }
    Ok(())
}
