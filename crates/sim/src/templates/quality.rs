//! Quality, and what follows from a low one: a pause of three hours, one of six, the end.

use serde_json::json;

use super::{HOUR_MS, Moment, plan, told};
use crate::sim::Shared;
use crate::webhook::Update;
use crate::world::World;

/// Why a template is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Its quality fell: the pause ends by itself.
    Quality,
    /// It did badly while it was paced: it must be unpaused.
    Pacing,
}

/// The quality is RED: paused, at the third time disabled.
pub(crate) fn lower(shared: &Shared, world: &mut World, id: &str, cause: Cause) -> Vec<Update> {
    let now_ms = shared.clock.now_ms();
    let Some(previous) = judged(world, id, "RED", now_ms) else {
        return Vec::new();
    };
    let life = world.life(id);
    life.pauses = life.pauses.saturating_add(1);
    life.unpause_ms = None;
    let hours = match life.pauses {
        1 => 3,
        2 => 6,
        _ => 0,
    };
    let (status, title) = match hours {
        3 => ("PAUSED", "FIRST_PAUSE"),
        6 => ("PAUSED", "SECOND_PAUSE"),
        _ => ("DISABLED", "DISABLED"),
    };
    let description = match (hours, cause) {
        (0, _) => {
            "Your WhatsApp message template has been disabled because it was paused too many times."
                .to_owned()
        }
        (hours, Cause::Quality) => format!(
            "Your WhatsApp message template has been paused for {hours} hours because it has low quality."
        ),
        (_, Cause::Pacing) => {
            "Your WhatsApp message template has been paused because it had low quality while it was paced. \
             Unpause it when you have reviewed it."
                .to_owned()
        }
    };
    let Some((waba_id, template)) = world.template_mut(id) else {
        return Vec::new();
    };
    status.clone_into(&mut template.status);
    template.updated_ms = Some(now_ms);
    let mut extra = json!({"other_info": {"title": title, "description": description}});
    if status == "DISABLED" {
        extra["disable_info"] = json!({"disable_date": (now_ms / 1_000).to_string()});
    }
    let updates = vec![
        told::quality(waba_id, template, &previous),
        told::status(waba_id, template, status, None, extra),
    ];
    if hours > 0 && cause == Cause::Quality {
        let due_ms = now_ms.saturating_add(hours * HOUR_MS);
        plan(shared, world, id, Moment::Unpaused, due_ms);
    }
    updates
}

/// Another score; gives the one before.
fn judged(world: &mut World, id: &str, score: &str, now_ms: u64) -> Option<String> {
    let (_, template) = world.template_mut(id)?;
    template.quality_date = Some(now_ms / 1_000);
    Some(std::mem::replace(&mut template.quality, score.to_owned()))
}

/// A score that changes nothing but itself.
pub(super) fn score(world: &mut World, id: &str, score: &str, now_ms: u64) -> Vec<Update> {
    let Some(previous) = judged(world, id, score, now_ms) else {
        return Vec::new();
    };
    world
        .template(id)
        .map(|(waba_id, template)| told::quality(waba_id, template, &previous))
        .into_iter()
        .collect()
}

/// The pause is over.
pub(crate) fn unpause(world: &mut World, id: &str, now_ms: u64) -> Vec<Update> {
    world.life(id).unpause_ms = None;
    let Some((waba_id, template)) = world.template_mut(id) else {
        return Vec::new();
    };
    if template.status != "PAUSED" {
        return Vec::new();
    }
    "APPROVED".clone_into(&mut template.status);
    template.updated_ms = Some(now_ms);
    let description = "Your WhatsApp message template has been unpaused. It can be sent again.";
    let extra = json!({"other_info": {"title": "UNPAUSE", "description": description}});
    vec![told::status(
        waba_id,
        template,
        "APPROVED",
        Some("NONE"),
        extra,
    )]
}
