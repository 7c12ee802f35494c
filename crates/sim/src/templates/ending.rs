//! Deletion: what was sent is still delivered, and the name of an approved template stays taken for a month.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{LOCK_MS, Moment, TemplateSpec, plan, told};
use crate::sim::Shared;
use crate::webhook::Update;
use crate::world::World;

/// Until when a name is taken in a language by a template that was deleted.
pub(crate) fn locked_until(
    world: &World,
    waba_id: &str,
    name: &str,
    language: &str,
    now_ms: u64,
) -> Option<u64> {
    let waba = world.wabas.get(waba_id)?;
    let until_ms = *waba.locked.get(&(name.to_owned(), language.to_owned()))?;
    (until_ms > now_ms).then_some(until_ms)
}

/// Whether it may be deleted: not while it is disabled.
pub(crate) fn deletable(template: &TemplateSpec) -> bool {
    !matches!(template.status.as_str(), "DISABLED" | "PENDING_DELETION")
}

/// Whether messages of these templates are under way.
fn under_way(world: &World, waba_id: &str, template: &TemplateSpec) -> bool {
    let numbers: HashSet<&str> = world
        .numbers
        .values()
        .filter(|number| number.spec.waba_id == waba_id)
        .map(|number| number.spec.phone_number_id.as_str())
        .collect();
    world.messages.all_outbound().any(|outbound| {
        outbound.kind == "template"
            && matches!(outbound.status, "accepted" | "held" | "sent")
            && numbers.contains(&*outbound.phone_number_id)
            && serde_json::from_slice::<Value>(&outbound.body).is_ok_and(|body| {
                body["template"]["name"] == template.name.as_str()
                    && body["template"]["language"]["code"] == template.language.as_str()
            })
    })
}

/// Deletes a template; `false` without it.
pub(crate) fn delete(shared: &Shared, world: &mut World, id: &str) -> Vec<Update> {
    let now_ms = shared.clock.now_ms();
    let Some((waba_id, template)) = world.template(id) else {
        return Vec::new();
    };
    let (waba_id, template) = (waba_id.to_owned(), template.clone());
    let until_ms = now_ms.saturating_add(LOCK_MS);
    let approved = world.lives.get(id).is_some_and(|life| life.approved)
        || matches!(template.status.as_str(), "APPROVED" | "PAUSED");
    if approved && let Some(waba) = world.wabas.get_mut(&waba_id) {
        let name = (template.name.clone(), template.language.clone());
        waba.locked.insert(name, until_ms);
    }
    if under_way(world, &waba_id, &template) {
        let Some((waba_id, template)) = world.template_mut(id) else {
            return Vec::new();
        };
        "PENDING_DELETION".clone_into(&mut template.status);
        template.updated_ms = Some(now_ms);
        let update = told::status(
            waba_id,
            template,
            "PENDING_DELETION",
            Some("NONE"),
            json!({}),
        );
        plan(shared, world, id, Moment::Gone, until_ms);
        return vec![update];
    }
    gone(world, id)
}

/// Nothing is left of it.
pub(super) fn gone(world: &mut World, id: &str) -> Vec<Update> {
    let Some((waba_id, template)) = world.template(id) else {
        return Vec::new();
    };
    let update = told::status(waba_id, template, "DELETED", Some("NONE"), json!({}));
    let waba_id = waba_id.to_owned();
    if let Some(waba) = world.wabas.get_mut(&waba_id) {
        waba.templates.retain(|known| known.id != id);
    }
    world.pacing.remove(id);
    world.lives.remove(id);
    vec![update]
}
