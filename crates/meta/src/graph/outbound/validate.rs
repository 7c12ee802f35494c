//! Meta's limits on outgoing messages, checked before the call.

use serde_json::Value;

use super::{Content, OutboundMessage, forms};
use crate::form::{self, Problem};
use crate::limits;

/// Every mistake in a content of this type; empty when nothing was found, and for a type that is not known here.
#[must_use]
pub fn check(kind: &str, content: &Value) -> Vec<Problem> {
    if content.is_null() {
        return vec![problem(kind, 131_008, "is missing")];
    }
    forms::of(kind).map_or_else(Vec::new, |form| form::check(kind, form, content))
}

/// The content without the members that are null: Meta refuses some of them, and to whoever writes them they mean
/// "not there".
#[must_use]
pub fn without_nulls(content: Value) -> Value {
    match content {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect(),
        Value::Array(values) => values.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

fn problem(field: &str, code: i64, problem: impl Into<String>) -> Problem {
    Problem {
        field: field.to_owned(),
        problem: problem.into(),
        code,
    }
}

impl OutboundMessage {
    /// Everything that Meta would refuse; empty when nothing was found. What only Meta knows (is the template
    /// approved, is the window open) is not looked at.
    #[must_use]
    pub fn validate(&self) -> Vec<Problem> {
        let mut problems = self.validate_envelope();
        let kind = self.content.as_str();
        match serde_json::to_value(self) {
            Ok(body) => problems.extend(check(kind, &body[kind])),
            Err(error) => problems.push(problem(kind, 100, error.to_string())),
        }
        problems
    }

    /// As [`Self::validate`], without the content.
    #[must_use]
    pub fn validate_envelope(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        self.validate_receiver(&mut problems);
        if let Some(data) = &self.biz_opaque_callback_data {
            let (length, most) = (data.chars().count(), limits::CALLBACK_DATA_MAX_CHARS);
            if length > most {
                problems.push(problem(
                    "biz_opaque_callback_data",
                    100,
                    format!("has {length} characters, at most {most} are allowed"),
                ));
            }
        }
        if let Some(wamid) = &self.reply_to {
            if matches!(self.content, Content::Reaction(_)) {
                problems.push(problem(
                    "reply_to",
                    131_009,
                    "a reaction cannot quote another message",
                ));
            } else if !wamid.starts_with("wamid.") {
                problems.push(problem(
                    "reply_to",
                    100,
                    "must be the id of a message, ours (msg_…) or Meta's (wamid.…)",
                ));
            }
        }
        problems
    }

    fn validate_receiver(&self, problems: &mut Vec<Problem>) {
        match (&self.to, &self.recipient) {
            (Some(to), _) if self.to_group => {
                if to.trim().is_empty() {
                    problems.push(problem("to", 100, "must not be empty"));
                }
            }
            (Some(to), _) => {
                let digits = to.chars().filter(char::is_ascii_digit).count();
                let allowed = |character: char| {
                    character.is_ascii_digit() || matches!(character, '+' | '-' | '(' | ')' | ' ')
                };
                let (fewest, most) = limits::PHONE_DIGITS;
                if !to.chars().all(allowed) || !(fewest..=most).contains(&digits) {
                    problems.push(problem(
                        "to",
                        131_009,
                        "must be a phone number with country code, such as +34600000001",
                    ));
                }
            }
            (None, Some(recipient)) if !is_bsuid(recipient) => problems.push(problem(
                "recipient",
                131_009,
                "must be a business-scoped user id, such as ES.1349120865530274191",
            )),
            (None, Some(_)) => {}
            (None, None) => problems.push(problem(
                "to",
                100,
                "a receiver is required: to, or recipient",
            )),
        }
    }
}

/// Two capital letters, a dot, and up to 128 letters and digits (with `ENT.` for a parent BSUID).
#[must_use]
pub fn is_bsuid(text: &str) -> bool {
    let Some((country, rest)) = text.split_once('.') else {
        return false;
    };
    let rest = rest.strip_prefix("ENT.").unwrap_or(rest);
    country.len() == 2
        && country.bytes().all(|byte| byte.is_ascii_uppercase())
        && (1..=limits::BSUID_MAX_CHARS).contains(&rest.len())
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
