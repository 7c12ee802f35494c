//! `POST /{template}`: an edit, and the end of a pause.

use serde_json::{Value, json};

use super::create;
use crate::definition::refused;
use crate::error::{GraphError, GraphResult};
use crate::graph::Reply;
use crate::graph::call::Call;
use crate::sim::Shared;
use crate::templates::{self, DAY_MS};
use crate::world::World;

/// Edits of an approved template within a day and within thirty.
const A_DAY: usize = 1;
const A_MONTH: usize = 10;

pub(super) fn post(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    let now_ms = shared.clock.now_ms();
    let (answer, updates) = {
        let mut world = shared.world();
        let world = &mut *world;
        let (_, known) = world
            .template(id)
            .ok_or_else(|| GraphError::no_object("POST", id))?;
        let approved = known.status == "APPROVED";
        if !matches!(known.status.as_str(), "APPROVED" | "REJECTED" | "PAUSED") {
            return refused(
                None,
                "Message template cannot be edited",
                format!(
                    "Only templates that are APPROVED, REJECTED or PAUSED can be edited; this one is {}.",
                    known.status
                ),
            );
        }
        for (key, own) in [("name", &known.name), ("language", &known.language)] {
            if call.param(key).is_some_and(|given| given != own) {
                return refused(
                    None,
                    "Message template cannot be edited",
                    format!("The {key} of a template cannot be edited."),
                );
            }
        }
        let category = match call.param("category") {
            Some(given) => create::category(given)?,
            None => known.category.clone(),
        };
        if approved && category != known.category {
            return refused(
                None,
                "Category cannot be edited",
                "The category of an approved template cannot be edited.",
            );
        }
        let ttl = create::ttl(call, &category)?;
        let named = known.parameter_format == "NAMED";
        let (language, old) = (known.language.clone(), known.components.clone());
        let given = call.json("components");
        let components = if !given.is_null() {
            let judged = create::components(world, &given, &category, named, &language)?;
            Some(judged)
        } else if category != known.category {
            create::components(world, &old, &category, named, &language)?;
            None
        } else if ttl.is_none() {
            return Err(GraphError::missing("components"));
        } else {
            None
        };
        if approved {
            count_edit(world, id, now_ms)?;
        }
        change(shared, world, id, category, ttl, components)
    };
    for update in updates {
        shared.emit(update);
    }
    Ok(Reply::Json(answer))
}

/// Once a day, ten times in thirty days.
fn count_edit(world: &mut World, id: &str, now_ms: u64) -> GraphResult<()> {
    let life = world.life(id);
    life.edits
        .retain(|at_ms| at_ms.saturating_add(30 * DAY_MS) > now_ms);
    let today = life
        .edits
        .iter()
        .filter(|at_ms| at_ms.saturating_add(DAY_MS) > now_ms);
    let title = "Edit limit reached";
    if today.count() >= A_DAY {
        return refused(
            None,
            title,
            "An approved template can be edited once within 24 hours. Try again later.",
        );
    }
    if life.edits.len() >= A_MONTH {
        return refused(
            None,
            title,
            "An approved template can be edited 10 times within 30 days. Try again later.",
        );
    }
    life.edits.push(now_ms);
    Ok(())
}

fn change(
    shared: &Shared,
    world: &mut World,
    id: &str,
    category: String,
    ttl: Option<i64>,
    components: Option<Value>,
) -> (Value, Vec<crate::webhook::Update>) {
    let now_ms = shared.clock.now_ms();
    let mut updates = Vec::new();
    let Some((waba_id, template)) = world.template_mut(id) else {
        return (Value::Null, updates);
    };
    template.updated_ms = Some(now_ms);
    template.message_send_ttl_seconds = ttl.or(template.message_send_ttl_seconds);
    // How long a message lives needs no review.
    let reviewed = components.is_some() || category != template.category;
    template.category = category;
    let changed = components.is_some();
    if let Some(components) = components {
        template.components = components;
    }
    if changed {
        updates.push(templates::components(waba_id, template));
    }
    if reviewed {
        "PENDING".clone_into(&mut template.status);
        template.rejected_reason = None;
        let flaw = templates::flaw(&template.components);
        world.life(id).unpause_ms = None;
        match flaw {
            Some(flaw) => updates.extend(templates::reject(world, id, &flaw, now_ms)),
            None => templates::submitted(shared, world, id),
        }
    }
    let answer = world.template(id).map_or(Value::Null, |(_, template)| {
        json!({"success": true, "id": id, "name": template.name, "category": template.category})
    });
    (answer, updates)
}

/// `POST /{template}/unpause`.
pub(super) fn unpause(shared: &Shared, id: &str) -> GraphResult<Reply> {
    let updates = {
        let mut world = shared.world();
        let (_, template) = world
            .template(id)
            .ok_or_else(|| GraphError::no_object("POST", id))?;
        if template.status != "PAUSED" {
            return refused(
                None,
                "Message template is not paused",
                format!(
                    "Only a paused template can be unpaused; this one is {}.",
                    template.status
                ),
            );
        }
        templates::unpause(&mut world, id, shared.clock.now_ms())
    };
    for update in updates {
        shared.emit(update);
    }
    Ok(Reply::Json(json!({"success": true})))
}
