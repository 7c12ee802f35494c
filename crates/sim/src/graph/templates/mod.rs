//! Templates: the list of an account, one by id, and what is done with them.

mod compare;
mod create;
mod edit;
mod end;
mod library;
mod many;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Reply;
use super::call::{Call, Caller};
use super::fields::select;
use super::paging::page;
use crate::error::{GraphError, GraphResult};
use crate::sim::Shared;
use crate::templates::TemplateSpec;
use crate::world::World;
pub(super) use library::list as library;

const DEFAULTS: [&str; 7] = [
    "name",
    "parameter_format",
    "components",
    "language",
    "status",
    "category",
    "id",
];
const NODE_TYPE: &str = "WhatsAppMessageTemplate";

/// Templates of an account of a business that is verified, and of one that is not.
const VERIFIED: usize = 6_000;
const UNVERIFIED: usize = 250;

fn whole(template: &TemplateSpec) -> Value {
    let seconds = |at_ms: Option<u64>| at_ms.map(|at_ms| at_ms / 1_000);
    json!({
        "id": template.id,
        "name": template.name,
        "language": template.language,
        "status": template.status,
        "category": template.category,
        "parameter_format": template.parameter_format,
        "components": template.components,
        "sub_category": null,
        "rejected_reason": template.reason(),
        "quality_score": {"score": template.quality, "date": template.quality_date.unwrap_or(1_767_225_600)},
        "correct_category": template.correct_category,
        "previous_category": template.previous_category,
        "created_time": seconds(template.created_ms),
        "last_updated_time": seconds(template.updated_ms),
        "message_send_ttl_seconds": template.message_send_ttl_seconds,
        "library_template_name": template.library_template_name,
        "health_status": health(template),
        "degrees_of_freedom_spec": null,
        "cta_url_link_tracking_opted_out": template.cta_url_link_tracking_opted_out,
    })
}

fn health(template: &TemplateSpec) -> Value {
    let can = if template.status == "APPROVED" {
        "AVAILABLE"
    } else {
        "BLOCKED"
    };
    let entity =
        json!({"entity_type": "MESSAGE_TEMPLATE", "id": template.id, "can_send_message": can});
    json!({"can_send_message": can, "entities": [entity]})
}

/// How many templates an account may have.
pub(super) fn limit(world: &World, waba_id: &str) -> usize {
    let Some(waba) = world.wabas.get(waba_id) else {
        return UNVERIFIED;
    };
    let business = world.businesses.all.get(&waba.business_id);
    let verified = business.is_some_and(|business| business.verification == "verified")
        || world
            .portfolios
            .get(&waba.business_id)
            .is_some_and(|portfolio| portfolio.verified);
    let own = if verified { VERIFIED } else { UNVERIFIED };
    waba.template_limit.unwrap_or(own)
}

/// Calls about one template.
pub(super) fn of_one(
    shared: &Shared,
    call: &Call,
    id: &str,
    edge: Option<&str>,
) -> GraphResult<Reply> {
    match (edge, call.method.as_str()) {
        (None, "GET") => node(shared, call, id),
        (None, "POST") => edit::post(shared, call, id),
        (Some("unpause"), "POST") => edit::unpause(shared, id),
        (Some("compare"), "GET") => compare::get(shared, call, id),
        (None | Some("unpause" | "compare"), other) => Err(GraphError::unsupported(other)),
        (Some(edge), _) => Err(GraphError::unknown_path(edge)),
    }
}

fn node(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    let world = shared.world();
    let (_, template) = world
        .template(id)
        .ok_or_else(|| GraphError::no_object("GET", id))?;
    select(&whole(template), call.param("fields"), &DEFAULTS, NODE_TYPE).map(Reply::Json)
}

/// Edges of an account that are about templates.
pub(super) fn has(edge: &str) -> bool {
    matches!(
        edge,
        "message_templates"
            | "upsert_message_templates"
            | "message_template_previews"
            | "migrate_message_templates"
            | "archive"
            | "unarchive"
    )
}

/// A call on one of these.
pub(super) fn edge(
    shared: &Shared,
    call: &Call,
    caller: &Caller,
    waba_id: &str,
    edge: &str,
) -> GraphResult<Reply> {
    match (edge, call.method.as_str()) {
        ("message_templates", "GET") => list(shared, call, waba_id),
        ("message_templates", "POST") if call.params.contains_key("library_template_name") => {
            library::create(shared, call, waba_id)
        }
        ("message_templates", "POST") => create::post(shared, call, waba_id),
        ("message_templates", "DELETE") => end::delete(shared, call, waba_id),
        ("upsert_message_templates", "POST") => many::upsert(shared, call, waba_id),
        ("message_template_previews", "GET") => many::previews(call),
        ("migrate_message_templates", "POST") => many::migrate(shared, call, caller, waba_id),
        ("archive" | "unarchive", "POST") => {
            many::archive(shared, call, waba_id, edge == "archive")
        }
        (_, other) => Err(GraphError::unsupported(other)),
    }
}

fn list(shared: &Shared, call: &Call, waba_id: &str) -> GraphResult<Reply> {
    let matches = |key: &str, value: &str| {
        call.param(key).is_none_or(|wanted| {
            wanted.split(',').any(|one| {
                one.trim_matches(['[', ']', '"', '\'', ' '])
                    .eq_ignore_ascii_case(value)
            })
        })
    };
    let contains = |key: &str, text: &str| {
        call.param(key)
            .is_none_or(|wanted| text.to_lowercase().contains(&wanted.to_lowercase()))
    };
    let mut items = Vec::new();
    let (all, most, complete) = {
        let world = shared.world();
        for template in world
            .wabas
            .get(waba_id)
            .into_iter()
            .flat_map(|waba| &waba.templates)
        {
            let content = template.components.to_string();
            let fits = contains("name", &template.name)
                && matches("language", &template.language)
                && matches("status", &template.status)
                && matches("category", &template.category)
                && matches("quality_score", &template.quality)
                && contains("content", &content)
                && contains("name_or_content", &format!("{} {content}", template.name));
            if fits {
                items.push(select(
                    &whole(template),
                    call.param("fields"),
                    &DEFAULTS,
                    NODE_TYPE,
                )?);
            }
        }
        let all = world.wabas.get(waba_id);
        let all = all.map_or(&[][..], |waba| waba.templates.as_slice());
        (all.len(), limit(&world, waba_id), are_translated(all))
    };
    let total = items.len();
    let mut answer = page(shared, call, "message_templates", items)?;
    if call
        .param("summary")
        .is_some_and(|summary| summary != "false")
    {
        answer["summary"] = json!({
            "total_count": total,
            "message_template_count": all,
            "message_template_limit": most,
            "are_translations_complete": complete,
        });
    }
    Ok(Reply::Json(answer))
}

/// Whether every name is there in every language that one of them has.
fn are_translated(templates: &[TemplateSpec]) -> bool {
    let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for template in templates {
        let languages = names.entry(&template.name).or_default();
        languages.insert(&template.language);
    }
    let mut sets = names.values();
    let first = sets.next();
    sets.all(|set| Some(set) == first)
}
