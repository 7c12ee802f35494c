//! What Meta shows and what is written here, in the words of the plan.

use std::collections::HashMap;

use domain::Timestamp;
use meta::graph::{LibraryChoice, Template};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use store::global_templates::contents::Content;
use store::global_templates::placements::Taken;

use super::plan::{AtMeta, Said, There, Wanted};
use super::share::Work;

pub(super) fn by_name(listed: Vec<Template>) -> AtMeta {
    let mut at_meta = HashMap::new();
    for template in listed {
        let (Some(name), Some(language), Some(meta_id)) =
            (template.name, template.language, template.id)
        else {
            continue;
        };
        let components = template
            .components
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .unwrap_or(Value::Null);
        let there = There {
            meta_id,
            status: template.status.unwrap_or_default().to_uppercase(),
            category: template.category,
            rejected_reason: template.rejected_reason,
            components,
        };
        at_meta.insert((name, language), there);
    }
    at_meta
}

pub(super) fn taken(there: &There) -> Taken {
    Taken {
        meta_id: there.meta_id.clone(),
        status: there.status.clone(),
        category: there.category.clone(),
        rejected_reason: there
            .rejected_reason
            .clone()
            .filter(|_| there.status == "REJECTED"),
    }
}

pub(super) fn wanted(one: &Work, all: &[Content]) -> Wanted {
    let read = |content: &Content| serde_json::from_str(&content.components).unwrap_or(Value::Null);
    let says = one.content.library.is_none().then(|| Said {
        category: one.content.category.clone(),
        components: read(&one.content),
    });
    let others = all.iter().filter(|content| {
        content.global_id == one.open.global_id
            && content.language == one.open.language
            && content.version != one.open.version
    });
    Wanted {
        name: one.open.name.clone(),
        language: one.open.language.clone(),
        says,
        others: others.map(read).collect(),
        begun_at: one.open.begun_at.map(Timestamp),
        in_doubt: one.open.in_doubt,
        known_as: one.open.done_version.and(one.open.meta_id.clone()),
        resubmit: one.open.resubmit,
        next_at: Timestamp(one.open.next_at),
    }
}

/// The members by which Meta makes a template out of its library.
#[derive(Deserialize)]
pub(super) struct Library {
    name: String,
    button_inputs: Option<Box<RawValue>>,
    body_inputs: Option<Box<RawValue>>,
}

/// By what name the library has it.
pub(super) fn library_name(json: &str) -> Option<String> {
    serde_json::from_str(json)
        .ok()
        .map(|library: Library| library.name)
}

impl Library {
    pub(super) fn choice(&self) -> LibraryChoice<'_> {
        LibraryChoice {
            library_template_name: &self.name,
            library_template_button_inputs: self.button_inputs.as_deref(),
            library_template_body_inputs: self.body_inputs.as_deref(),
        }
    }
}

pub(super) fn parsed(
    content: &Content,
) -> Result<(Option<Box<RawValue>>, Option<Library>), String> {
    let wrong = |error: serde_json::Error| error.to_string();
    match &content.library {
        Some(library) => Ok((None, Some(serde_json::from_str(library).map_err(wrong)?))),
        None => {
            let components = RawValue::from_string(content.components.clone()).map_err(wrong)?;
            Ok((Some(components), None))
        }
    }
}
