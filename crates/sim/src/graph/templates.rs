//! Templates: the list of an account, one by id, and a plain form of creation and deletion.

use serde_json::{Value, json};

use super::Reply;
use super::call::Call;
use super::fields::select;
use super::paging::page;
use crate::error::{GraphError, GraphResult};
use crate::seed::TemplateSpec;
use crate::sim::Shared;

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

fn whole(template: &TemplateSpec) -> Value {
    let rejected = if template.status == "REJECTED" {
        "INVALID_FORMAT"
    } else {
        "NONE"
    };
    json!({
        "id": template.id,
        "name": template.name,
        "language": template.language,
        "status": template.status,
        "category": template.category,
        "parameter_format": template.parameter_format,
        "components": template.components,
        "sub_category": null,
        "rejected_reason": rejected,
        "quality_score": {"score": "UNKNOWN", "date": 1_767_225_600},
        "correct_category": null,
        "previous_category": null,
        "created_time": null,
        "last_updated_time": null,
        "message_send_ttl_seconds": null,
        "library_template_name": null,
        "health_status": null,
        "degrees_of_freedom_spec": null,
        "cta_url_link_tracking_opted_out": false,
    })
}

pub(super) fn node(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    let world = shared.world();
    let template = world
        .wabas
        .values()
        .flat_map(|waba| &waba.templates)
        .find(|template| template.id == id);
    let template = template.ok_or_else(|| GraphError::no_object("GET", id))?;
    select(&whole(template), call.param("fields"), &DEFAULTS, NODE_TYPE).map(Reply::Json)
}

/// `/{waba}/message_templates`.
pub(super) fn edge(shared: &Shared, call: &Call, waba_id: &str) -> GraphResult<Reply> {
    match call.method.as_str() {
        "GET" => list(shared, call, waba_id),
        "POST" => create(shared, call, waba_id),
        "DELETE" => delete(shared, call, waba_id),
        other => Err(GraphError::unsupported(other)),
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
    {
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
    }
    let total = items.len();
    let mut answer = page(shared, call, "message_templates", items)?;
    if call
        .param("summary")
        .is_some_and(|summary| summary != "false")
    {
        answer["summary"] = json!({
            "total_count": total,
            "message_template_count": total,
            "message_template_limit": 6_000,
            "are_translations_complete": false,
        });
    }
    Ok(Reply::Json(answer))
}

/// Creation in its plain form: name, language, category and a body; the review is `/_sim/templates/{id}/decide`.
fn create(shared: &Shared, call: &Call, waba_id: &str) -> GraphResult<Reply> {
    let text = |key: &str| {
        call.param(key)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| GraphError::missing(key))
    };
    let name = text("name")?;
    let language = text("language")?;
    let category = text("category")?.to_uppercase();
    if name.len() > 512
        || !name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
    {
        return Err(GraphError::parameter(
            "Param name must have lower-case letters, digits and underscores only.",
        ));
    }
    if !matches!(
        category.as_str(),
        "MARKETING" | "UTILITY" | "AUTHENTICATION"
    ) {
        return Err(GraphError::parameter(format!(
            "Param category must be one of {{UTILITY, MARKETING, AUTHENTICATION}} - got \"{category}\"."
        )));
    }
    let components = call
        .params
        .get("components")
        .cloned()
        .unwrap_or_else(|| json!([]));
    let is_body = |component: &Value| {
        component["type"]
            .as_str()
            .is_some_and(|kind| kind.eq_ignore_ascii_case("body"))
    };
    if !components
        .as_array()
        .is_some_and(|components| components.iter().any(is_body))
    {
        return Err(GraphError::missing("components"));
    }
    let mut world = shared.world();
    let taken = world.wabas.get(waba_id).is_some_and(|waba| {
        waba.templates
            .iter()
            .any(|known| known.name == name && known.language == language)
    });
    if taken {
        return Err(GraphError {
            subcode: Some(2_388_024),
            ..GraphError::parameter(
                "Invalid parameter: content in this language already exists for that name.",
            )
        });
    }
    let template = TemplateSpec {
        name: name.to_owned(),
        language: language.to_owned(),
        category: category.clone(),
        parameter_format: call
            .param("parameter_format")
            .unwrap_or("POSITIONAL")
            .to_uppercase(),
        status: "PENDING".to_owned(),
        components,
        ..TemplateSpec::default()
    };
    let id = world
        .add_template(shared.chance, waba_id, template)
        .ok_or_else(|| GraphError::no_object("POST", waba_id))?;
    Ok(Reply::Json(
        json!({"id": id, "status": "PENDING", "category": category}),
    ))
}

fn delete(shared: &Shared, call: &Call, waba_id: &str) -> GraphResult<Reply> {
    let Some(name) = call.param("name") else {
        return Err(GraphError::missing("name"));
    };
    let only = call.param("hsm_id");
    let mut world = shared.world();
    let waba = world
        .wabas
        .get_mut(waba_id)
        .ok_or_else(|| GraphError::no_object("DELETE", waba_id))?;
    let before = waba.templates.len();
    waba.templates
        .retain(|template| template.name != name || only.is_some_and(|id| id != template.id));
    if waba.templates.len() == before {
        return Err(GraphError::parameter(format!(
            "Invalid parameter: template {name} was not found."
        )));
    }
    Ok(Reply::Json(json!({"success": true})))
}
