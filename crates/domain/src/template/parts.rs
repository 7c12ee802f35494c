//! The parts of a template: which there are, what stands together, and what a header, a body and a footer may say.

use serde_json::Value;

use super::text::{emoji, has_formatting, is_one_line};
use super::variables::{placeholders, without};
use super::{Category, Check, rules};

/// Where a body stands decides how long it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Message,
    Offer,
    Card,
}

impl Place {
    const fn longest(self) -> usize {
        match self {
            Self::Message => 1_024,
            Self::Offer => 600,
            Self::Card => 160,
        }
    }
}

/// The type of a part or a button, in capitals.
pub(super) fn kind_of(part: &Value) -> String {
    part["type"].as_str().unwrap_or_default().to_uppercase()
}

impl Check {
    pub(super) fn parts(&mut self, components: &Value, category: Category) {
        let Some(list) = components.as_array().filter(|list| !list.is_empty()) else {
            self.add(
                rules::COMPONENTS,
                "components",
                "must be a list of the parts of the template, a body at least",
            );
            return;
        };
        let mut kinds: Vec<String> = Vec::new();
        for (place, part) in list.iter().enumerate() {
            let field = format!("components[{place}]");
            let kind = kind_of(part);
            if kind.is_empty() {
                self.add(rules::COMPONENTS, field, "must be an object with a type");
                return;
            }
            let known = [
                "HEADER",
                "BODY",
                "FOOTER",
                "BUTTONS",
                "CAROUSEL",
                "LIMITED_TIME_OFFER",
                "CALL_PERMISSION_REQUEST",
            ];
            if !known.contains(&kind.as_str()) {
                let said = format!("is {kind}, which is no part of a template");
                self.add(rules::COMPONENT_KNOWN, format!("{field}.type"), said);
            } else if kinds.contains(&kind) {
                let said = format!("is a second {kind}; a template has one");
                self.add(rules::COMPONENT_ONCE, format!("{field}.type"), said);
            }
            kinds.push(kind);
        }
        if !kinds.iter().any(|kind| kind == "BODY") {
            self.add(
                rules::BODY_MISSING,
                "components",
                "must have a body: a part of the type BODY",
            );
        }
        if category == Category::Authentication {
            return self.authentication(list);
        }
        self.together(&kinds, category);
        let offer = kinds.iter().any(|kind| kind == "LIMITED_TIME_OFFER");
        for (place, part) in list.iter().enumerate() {
            let field = format!("components[{place}]");
            match kinds[place].as_str() {
                "HEADER" => self.header(part, category, &field),
                "BODY" if offer => self.body(part, Place::Offer, &field),
                "BODY" => self.body(part, Place::Message, &field),
                "FOOTER" => self.footer(part, &field),
                "BUTTONS" => self.buttons(part, &field),
                "CAROUSEL" => self.carousel(part, category, &field),
                "LIMITED_TIME_OFFER" => self.offer(part, list, &field),
                _ => {}
            }
        }
    }

    /// What stands beside what.
    fn together(&mut self, kinds: &[String], category: Category) {
        let has = |wanted: &str| kinds.iter().any(|kind| kind == wanted);
        let only_with = |alone: &str| kinds.iter().any(|kind| kind != alone && kind != "BODY");
        for alone in ["CAROUSEL", "CALL_PERMISSION_REQUEST"] {
            if has(alone) && only_with(alone) {
                let said = format!("{alone} stands with a body alone");
                self.add(rules::COMPONENT_TOGETHER, "components", said);
            }
        }
        if has("LIMITED_TIME_OFFER") {
            if has("FOOTER") {
                self.add(
                    rules::COMPONENT_TOGETHER,
                    "components",
                    "a limited-time offer has no footer",
                );
            }
            if category != Category::Marketing {
                self.add(
                    rules::CATEGORY_FITS,
                    "category",
                    "a limited-time offer is for MARKETING",
                );
            }
        }
    }

    pub(super) fn body(&mut self, part: &Value, place: Place, field: &str) {
        let Some(text) = part["text"].as_str().filter(|text| !text.trim().is_empty()) else {
            self.add(
                rules::BODY_MISSING,
                format!("{field}.text"),
                "must be a text",
            );
            return;
        };
        let field_of_text = format!("{field}.text");
        let (length, longest) = (text.chars().count(), place.longest());
        if length > longest {
            let said = format!("has {length} characters; {longest} are allowed");
            self.add(rules::BODY_LENGTH, field_of_text.as_str(), said);
        }
        if emoji(text) > 10 {
            self.add(
                rules::BODY_EMOJI,
                field_of_text.as_str(),
                "has more than ten emoji",
            );
        }
        let names = self.variables(text, &field_of_text);
        self.variables_of_body(text, &field_of_text);
        self.examples(part, "body", &names, field);
    }

    fn footer(&mut self, part: &Value, field: &str) {
        let field = format!("{field}.text");
        let Some(text) = part["text"].as_str().filter(|text| !text.trim().is_empty()) else {
            self.add(rules::FOOTER_TEXT, field, "must be a text");
            return;
        };
        if text.contains("{{") || text.contains("}}") {
            self.add(
                rules::FOOTER_TEXT,
                field.as_str(),
                "may have no variables: a footer says the same to everybody",
            );
        }
        if text.chars().count() > 60 {
            self.add(rules::FOOTER_LENGTH, field, "may have 60 characters");
        }
    }

    fn header(&mut self, part: &Value, category: Category, field: &str) {
        let format = part["format"].as_str().unwrap_or_default().to_uppercase();
        match format.as_str() {
            "TEXT" => self.header_text(part, field),
            "IMAGE" | "VIDEO" | "DOCUMENT" => self.sample(part, field),
            "GIF" => {
                self.sample(part, field);
                if category != Category::Marketing {
                    self.add(
                        rules::CATEGORY_FITS,
                        "category",
                        "a GIF in the header is for MARKETING",
                    );
                }
            }
            "LOCATION" | "PRODUCT" => {}
            _ => self.add(
                rules::HEADER_FORMAT,
                format!("{field}.format"),
                "must be TEXT, IMAGE, VIDEO, DOCUMENT, GIF, LOCATION or PRODUCT",
            ),
        }
    }

    fn header_text(&mut self, part: &Value, field: &str) {
        let field_of_text = format!("{field}.text");
        let Some(text) = part["text"].as_str().filter(|text| !text.trim().is_empty()) else {
            self.add(rules::HEADER_TEXT, field_of_text, "must be a text");
            return;
        };
        if text.chars().count() > 60 {
            self.add(
                rules::HEADER_LENGTH,
                field_of_text.as_str(),
                "may have 60 characters",
            );
        }
        if has_formatting(&without(text)) || !is_one_line(text) || emoji(text) > 0 {
            self.add(
                rules::HEADER_TEXT,
                field_of_text.as_str(),
                "may have no * _ ~ or `, no emoji and no line break: a header is shown bold as it is",
            );
        }
        if placeholders(text).0.len() > 1 {
            self.add(
                rules::HEADER_TEXT,
                field_of_text.as_str(),
                "may have one variable",
            );
        }
        let names = self.variables(text, &field_of_text);
        self.examples(part, "header", &names, field);
    }

    /// The sample of a header's file.
    pub(super) fn sample(&mut self, part: &Value, field: &str) {
        let handles = part["example"]["header_handle"].as_array();
        let handle = handles
            .filter(|list| list.len() == 1)
            .and_then(|list| list[0].as_str())
            .filter(|handle| !handle.is_empty());
        let problem = match handle {
            None => "needs a sample of the file: upload one",
            // Meta shows a sample by its address, and does not take that back.
            Some(handle) if handle.contains("://") => {
                "is the address of a file, which WhatsApp does not take as a sample: upload the file"
            }
            Some(_) => return,
        };
        let field = format!("{field}.example.header_handle");
        self.add(rules::HEADER_SAMPLE, field, problem);
    }
}
