//! A rule: which events, to whom, with which template, filled by what, when.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::condition::Condition;
use super::event::TypePattern;
use super::parameter::{Button, Header, Texts};
use super::path::Path;
use super::recipient::Recipient;
use super::schedule::Schedule;

/// One thing that is wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Which member, such as `parameters.body[1].path`.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

impl Flaw {
    /// A flaw.
    pub fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            problem: problem.into(),
        }
    }
}

/// The text is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the rule cannot be used as it is")]
pub struct NotARule(pub Vec<Flaw>);

/// By which events become messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What people call it.
    pub name: String,
    /// Which events.
    pub event_type: TypePattern,
    /// Whether it does anything.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// What must be true of the event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// To whom.
    pub recipient: Recipient,
    /// With which template.
    pub template: TemplateChoice,
    /// What is sent where that template is approved in none of the languages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback_template: Option<FallbackTemplate>,
    /// What fills the template.
    #[serde(default)]
    pub parameters: Parameters,
    /// Whether it waits while the business's quiet hours last where the recipient lives.
    #[serde(default)]
    pub quiet_hours: QuietHoursWish,
    /// Whether it is sent to people who asked not to be written to. For what they must be told by law.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignore_opt_out: bool,
    /// When it is sent, where not at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// What a scheduled message belongs to: a later event with the same key replaces or cancels it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_path: Option<Path>,
    /// Which later events cancel what is scheduled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cancelled_by: Vec<CancelledBy>,
    /// A label by which its messages can be paused and cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
}

const fn yes() -> bool {
    true
}

/// A template and the language in which it is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateChoice {
    /// By which it is sent.
    pub name: String,
    /// In which language.
    #[serde(default)]
    pub language: Language,
    /// In which ones where it is not approved in that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallback_languages: Vec<String>,
}

/// Where the language comes from. With none of them it is the tenant's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// The tenant's own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tenant: bool,
    /// The event says it; where it does not, the tenant's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Path>,
    /// Always this one, such as `es` or `en_US`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<String>,
}

/// What is sent instead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackTemplate {
    /// By which it is sent.
    pub name: String,
    /// In which language; none: as the first template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// In which ones where it is not approved in that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallback_languages: Vec<String>,
    /// What fills it; none: as the first template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Parameters>,
}

/// What fills a template.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// The header.
    #[serde(default, skip_serializing_if = "Header::is_empty")]
    pub header: Header,
    /// The body.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub body: Texts,
    /// The buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
}

/// What a rule does at night.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuietHoursWish {
    /// It waits until they are over.
    #[default]
    Respect,
    /// It is urgent.
    Ignore,
}

/// A later event that cancels what is scheduled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancelledBy {
    /// Of which type.
    pub event_type: TypePattern,
    /// Where that event has the key.
    pub key_path: Path,
}

/// Characters of a name.
const NAME_MAX: usize = 100;
/// Conditions, languages, cancelling events, buttons.
const LIST_MAX: usize = 20;

impl Rule {
    /// Reads a rule and looks whether it makes sense in itself.
    ///
    /// # Errors
    /// [`NotARule`] with every flaw that was found.
    pub fn read(value: &Value) -> Result<Self, NotARule> {
        let read: Result<Self, _> = serde_path_to_error::deserialize(value);
        let rule = read.map_err(|error| {
            let field = match error.path().to_string() {
                whole if whole == "." => String::new(),
                field => field,
            };
            NotARule(vec![Flaw::new(field, error.into_inner().to_string())])
        })?;
        let flaws = rule.check();
        if flaws.is_empty() {
            Ok(rule)
        } else {
            Err(NotARule(flaws))
        }
    }

    /// What does not make sense.
    pub fn check(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        let name = self.name.trim().chars().count();
        if name == 0 || name > NAME_MAX {
            flaws.push(Flaw::new(
                "name",
                format!("must have 1 to {NAME_MAX} characters"),
            ));
        }
        for (field, count) in [
            ("conditions", self.conditions.len()),
            ("cancelled_by", self.cancelled_by.len()),
            (
                "template.fallback_languages",
                self.template.fallback_languages.len(),
            ),
            ("parameters.buttons", self.parameters.buttons.len()),
        ] {
            if count > LIST_MAX {
                flaws.push(Flaw::new(
                    field,
                    format!("may have {LIST_MAX} entries at most"),
                ));
            }
        }
        for (n, condition) in self.conditions.iter().enumerate() {
            condition.check(&format!("conditions[{n}]"), &mut flaws);
        }
        self.recipient.check(&mut flaws);
        check_template(
            "template",
            &self.template.name,
            Some(&self.template.language),
            &self.template.fallback_languages,
            &mut flaws,
        );
        self.parameters.check("parameters", &mut flaws);
        if let Some(other) = &self.fallback_template {
            check_template(
                "fallback_template",
                &other.name,
                other.language.as_ref(),
                &other.fallback_languages,
                &mut flaws,
            );
            if let Some(parameters) = &other.parameters {
                parameters.check("fallback_template.parameters", &mut flaws);
            }
        }
        match &self.schedule {
            Some(schedule) => schedule.check(&mut flaws),
            None if !self.cancelled_by.is_empty() => {
                flaws.push(Flaw::new(
                    "cancelled_by",
                    "only what is scheduled can be cancelled; add a schedule",
                ));
            }
            None => {}
        }
        if !self.cancelled_by.is_empty() && self.key_path.is_none() {
            flaws.push(Flaw::new(
                "key_path",
                "is missing: by what does a later event know what to cancel?",
            ));
        }
        if let Some(batch) = &self.batch {
            let fits = (1..=64).contains(&batch.len())
                && batch
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
            if !fits {
                flaws.push(Flaw::new(
                    "batch",
                    "must have 1 to 64 letters, digits, or _ . -",
                ));
            }
        }
        flaws
    }

    /// Whether the rule is about an event, as far as its conditions go.
    ///
    /// # Errors
    /// Why it is not, for people.
    pub fn applies(&self, event: &Value) -> Result<(), String> {
        match self
            .conditions
            .iter()
            .find(|condition| !condition.is_met(event))
        {
            None => Ok(()),
            Some(condition) => Err(condition.why_not(event)),
        }
    }

    /// What a scheduled message of this event belongs to.
    pub fn key(&self, event: &Value) -> Option<String> {
        self.key_path.as_ref()?.text(event).ok().flatten()
    }

    /// Which key a later event cancels.
    pub fn cancels(&self, kind: &str, event: &Value) -> Option<String> {
        self.cancelled_by
            .iter()
            .filter(|by| by.event_type.matches(kind))
            .find_map(|by| by.key_path.text(event).ok().flatten())
    }

    /// The templates that are tried, in order, with the languages of each and what fills it.
    pub fn choices<'a>(&'a self, event: &Value, tenant_language: &str) -> Vec<Choice<'a>> {
        let first = &self.template;
        let mut all = vec![Choice {
            name: &first.name,
            languages: languages(
                &first.language,
                &first.fallback_languages,
                event,
                tenant_language,
            ),
            parameters: &self.parameters,
            field: "parameters",
        }];
        if let Some(other) = &self.fallback_template {
            let language = other.language.as_ref().unwrap_or(&first.language);
            let fallbacks = if other.fallback_languages.is_empty() {
                &first.fallback_languages
            } else {
                &other.fallback_languages
            };
            all.push(Choice {
                name: &other.name,
                languages: languages(language, fallbacks, event, tenant_language),
                parameters: other.parameters.as_ref().unwrap_or(&self.parameters),
                field: if other.parameters.is_some() {
                    "fallback_template.parameters"
                } else {
                    "parameters"
                },
            });
        }
        all
    }
}

/// One template that may be sent.
#[derive(Debug, Clone)]
pub struct Choice<'a> {
    /// By which it is sent.
    pub name: &'a str,
    /// In which languages, the best first.
    pub languages: Vec<String>,
    /// What fills it.
    pub parameters: &'a Parameters,
    /// Where that stands in the rule.
    pub field: &'static str,
}

/// The wanted language, its relatives, then the fallbacks; Meta writes `es_MX`.
fn languages(
    wanted: &Language,
    fallbacks: &[String],
    event: &Value,
    of_tenant: &str,
) -> Vec<String> {
    let from_event = wanted
        .path
        .as_ref()
        .and_then(|path| path.text(event).ok().flatten());
    let first = wanted
        .is
        .clone()
        .or(from_event)
        .unwrap_or_else(|| of_tenant.to_owned());
    let mut all: Vec<String> = Vec::new();
    for language in std::iter::once(&first).chain(fallbacks) {
        let language = as_meta_writes(language);
        let base = language.split('_').next().map(str::to_owned);
        for one in [Some(language), base].into_iter().flatten() {
            if !all.contains(&one) {
                all.push(one);
            }
        }
    }
    all
}

/// `es-mx` becomes `es_MX`.
fn as_meta_writes(language: &str) -> String {
    match language.trim().split_once(['-', '_']) {
        Some((language, region)) => {
            format!("{}_{}", language.to_lowercase(), region.to_uppercase())
        }
        None => language.trim().to_lowercase(),
    }
}

fn is_language(text: &str) -> bool {
    let mut parts = text.trim().split(['-', '_']);
    let language = parts.next().unwrap_or_default();
    let region = parts.next();
    (2..=3).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_alphabetic())
        && region.is_none_or(|region| {
            (2..=4).contains(&region.len())
                && region.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
        && parts.next().is_none()
}

fn check_template(
    field: &str,
    name: &str,
    language: Option<&Language>,
    fallbacks: &[String],
    flaws: &mut Vec<Flaw>,
) {
    let fits = (1..=512).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !fits {
        flaws.push(Flaw::new(
            format!("{field}.name"),
            "must be the name of a template: small letters, digits and _",
        ));
    }
    if let Some(language) = language {
        let given = [
            language.tenant,
            language.path.is_some(),
            language.is.is_some(),
        ];
        if given.into_iter().filter(|one| *one).count() > 1 {
            flaws.push(Flaw::new(
                format!("{field}.language"),
                "must be one of tenant, path and is",
            ));
        }
        if language.is.as_ref().is_some_and(|code| !is_language(code)) {
            flaws.push(Flaw::new(
                format!("{field}.language.is"),
                "must be a language such as es or en_US",
            ));
        }
    }
    for (n, code) in fallbacks.iter().enumerate() {
        if !is_language(code) {
            flaws.push(Flaw::new(
                format!("{field}.fallback_languages[{n}]"),
                "must be a language such as es or en_US",
            ));
        }
    }
}

impl Parameters {
    fn check(&self, field: &str, flaws: &mut Vec<Flaw>) {
        self.header.check(&format!("{field}.header"), flaws);
        for (field, one) in self.body.each(&format!("{field}.body")) {
            one.check(&field, flaws);
        }
        for (n, button) in self.buttons.iter().enumerate() {
            button
                .parameter()
                .check(&format!("{field}.buttons[{n}]"), flaws);
            if self.buttons[..n]
                .iter()
                .any(|other| other.index == button.index)
            {
                flaws.push(Flaw::new(
                    format!("{field}.buttons[{n}].index"),
                    "is there twice",
                ));
            }
        }
    }
}
