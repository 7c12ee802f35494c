//! A template send against the template's definition: what Meta checks while the caller waits (page "error codes",
//! 132000, 132001, 132005, 132012, 132015, 132016).

use serde_json::Value;

use super::judge::{Judge, at, is, things};
use super::kinds;
use crate::form::Problem;
use crate::graph::Template;

/// A template as Meta defines it, ready to hold sends against.
#[derive(Debug, Clone)]
pub struct Definition {
    /// By which it is sent.
    pub name: String,
    /// Such as `en_US`.
    pub language: String,
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`.
    pub category: String,
    /// `APPROVED`, `PAUSED` …
    pub status: String,
    named: bool,
    components: Vec<Value>,
    types: Vec<String>,
}

impl Definition {
    /// What Meta's list says; `None` for a piece that is not a template.
    #[must_use]
    pub fn read(template: &Template) -> Option<Self> {
        let components = template
            .components
            .as_ref()
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .unwrap_or_default();
        let format = template.parameter_format.as_deref();
        Some(Self {
            name: template.name.clone()?,
            language: template.language.clone()?,
            category: template.category.clone().unwrap_or_default(),
            status: template.status.clone().unwrap_or_default(),
            named: format.is_some_and(|format| format.eq_ignore_ascii_case("NAMED")),
            components,
            types: Vec::new(),
        })
    }

    /// With the kinds of the values of its body (`body_param_types` of Meta's library).
    #[must_use]
    pub fn with_types(mut self, types: Vec<String>) -> Self {
        self.types = types;
        self
    }

    /// Whether it can be sent in its present state.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        self.status == "APPROVED"
    }

    /// Everything that Meta would refuse of `sent`, the content of a template message whose form is right.
    #[must_use]
    pub fn judge(&self, sent: &Value) -> Vec<Problem> {
        let state = match self.status.as_str() {
            "APPROVED" => None,
            "PAUSED" => Some((
                132_015,
                "is paused by WhatsApp because people complained about it; it can be sent again when the pause is over",
            )),
            "DISABLED" => Some((
                132_016,
                "was switched off by WhatsApp for good; make a new template",
            )),
            _ => Some((132_001, "is not approved by WhatsApp yet")),
        };
        if let Some((code, said)) = state {
            let (name, language) = (&self.name, &self.language);
            return vec![Problem {
                field: "template.name".to_owned(),
                problem: format!("{name} ({language}) {said}"),
                code,
            }];
        }
        let mut problems = self.judge_form(sent);
        problems.extend(self.judge_kinds(sent));
        problems
    }

    /// What Meta would refuse of `sent` with whatever values, if the template were approved.
    #[must_use]
    pub fn judge_form(&self, sent: &Value) -> Vec<Problem> {
        let mut judge = Judge {
            named: self.named,
            problems: Vec::new(),
        };
        let parts = things(sent, "components");
        judge.components(&self.components, parts, "template");
        judge.problems
    }

    /// What the value of the body at this place, from 0, lacks to be of the kind that the template takes there.
    #[must_use]
    pub fn misfit(&self, place: usize, value: &str) -> Option<String> {
        let kind = self.types.get(place)?;
        let wanted = kinds::misfit(kind, value)?;
        Some(format!(
            "the template takes {wanted} here ({kind}), not {value:?}"
        ))
    }

    /// The values of the body of a template out of Meta's library are of its kinds.
    fn judge_kinds(&self, sent: &Value) -> Vec<Problem> {
        let mut bodies = things(sent, "components").iter().enumerate();
        let Some((place, body)) = bodies.find(|(_, part)| is(&part["type"], "body")) else {
            return Vec::new();
        };
        let values = things(body, "parameters").iter().enumerate();
        let misfits = values.filter_map(|(index, value)| {
            // What is not a text is told already.
            let problem = self.misfit(index, value["text"].as_str()?)?;
            Some(Problem {
                field: format!("{}[{index}].text", at("template", place)),
                problem,
                code: 132_018,
            })
        });
        misfits.collect()
    }

    pub(super) fn components(&self) -> &[Value] {
        &self.components
    }

    pub(super) fn header_format(&self) -> Option<&str> {
        let header = self
            .components
            .iter()
            .find(|part| is(&part["type"], "header"))?;
        header["format"].as_str()
    }

    pub(super) fn buttons(&self) -> &[Value] {
        let buttons = self
            .components
            .iter()
            .find(|part| is(&part["type"], "buttons"));
        buttons.map_or(&[], |part| things(part, "buttons"))
    }
}

/// What Meta answers to a template that is not there.
#[must_use]
pub fn unknown(name: &str, language: &str) -> Problem {
    Problem {
        field: "template.name".to_owned(),
        problem: format!("there is no template {name} in the language {language}"),
        code: 132_001,
    }
}
