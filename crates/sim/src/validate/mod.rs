//! Judges the body of `POST /{phone_number_id}/messages` by Meta's documents alone.
//!
//! Only what Meta refuses at once is refused here. What it accepts and lets fail later (a closed window, a user without
//! WhatsApp, a dead link) is none of this module's business.

mod contacts;
mod content;
pub(crate) mod filled;
mod interactive;
mod rules;
pub(crate) mod template;

use serde_json::{Map, Value};

use crate::error::{GraphError, GraphResult};
use rules::{at_most, text_of};

/// A media object somewhere in a message.
#[derive(Debug, Clone)]
pub(crate) struct MediaRef {
    /// `image`, `video`, `audio`, `document` or `sticker`.
    pub(crate) kind: &'static str,
    /// Where in the request, in Meta's notation.
    pub(crate) path: String,
    pub(crate) source: MediaSource,
}

#[derive(Debug, Clone)]
pub(crate) enum MediaSource {
    Id(String),
    Link(String),
}

/// A message whose form is right.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) kind: &'static str,
    /// What was addressed, as written.
    pub(crate) input: String,
    /// The phone in digits, unless a BSUID was addressed.
    pub(crate) phone: Option<String>,
    pub(crate) callback_data: Option<String>,
    pub(crate) media: Vec<MediaRef>,
    /// The message that a reaction aims at.
    pub(crate) reaction_target: Option<String>,
    /// A voice note reports `played`.
    pub(crate) voice: bool,
}

/// The types Meta names when it refuses one.
const KINDS: [&str; 13] = [
    "audio",
    "contacts",
    "document",
    "image",
    "interactive",
    "location",
    "pin",
    "reaction",
    "sticker",
    "template",
    "text",
    "video",
    "order",
];

/// Checks a whole send.
pub(crate) fn message(body: &Map<String, Value>) -> GraphResult<Checked> {
    product(body)?;
    let recipient_type = match body.get("recipient_type") {
        None => "individual",
        Some(Value::String(given)) if given.eq_ignore_ascii_case("individual") => "individual",
        Some(Value::String(given)) if given.eq_ignore_ascii_case("group") => "group",
        Some(other) => {
            return Err(GraphError::parameter(format!(
                "Param recipient_type must be one of {{INDIVIDUAL, GROUP}} - got \"{}\".",
                text_of(other)
            )));
        }
    };
    let (input, phone) = addressee(body)?;
    let kind = kind(body)?;
    if recipient_type == "group" {
        return Err(GraphError::new(131009, "Group does not exist"));
    }
    let callback_data = match body.get("biz_opaque_callback_data") {
        None | Some(Value::Null) => None,
        Some(Value::String(data)) => {
            at_most(data, 512, "biz_opaque_callback_data")?;
            Some(data.clone())
        }
        Some(_) => {
            return Err(GraphError::parameter(
                "Param biz_opaque_callback_data must be a string.",
            ));
        }
    };
    if let Some(context) = body.get("context") {
        quote(context, kind)?;
    }
    let mut checked = Checked {
        kind,
        input,
        phone,
        callback_data,
        media: Vec::new(),
        reaction_target: None,
        voice: false,
    };
    let Some(content) = body.get(kind).filter(|content| !content.is_null()) else {
        return Err(GraphError::new(
            131008,
            format!("Parameter of type {kind} is missing {kind}"),
        ));
    };
    match kind {
        "text" => content::text(content)?,
        "image" | "video" | "audio" | "document" | "sticker" => {
            checked.media.push(content::media(kind, content, kind)?);
            checked.voice = kind == "audio" && content["voice"] == true;
        }
        "location" => content::location(content, "location")?,
        "reaction" => checked.reaction_target = Some(content::reaction(content)?),
        "contacts" => contacts::contacts(content)?,
        "interactive" => interactive::interactive(content, &mut checked.media)?,
        "template" => template::form(content, &mut checked.media)?,
        "pin" => {
            return Err(GraphError::new(
                131009,
                "Pinning a message is possible in groups only",
            ));
        }
        _ => {
            return Err(GraphError::new(
                131051,
                format!("Message type {kind} is not currently supported"),
            ));
        }
    }
    Ok(checked)
}

/// `messaging_product` must be there and be `whatsapp`.
pub(crate) fn product(body: &Map<String, Value>) -> GraphResult<()> {
    match body.get("messaging_product") {
        Some(Value::String(product)) if product.eq_ignore_ascii_case("whatsapp") => Ok(()),
        None | Some(Value::Null) => Err(GraphError::missing("messaging_product")),
        Some(other) => Err(GraphError::parameter(format!(
            "Param messaging_product must be one of {{WHATSAPP}} - got \"{}\".",
            text_of(other)
        ))),
    }
}

fn kind(body: &Map<String, Value>) -> GraphResult<&'static str> {
    let given = match body.get("type") {
        None | Some(Value::Null) => return Ok("text"),
        Some(Value::String(given)) => given.to_lowercase(),
        Some(other) => text_of(other),
    };
    KINDS
        .into_iter()
        .find(|known| *known == given)
        .ok_or_else(|| {
            let known: Vec<String> = KINDS.iter().map(|known| known.to_uppercase()).collect();
            GraphError::parameter(format!(
                "Param type must be one of {{{}}} - got \"{given}\".",
                known.join(", ")
            ))
        })
}

/// Who is addressed: what was written, and the phone in digits when it was one.
fn addressee(body: &Map<String, Value>) -> GraphResult<(String, Option<String>)> {
    match (body.get("to"), body.get("recipient")) {
        (Some(Value::String(to)), _) if !to.trim().is_empty() => {
            let phone: String = to
                .chars()
                .filter(|c| !matches!(c, '+' | '-' | '(' | ')' | ' '))
                .collect();
            if !(5..=15).contains(&phone.len()) || !phone.bytes().all(|byte| byte.is_ascii_digit())
            {
                return Err(GraphError::new(
                    131009,
                    format!("Recipient phone number {to} is not a valid phone number"),
                ));
            }
            Ok((to.clone(), Some(phone)))
        }
        (Some(Value::Number(_)), _) => Err(GraphError::parameter("Param to must be a string.")),
        (_, Some(Value::String(user_id))) if !user_id.is_empty() => {
            if !is_bsuid(user_id) {
                return Err(GraphError::new(
                    131009,
                    format!("Recipient {user_id} is not a valid business-scoped user ID"),
                ));
            }
            Ok((user_id.clone(), None))
        }
        _ => Err(GraphError::missing("to")),
    }
}

/// `US.1349…` or, for a parent id, `US.ENT.1181…`: at most 128 letters and digits after the dot.
fn is_bsuid(text: &str) -> bool {
    let Some((country, rest)) = text.split_once('.') else {
        return false;
    };
    let id = rest.strip_prefix("ENT.").unwrap_or(rest);
    country.len() == 2
        && country.bytes().all(|byte| byte.is_ascii_uppercase())
        && (1..=128).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn quote(context: &Value, kind: &str) -> GraphResult<()> {
    let Value::Object(context) = context else {
        return Err(GraphError::parameter(
            "Param context must be a JSON object.",
        ));
    };
    if kind == "reaction" {
        return Err(GraphError::new(
            131009,
            "A reaction cannot quote another message",
        ));
    }
    match context.get("message_id") {
        Some(Value::String(id)) if id.starts_with("wamid.") => Ok(()),
        Some(_) => Err(GraphError::parameter(
            "Invalid parameter: context['message_id'] is not a message ID.",
        )),
        None => Err(GraphError::missing("context['message_id']")),
    }
}
