//! `DELETE /{waba}/message_templates`: by name in all languages, or by id.

use serde_json::json;

use crate::definition::refused;
use crate::error::{GraphError, GraphResult};
use crate::graph::Reply;
use crate::graph::call::Call;
use crate::sim::Shared;
use crate::templates::{self, TemplateSpec, deletable};

pub(super) fn delete(shared: &Shared, call: &Call, waba_id: &str) -> GraphResult<Reply> {
    let name = call.param("name").filter(|name| !name.is_empty());
    let many = call.list("hsm_ids");
    let only = call.list("hsm_id");
    if name.is_none() && many.is_empty() {
        return Err(GraphError::missing("name"));
    }
    let updates = {
        let mut world = shared.world();
        let waba = world
            .wabas
            .get(waba_id)
            .ok_or_else(|| GraphError::no_object("DELETE", waba_id))?;
        let meant = |template: &&TemplateSpec| {
            let by_id = |ids: &[String]| ids.contains(&template.id);
            match name {
                Some(name) => template.name == name && (only.is_empty() || by_id(&only)),
                None => by_id(&many),
            }
        };
        let found: Vec<&TemplateSpec> = waba.templates.iter().filter(meant).collect();
        if found.is_empty() || (name.is_none() && found.len() < many.len()) {
            let what = name.map_or_else(|| many.join(", "), str::to_owned);
            return Err(GraphError::parameter(format!(
                "Invalid parameter: template {what} was not found."
            )));
        }
        if let Some(kept) = found.iter().find(|template| !deletable(template)) {
            return refused(
                None,
                "Message template cannot be deleted",
                format!("A template that is {} cannot be deleted.", kept.status),
            );
        }
        let ids: Vec<String> = found.iter().map(|template| template.id.clone()).collect();
        let mut updates = Vec::new();
        for id in ids {
            updates.extend(templates::delete(shared, &mut world, &id));
        }
        updates
    };
    for update in updates {
        shared.emit(update);
    }
    Ok(Reply::Json(json!({"success": true})))
}
