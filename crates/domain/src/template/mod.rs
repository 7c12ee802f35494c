//! Whether Meta would take a message template: every documented rule of its parts, their lengths and their variables,
//! so that what is wrong is told while it is written and not after a review.
//!
//! [`rules`] is the table of what is checked; [`check`] holds a template against it. The parts are in the form in which
//! Meta takes them.

mod authentication;
mod buttons;
mod carousel;
mod languages;
mod offer;
mod parts;
pub mod rules;
mod text;
mod variables;

pub use languages::LANGUAGES;
pub use rules::{RULES, Rule};
pub use variables::{Variable, variables};

use serde_json::Value;

/// A template as somebody wrote it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Definition {
    /// By which it is sent.
    pub name: String,
    /// Such as `en_US`.
    pub language: String,
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`, in any case.
    pub category: String,
    /// `POSITIONAL` (the default) or `NAMED`, in any case.
    pub parameter_format: Option<String>,
    /// Its parts, in Meta's form.
    pub components: Value,
    /// How long Meta tries to deliver it, in seconds; −1 for thirty days.
    pub ttl_seconds: Option<i64>,
}

/// Something for which Meta would refuse it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// Where, such as `components[1].text`.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
    /// The code with which Meta refuses this: a subcode where it has one.
    pub code: i64,
    /// The rule, by its name in [`RULES`].
    pub rule: &'static str,
}

/// Something that Meta takes and that may not be meant.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Warning {
    /// Where.
    pub field: String,
    /// What may not be meant.
    pub warning: String,
}

/// For what a template is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Category {
    Marketing,
    Utility,
    Authentication,
}

impl Category {
    fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_uppercase().as_str() {
            "MARKETING" => Some(Self::Marketing),
            "UTILITY" => Some(Self::Utility),
            "AUTHENTICATION" => Some(Self::Authentication),
            _ => None,
        }
    }
}

/// What was found so far.
pub(crate) struct Check {
    named: bool,
    problems: Vec<Problem>,
}

impl Check {
    fn add(&mut self, rule: &'static Rule, field: impl Into<String>, problem: impl Into<String>) {
        self.problems.push(Problem {
            field: field.into(),
            problem: problem.into(),
            code: rule.code,
            rule: rule.name,
        });
    }
}

/// Whether it is written in named variables.
fn is_named(format: Option<&str>) -> bool {
    format.is_some_and(|format| format.eq_ignore_ascii_case("NAMED"))
}

/// Whether a text in it holds U+0000, which neither Meta nor a database takes.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(list) => list.iter().any(has_nul),
        Value::Object(map) => map.values().any(has_nul),
        _ => false,
    }
}

/// Everything for which Meta would refuse a template; empty when it would be taken into review.
#[must_use]
pub fn check(template: &Definition) -> Vec<Problem> {
    let mut check = Check {
        named: is_named(template.parameter_format.as_deref()),
        problems: Vec::new(),
    };
    check.name(&template.name);
    if !LANGUAGES.contains(&template.language.as_str()) {
        let said = if template.language.is_empty() {
            "is missing: say in which language it is written, such as es or en_US".to_owned()
        } else {
            format!(
                "{} is not a language of WhatsApp's; it is written like es, en_US or pt_BR",
                template.language
            )
        };
        check.add(rules::LANGUAGE, "language", said);
    }
    if let Some(format) = &template.parameter_format
        && !["NAMED", "POSITIONAL"]
            .iter()
            .any(|known| format.eq_ignore_ascii_case(known))
    {
        check.add(
            rules::PARAMETER_FORMAT,
            "parameter_format",
            "must be POSITIONAL ({{1}}, {{2}}) or NAMED ({{first_name}})",
        );
    }
    let Some(category) = Category::parse(&template.category) else {
        check.add(
            rules::CATEGORY,
            "category",
            "must be MARKETING, UTILITY or AUTHENTICATION",
        );
        return check.problems;
    };
    if has_nul(&template.components) {
        check.add(
            rules::COMPONENTS,
            "components",
            "have a character that is no text (U+0000)",
        );
    }
    check.ttl(template.ttl_seconds, category);
    check.parts(&template.components, category);
    check.problems
}

impl Check {
    fn name(&mut self, name: &str) {
        let fits = |letter: char| matches!(letter, 'a'..='z' | '0'..='9' | '_');
        if name.is_empty() {
            self.add(rules::NAME_CHARACTERS, "name", "is missing");
        } else if !name.chars().all(fits) {
            self.add(
                rules::NAME_CHARACTERS,
                "name",
                "may have small letters a to z, digits and _ only: no capitals, spaces or accents",
            );
        }
        if name.chars().count() > 512 {
            self.add(rules::NAME_LENGTH, "name", "may have 512 characters");
        }
    }

    fn ttl(&mut self, seconds: Option<i64>, category: Category) {
        let Some(seconds) = seconds else { return };
        let (least, most) = match category {
            Category::Authentication => (30, 900),
            Category::Utility => (30, 43_200),
            Category::Marketing => (43_200, 2_592_000),
        };
        let month = seconds == -1 && category != Category::Marketing;
        if !month && !(least..=most).contains(&seconds) {
            let said = format!("must be {least} to {most} seconds for this category");
            self.add(rules::TTL, "message_send_ttl_seconds", said);
        }
    }
}

/// What may not be meant, in a template that Meta would take.
#[must_use]
pub fn warnings(template: &Definition) -> Vec<Warning> {
    const OFFERS: [&str; 14] = [
        "discount",
        "offer",
        "sale",
        "promo",
        "coupon",
        "deal",
        "descuento",
        "oferta",
        "rebaja",
        "cupón",
        "promoción",
        "gratis",
        "% off",
        "black friday",
    ];
    let mut warnings = Vec::new();
    let parts = template.components.as_array().into_iter().flatten();
    for (place, part) in parts.enumerate() {
        let kind = part["type"].as_str().unwrap_or_default().to_uppercase();
        let field = format!("components[{place}]");
        if kind == "BUTTONS"
            && part["buttons"]
                .as_array()
                .is_some_and(|list| list.len() > 3)
        {
            warnings.push(Warning {
                field: format!("{field}.buttons"),
                warning: "WhatsApp shows two of more than three buttons, and the rest behind \"See all options\"".to_owned(),
            });
        }
        let text = part["text"].as_str().unwrap_or_default().to_lowercase();
        let utility = template.category.eq_ignore_ascii_case("UTILITY");
        if utility && let Some(word) = OFFERS.iter().find(|word| text.contains(**word)) {
            warnings.push(Warning {
                field: format!("{field}.text"),
                warning: format!(
                    "\"{word}\" reads like an offer: WhatsApp approves such a template as MARKETING, which costs more and is not sent to who opted out"
                ),
            });
        }
    }
    warnings
}
