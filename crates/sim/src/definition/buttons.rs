//! Buttons: which, how many, in which order, and what each needs.

use serde_json::Value;

use super::text::variables;
use super::{lacks, refused, too_long};
use crate::error::{GraphError, GraphResult};

const LABEL: usize = 25;
const URL: usize = 2_000;
const PHONE: usize = 20;
const CODE: usize = 20;
const TITLE: &str = "Buttons are not valid";
/// Hosts that hide where a link leads, and WhatsApp's own.
const SHORTENERS: [&str; 8] = [
    "wa.me",
    "bit.ly",
    "tinyurl.com",
    "t.co",
    "goo.gl",
    "ow.ly",
    "is.gd",
    "buff.ly",
];

/// Kinds beside the plain ones, each at most once.
const SPECIAL: [&str; 9] = [
    "FLOW",
    "CATALOG",
    "MPM",
    "SPM",
    "VOICE_CALL",
    "REQUEST_CONTACT_INFO",
    "ORDER_DETAILS",
    "REMINDER",
    "OTP",
];

pub(super) fn kind(button: &Value) -> String {
    button["type"].as_str().unwrap_or_default().to_uppercase()
}

pub(super) fn all_of(component: &Value, kinds: &[&str]) -> bool {
    let buttons = component["buttons"].as_array().into_iter().flatten();
    buttons.map(kind).all(|kind| kinds.contains(&kind.as_str()))
}

/// Whether a link is shortened, or leads into WhatsApp.
pub(super) fn shortened(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split(['/', '?', ':']).next().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    SHORTENERS.contains(&host)
}

pub(super) fn check(component: &Value, most: usize) -> GraphResult<()> {
    let Some(buttons) = component["buttons"]
        .as_array()
        .filter(|list| !list.is_empty())
    else {
        return lacks("BUTTONS", "buttons");
    };
    if buttons.len() > most {
        return refused(
            None,
            TITLE,
            format!(
                "There can be {most} buttons at most, not {}.",
                buttons.len()
            ),
        );
    }
    let kinds: Vec<String> = buttons.iter().map(kind).collect();
    let count = |wanted: &str| kinds.iter().filter(|kind| *kind == wanted).count();
    for (wanted, most) in [("URL", 2), ("PHONE_NUMBER", 1), ("COPY_CODE", 1)] {
        if count(wanted) > most {
            return refused(
                None,
                TITLE,
                format!("There can be {most} buttons of type {wanted} at most."),
            );
        }
    }
    if let Some(twice) = SPECIAL.iter().find(|special| count(special) > 1) {
        return refused(
            None,
            TITLE,
            format!("There can be one button of type {twice} only."),
        );
    }
    let is_reply: Vec<bool> = kinds.iter().map(|kind| kind == "QUICK_REPLY").collect();
    let changes = is_reply
        .windows(2)
        .filter(|pair| pair[0] != pair[1])
        .count();
    if changes > 1 {
        return refused(
            None,
            TITLE,
            "Quick replies must stand together, before or after the other buttons.",
        );
    }
    for button in buttons {
        one(button)?;
    }
    Ok(())
}

fn one(button: &Value) -> GraphResult<()> {
    let kind = kind(button);
    let text = button["text"].as_str().unwrap_or_default();
    let labelled = matches!(
        kind.as_str(),
        "QUICK_REPLY" | "URL" | "PHONE_NUMBER" | "FLOW" | "REQUEST_CONTACT_INFO"
    );
    if labelled && text.is_empty() {
        return lacks("BUTTONS", "text");
    }
    if text.chars().count() > LABEL {
        return too_long("text of a button", LABEL);
    }
    if text.contains("{{") {
        return refused(None, TITLE, "The text of a button cannot have variables.");
    }
    match kind.as_str() {
        "URL" => link(button),
        "PHONE_NUMBER" => {
            let phone = button["phone_number"].as_str().unwrap_or_default();
            let digits = phone.chars().filter(char::is_ascii_digit).count();
            if phone.is_empty() {
                lacks("BUTTONS", "phone_number")
            } else if phone.len() > PHONE {
                too_long("phone number of a button", PHONE)
            } else if digits < 5 {
                refused(None, TITLE, "The phone number of a button is not valid.")
            } else {
                Ok(())
            }
        }
        "COPY_CODE" => {
            let example = button["example"].as_str();
            let example = example.or_else(|| button["example"][0].as_str());
            match example.filter(|code| !code.is_empty()) {
                None => lacks("BUTTONS", "example"),
                Some(code) if code.chars().count() > CODE => too_long("code of a button", CODE),
                Some(_) => Ok(()),
            }
        }
        "FLOW" => {
            let named = ["flow_id", "flow_name", "flow_json"]
                .iter()
                .any(|key| !button[*key].is_null());
            if named {
                Ok(())
            } else {
                lacks("BUTTONS", "flow_id")
            }
        }
        "OTP" => refused(
            None,
            TITLE,
            "A button of type OTP is for authentication templates.",
        ),
        "QUICK_REPLY" => Ok(()),
        special if SPECIAL.contains(&special) => Ok(()),
        other => Err(GraphError::parameter(format!(
            "Param buttons['type'] must be one of {{QUICK_REPLY, URL, PHONE_NUMBER, COPY_CODE, FLOW, OTP, CATALOG, MPM, \
             SPM, VOICE_CALL, REQUEST_CONTACT_INFO, ORDER_DETAILS, REMINDER}} - got \"{other}\"."
        ))),
    }
}

fn link(button: &Value) -> GraphResult<()> {
    let url = button["url"].as_str().unwrap_or_default();
    if url.is_empty() {
        return lacks("BUTTONS", "url");
    }
    if url.chars().count() > URL {
        return too_long("url of a button", URL);
    }
    let host = url.strip_prefix("https://").unwrap_or_default();
    let host = host.split(['/', '?']).next().unwrap_or_default();
    if !host.contains('.') || host.contains("{{") || url.contains(char::is_whitespace) {
        return refused(
            None,
            TITLE,
            "The url of a button must be the address of a site and begin with https://.",
        );
    }
    let found = variables(url);
    if found.is_empty() && !url.contains("{{") {
        return Ok(());
    }
    if found.len() != 1 || !url.ends_with("}}") {
        return refused(
            None,
            TITLE,
            "The url of a button can have one variable, at its end.",
        );
    }
    let example = button["example"].as_str();
    let example = example.or_else(|| button["example"][0].as_str());
    if example.is_some_and(|example| !example.is_empty()) {
        Ok(())
    } else {
        lacks("BUTTONS", "example")
    }
}
