//! A template as somebody wants it, judged by Meta's rules before it is kept ("templates/components").

mod authentication;
mod buttons;
mod carousel;
mod headers;
pub(crate) mod languages;
mod text;

use serde_json::Value;

use crate::error::{GraphError, GraphResult};
pub(crate) use authentication::preset;
use text::emoji;

/// Characters of a body; of one with a limited-time offer; of a card of a carousel.
const BODY: usize = 1_024;
const BODY_OF_OFFER: usize = 600;
const BODY_OF_CARD: usize = 160;
const FOOTER: usize = 60;
const OFFER: usize = 16;
/// Emoji in a body.
const EMOJI: usize = 10;

/// What is looked up while a definition is judged.
pub(crate) struct Around<'a> {
    /// `MARKETING`, `UTILITY` or `AUTHENTICATION`.
    pub(crate) category: &'a str,
    /// Parameters have names instead of numbers.
    pub(crate) named: bool,
    /// The MIME type behind the handle of an upload.
    pub(crate) handle: &'a dyn Fn(&str) -> Option<String>,
}

/// A refusal that speaks to a person: `error_user_title` and `error_user_msg`.
pub(crate) fn refused<T>(
    subcode: impl Into<Option<i64>>,
    title: &str,
    sentence: impl Into<String>,
) -> GraphResult<T> {
    Err(GraphError {
        subcode: subcode.into(),
        user: Some(Box::new((title.to_owned(), sentence.into()))),
        ..GraphError::plain(400, 100, "Invalid parameter")
    })
}

/// 2388043: a component lacks something.
pub(crate) fn lacks<T>(component: &str, field: &str) -> GraphResult<T> {
    refused(
        2_388_043,
        "Message template \"components\" param is missing expected field(s)",
        format!("component of type {component} is missing expected field(s) ({field})"),
    )
}

/// 2388040: something is too long.
pub(crate) fn too_long<T>(what: &str, most: usize) -> GraphResult<T> {
    refused(
        2_388_040,
        "Character Limit Exceeded",
        format!("The {what} has exceeded its character limit of {most}."),
    )
}

/// Which words of a component are written in capitals, whatever was sent.
pub(crate) fn kind(component: &Value) -> String {
    component["type"]
        .as_str()
        .unwrap_or_default()
        .to_uppercase()
}

/// The type words as Meta keeps them: in capitals.
pub(crate) fn normalised(components: &Value) -> Value {
    let mut components = components.clone();
    capitals(&mut components);
    components
}

fn capitals(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(capitals),
        Value::Object(map) => {
            for key in ["type", "format", "otp_type"] {
                if let Some(Value::String(word)) = map.get_mut(key) {
                    *word = word.to_uppercase();
                }
            }
            for key in ["buttons", "cards", "components"] {
                if let Some(inner) = map.get_mut(key) {
                    capitals(inner);
                }
            }
        }
        _ => {}
    }
}

/// Judges the components of a creation or an edit.
pub(crate) fn check(components: &Value, around: &Around<'_>) -> GraphResult<()> {
    let Some(list) = components.as_array().filter(|list| !list.is_empty()) else {
        return Err(GraphError::missing("components"));
    };
    let mut seen: Vec<String> = Vec::new();
    for (index, component) in list.iter().enumerate() {
        let kind = kind(component);
        if !matches!(
            kind.as_str(),
            "HEADER"
                | "BODY"
                | "FOOTER"
                | "BUTTONS"
                | "CAROUSEL"
                | "LIMITED_TIME_OFFER"
                | "CALL_PERMISSION_REQUEST"
        ) {
            return Err(GraphError::parameter(format!(
                "Param components[{index}]['type'] must be one of {{HEADER, BODY, FOOTER, BUTTONS, CAROUSEL, \
                 LIMITED_TIME_OFFER, CALL_PERMISSION_REQUEST}} - got \"{}\".",
                component["type"].as_str().unwrap_or_default()
            )));
        }
        if seen.contains(&kind) {
            return refused(
                None,
                "Component given twice",
                format!("A template has one component of type {kind} at most."),
            );
        }
        seen.push(kind);
    }
    if around.category == "AUTHENTICATION" {
        return authentication::check(list);
    }
    let has = |kind: &str| seen.iter().any(|known| known == kind);
    if !has("BODY") {
        return lacks("BODY", "text");
    }
    for component in list {
        match kind(component).as_str() {
            "HEADER" => headers::check(component, around)?,
            "BODY" => {
                let most = if has("LIMITED_TIME_OFFER") {
                    BODY_OF_OFFER
                } else {
                    BODY
                };
                body(component, around, most)?;
            }
            "FOOTER" => footer(component)?,
            "BUTTONS" => buttons::check(component, 10)?,
            "CAROUSEL" => carousel::check(component, around)?,
            "LIMITED_TIME_OFFER" => offer(component, around, list)?,
            _ if list.len() == 2 => {}
            _ => {
                return refused(
                    None,
                    "Component not allowed",
                    "A call permission request goes with a body only.",
                );
            }
        }
    }
    Ok(())
}

fn body(component: &Value, around: &Around<'_>, most: usize) -> GraphResult<()> {
    let Some(words) = component["text"].as_str().filter(|text| !text.is_empty()) else {
        return lacks("BODY", "text");
    };
    if words.chars().count() > most {
        return too_long("message body", most);
    }
    if emoji(words) > EMOJI {
        return refused(
            2_388_072,
            "Message Body Format Is Incorrect",
            format!("The message body can have {EMOJI} emoji at most."),
        );
    }
    let found = text::judged(words, around.named, "BODY")?;
    text::placed(words, found.len())?;
    text::examples(component, "BODY", &found, around.named)
}

fn footer(component: &Value) -> GraphResult<()> {
    let Some(words) = component["text"].as_str().filter(|text| !text.is_empty()) else {
        return lacks("FOOTER", "text");
    };
    if words.chars().count() > FOOTER {
        return too_long("message footer", FOOTER);
    }
    if words.contains("{{") {
        return refused(
            2_388_073,
            "Message Footer Format Is Incorrect",
            "The message footer cannot have variables.",
        );
    }
    Ok(())
}

fn offer(component: &Value, around: &Around<'_>, list: &[Value]) -> GraphResult<()> {
    let title = "Limited-time offer is not valid";
    if around.category != "MARKETING" {
        return refused(None, title, "A limited-time offer is a marketing template.");
    }
    let text = component["limited_time_offer"]["text"]
        .as_str()
        .unwrap_or_default();
    if text.is_empty() {
        return lacks("LIMITED_TIME_OFFER", "limited_time_offer");
    }
    if text.chars().count() > OFFER {
        return too_long("text of the offer", OFFER);
    }
    for other in list {
        match kind(other).as_str() {
            "FOOTER" => return refused(None, title, "A limited-time offer has no footer."),
            "BUTTONS" if !buttons::all_of(other, &["URL", "COPY_CODE"]) => {
                return refused(
                    None,
                    title,
                    "A limited-time offer has buttons of type URL and COPY_CODE only.",
                );
            }
            _ => {}
        }
    }
    Ok(())
}

/// What the review finds at once, whoever does it: the reason and a sentence.
pub(crate) fn flaw(components: &Value) -> Option<(&'static str, &'static str)> {
    for component in components.as_array().into_iter().flatten() {
        let words = component["text"].as_str().unwrap_or_default();
        if text::adjacent(words) {
            return Some((
                "INVALID_FORMAT",
                "Variables stand next to each other without words between them.",
            ));
        }
        let of_cards = component["cards"].as_array().into_iter().flatten();
        for card in of_cards {
            if let Some(found) = flaw(&card["components"]) {
                return Some(found);
            }
        }
        for button in component["buttons"].as_array().into_iter().flatten() {
            if buttons::shortened(button["url"].as_str().unwrap_or_default()) {
                return Some((
                    "INVALID_FORMAT",
                    "The link of a button is shortened or leads to WhatsApp; use the full address of your site.",
                ));
            }
        }
    }
    None
}
