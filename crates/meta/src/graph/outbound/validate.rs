//! Meta's limits on outgoing messages, checked before the call.

use std::fmt;

use super::{Component, Content, MediaSource, OutMedia, OutboundMessage, Parameter, Template};
use crate::limits;

/// One thing that Meta would refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Path of the member: `text.body`, `template.components[0].parameters[1].text`.
    pub field: String,
    /// What is wrong with it, for people.
    pub problem: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.field, self.problem)
    }
}

#[derive(Default)]
struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, field: impl Into<String>, problem: impl Into<String>) {
        self.0.push(Problem {
            field: field.into(),
            problem: problem.into(),
        });
    }

    fn at_most(&mut self, field: impl Into<String>, text: &str, max: usize) {
        let length = text.chars().count();
        if length > max {
            self.add(
                field,
                format!("has {length} characters, at most {max} are allowed"),
            );
        }
    }

    fn required(&mut self, field: impl Into<String>, text: &str) {
        if text.trim().is_empty() {
            self.add(field, "must not be empty");
        }
    }
}

impl OutboundMessage {
    /// Everything that Meta would refuse; empty when nothing was found. What only Meta knows (is the template
    /// approved, is the window open) is not looked at.
    #[must_use]
    pub fn validate(&self) -> Vec<Problem> {
        let mut problems = Problems::default();
        self.validate_receiver(&mut problems);
        if let Some(data) = &self.biz_opaque_callback_data {
            problems.at_most(
                "biz_opaque_callback_data",
                data,
                limits::CALLBACK_DATA_MAX_CHARS,
            );
        }
        if let Some(wamid) = &self.reply_to {
            problems.required("context.message_id", wamid);
            if matches!(self.content, Content::Reaction(_)) {
                problems.add("context", "a reaction cannot quote another message");
            }
        }
        match &self.content {
            Content::Text(text) => {
                problems.required("text.body", &text.body);
                problems.at_most("text.body", &text.body, limits::TEXT_BODY_MAX_CHARS);
            }
            Content::Image(media) => validate_media("image", media, &mut problems),
            Content::Video(media) => validate_media("video", media, &mut problems),
            Content::Audio(media) => validate_media("audio", media, &mut problems),
            Content::Document(media) => validate_media("document", media, &mut problems),
            Content::Sticker(media) => validate_media("sticker", media, &mut problems),
            Content::Location(location) => {
                validate_degrees(
                    "location",
                    location.latitude,
                    location.longitude,
                    &mut problems,
                );
            }
            Content::Contacts(cards) => {
                if cards.is_empty() {
                    problems.add("contacts", "must hold at least one card");
                }
                for (place, card) in cards.iter().enumerate() {
                    let name = card
                        .pointer("/name/formatted_name")
                        .and_then(serde_json::Value::as_str);
                    problems.required(
                        format!("contacts[{place}].name.formatted_name"),
                        name.unwrap_or_default(),
                    );
                }
            }
            Content::Reaction(reaction) => {
                problems.required("reaction.message_id", &reaction.message_id);
                if reaction
                    .emoji
                    .chars()
                    .any(|character| character.is_ascii_alphanumeric() || character == ' ')
                {
                    problems.add(
                        "reaction.emoji",
                        "must be one emoji, or empty to take the reaction back",
                    );
                }
            }
            Content::Interactive(value) => {
                super::interactive::validate(value, &mut |field, problem| {
                    problems.add(field, problem);
                });
            }
            Content::Template(template) => validate_template(template, &mut problems),
            Content::Other { .. } => {}
        }
        problems.0
    }

    fn validate_receiver(&self, problems: &mut Problems) {
        match (&self.to, &self.recipient) {
            (Some(to), _) if self.to_group => problems.required("to", to),
            (Some(to), _) => {
                let digits = to.chars().filter(char::is_ascii_digit).count();
                let allowed = |character: char| {
                    character.is_ascii_digit() || matches!(character, '+' | '-' | '(' | ')' | ' ')
                };
                if !to.chars().all(allowed) || !(5..=15).contains(&digits) {
                    problems.add(
                        "to",
                        "must be a phone number with country code, such as +34600000001",
                    );
                }
            }
            (None, Some(recipient)) => {
                let country = recipient.split_once('.').is_some_and(|(country, rest)| {
                    country.len() == 2
                        && country.bytes().all(|byte| byte.is_ascii_uppercase())
                        && !rest.is_empty()
                        && rest
                            .bytes()
                            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
                });
                if !country {
                    problems.add(
                        "recipient",
                        "must be a business-scoped user id, such as ES.1349120865530274191",
                    );
                }
            }
            (None, None) => problems.add("to", "a receiver is required: to, or recipient"),
        }
    }
}

fn validate_media(kind: &str, media: &OutMedia, problems: &mut Problems) {
    validate_source(kind, &media.source, problems);
    if let Some(caption) = &media.caption {
        if matches!(kind, "audio" | "sticker") {
            problems.add(
                format!("{kind}.caption"),
                format!("{kind} cannot have a caption"),
            );
        }
        problems.at_most(
            format!("{kind}.caption"),
            caption,
            limits::CAPTION_MAX_CHARS,
        );
    }
    if media.filename.is_some() && kind != "document" {
        problems.add(
            format!("{kind}.filename"),
            "only a document has a file name",
        );
    }
    if media.voice.is_some() && kind != "audio" {
        problems.add(format!("{kind}.voice"), "only audio can be a voice message");
    }
}

fn validate_source(field: &str, source: &MediaSource, problems: &mut Problems) {
    match source {
        MediaSource::Id(id) => problems.required(format!("{field}.id"), id),
        MediaSource::Link(link) => {
            let http = reqwest::Url::parse(link).is_ok_and(|url| {
                matches!(url.scheme(), "http" | "https") && url.host_str().is_some()
            });
            if !http {
                problems.add(
                    format!("{field}.link"),
                    "must be a public http or https address",
                );
            }
        }
    }
}

fn validate_degrees(field: &str, latitude: f64, longitude: f64, problems: &mut Problems) {
    if !(-90.0..=90.0).contains(&latitude) {
        problems.add(
            format!("{field}.latitude"),
            "must be between -90 and 90 degrees",
        );
    }
    if !(-180.0..=180.0).contains(&longitude) {
        problems.add(
            format!("{field}.longitude"),
            "must be between -180 and 180 degrees",
        );
    }
}

fn validate_template(template: &Template, problems: &mut Problems) {
    problems.at_most(
        "template.name",
        &template.name,
        limits::TEMPLATE_NAME_MAX_CHARS,
    );
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if template.name.is_empty() || !template.name.bytes().all(allowed) {
        problems.add(
            "template.name",
            "may hold only small letters, digits and underscores",
        );
    }
    let code = &template.language.code;
    if code.is_empty()
        || !code
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    {
        problems.add(
            "template.language.code",
            "must be a language code, such as es or en_US",
        );
    }
    for (place, component) in template.components.iter().enumerate() {
        validate_component(
            &format!("template.components[{place}]"),
            component,
            problems,
        );
    }
}

fn validate_component(field: &str, component: &Component, problems: &mut Problems) {
    if component.kind.eq_ignore_ascii_case("button") {
        if component.sub_type.is_none() {
            problems.add(format!("{field}.sub_type"), "a button needs its sub type");
        }
        if component
            .index
            .as_deref()
            .and_then(|index| index.parse::<u8>().ok())
            .is_none_or(|index| index > 9)
        {
            problems.add(
                format!("{field}.index"),
                "must be the place of the button, 0 to 9",
            );
        }
    }
    for (place, parameter) in component.parameters.iter().enumerate() {
        let field = format!("{field}.parameters[{place}]");
        match parameter {
            Parameter::Text { text, .. } => {
                validate_variable(&format!("{field}.text"), text, problems);
            }
            Parameter::Image { image } => {
                validate_source(&format!("{field}.image"), &image.source, problems);
            }
            Parameter::Video { video } => {
                validate_source(&format!("{field}.video"), &video.source, problems);
            }
            Parameter::Document { document } => {
                validate_source(&format!("{field}.document"), &document.source, problems);
            }
            Parameter::Location { location } => {
                validate_degrees(
                    &format!("{field}.location"),
                    location.latitude,
                    location.longitude,
                    problems,
                );
            }
            Parameter::Payload { payload } => {
                problems.at_most(
                    format!("{field}.payload"),
                    payload,
                    limits::TEMPLATE_PAYLOAD_MAX_CHARS,
                );
            }
            Parameter::CouponCode { coupon_code } => {
                problems.required(format!("{field}.coupon_code"), coupon_code);
                problems.at_most(
                    format!("{field}.coupon_code"),
                    coupon_code,
                    limits::COUPON_CODE_MAX_CHARS,
                );
            }
            Parameter::Currency { .. }
            | Parameter::DateTime { .. }
            | Parameter::Action { .. }
            | Parameter::Product { .. }
            | Parameter::LimitedTimeOffer { .. }
            | Parameter::Other(_) => {}
        }
    }
    for (place, card) in component.cards.iter().enumerate() {
        for (inner, part) in card.components.iter().enumerate() {
            validate_component(
                &format!("{field}.cards[{place}].components[{inner}]"),
                part,
                problems,
            );
        }
    }
}

/// Code 132012 or 132018 at Meta's.
fn validate_variable(field: &str, text: &str, problems: &mut Problems) {
    problems.required(field, text);
    if text.contains(['\n', '\r', '\t']) {
        problems.add(field, "must not hold line breaks or tabs");
    }
    if text.contains("     ") {
        problems.add(field, "must not hold more than four spaces in a row");
    }
}
