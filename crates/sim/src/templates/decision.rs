//! What somebody decides about a template, at the review desk or in a test.

use serde_json::{Value, json};

use super::{DAY_MS, Moment, Rejection, ending, plan, quality, review, told};
use crate::sim::Shared;
use crate::webhook::Update;
use crate::world::World;

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    Approve,
    Reject,
    Pause,
    Unpause,
    Disable,
    /// Another category, with notice or at once.
    Category,
    Quality,
    /// Nothing is left of it.
    Delete,
    /// A status that is set and told as it is.
    Status(&'static str),
    /// Told as it is; what was switched off and is reinstated can be sent again.
    Told(&'static str),
}

impl Word {
    /// By what a person calls it, or by Meta's status.
    pub(crate) fn read(word: &str) -> Option<Self> {
        Some(match word.to_uppercase().as_str() {
            "APPROVE" | "APPROVED" => Self::Approve,
            "REJECT" | "REJECTED" => Self::Reject,
            "PAUSE" | "PAUSED" => Self::Pause,
            "UNPAUSE" | "UNPAUSED" => Self::Unpause,
            "DISABLE" | "DISABLED" => Self::Disable,
            "CATEGORY" => Self::Category,
            "QUALITY" => Self::Quality,
            "PENDING" => Self::Status("PENDING"),
            "APPEAL" | "IN_APPEAL" => Self::Status("IN_APPEAL"),
            "ARCHIVE" | "ARCHIVED" => Self::Status("ARCHIVED"),
            "LIMIT_EXCEEDED" => Self::Status("LIMIT_EXCEEDED"),
            "PENDING_DELETION" => Self::Status("PENDING_DELETION"),
            "DELETE" | "DELETED" => Self::Delete,
            "LOCK" | "LOCKED" => Self::Told("LOCKED"),
            "FLAG" | "FLAGGED" => Self::Told("FLAGGED"),
            "REINSTATE" | "REINSTATED" => Self::Told("REINSTATED"),
            _ => return None,
        })
    }

    /// The event of its webhook, or what it changes.
    pub(crate) fn event(self) -> &'static str {
        match self {
            Self::Approve | Self::Unpause => "APPROVED",
            Self::Reject => "REJECTED",
            Self::Pause => "PAUSED",
            Self::Disable => "DISABLED",
            Self::Category => "CATEGORY",
            Self::Quality => "QUALITY",
            Self::Delete => "DELETED",
            Self::Status(word) | Self::Told(word) => word,
        }
    }
}

/// A decision, its words checked.
pub(crate) struct Decision {
    pub(crate) word: Word,
    pub(crate) reason: Option<String>,
    /// `MARKETING`, `UTILITY` or `AUTHENTICATION`: with an approval, or as the decision itself.
    pub(crate) category: Option<String>,
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub(crate) quality: Option<String>,
    /// How long a pause lasts; without an end when absent.
    pub(crate) hours: Option<u64>,
    /// The category changes without notice.
    pub(crate) at_once: bool,
    /// `rejection_info`, `other_info`, `disable_info` as the webhook shall have them.
    pub(crate) infos: Value,
}

/// Carries a decision out; the webhooks that tell of it. `None` without the template.
pub(crate) fn decide(shared: &Shared, id: &str, decision: &Decision) -> Option<()> {
    let updates = {
        let mut world = shared.world();
        let world = &mut *world;
        world.template(id)?;
        if decision.word != Word::Category
            && let Some(category) = &decision.category
            && let Some((_, template)) = world.template_mut(id)
        {
            template.category.clone_from(category);
        }
        let mut updates = carry_out(shared, world, id, decision);
        if let Some(update) = updates.last_mut() {
            for (key, info) in decision.infos.as_object().into_iter().flatten() {
                update.value[key.as_str()] = info.clone();
            }
        }
        updates
    };
    for update in updates {
        shared.emit(update);
    }
    Some(())
}

fn carry_out(shared: &Shared, world: &mut World, id: &str, decision: &Decision) -> Vec<Update> {
    let now_ms = shared.clock.now_ms();
    let reason = decision.reason.as_deref();
    let one = |update: Option<Update>| update.into_iter().collect::<Vec<_>>();
    match decision.word {
        Word::Approve => {
            let mut updates = one(review::approve(world, id, now_ms));
            if let (Some(reason), Some(update)) = (reason, updates.last_mut()) {
                update.value["reason"] = json!(reason);
            }
            updates
        }
        Word::Reject => {
            let found = review::rejection(reason.unwrap_or("INVALID_FORMAT"), None);
            one(found.and_then(|found| reject(world, id, &found, now_ms)))
        }
        Word::Pause => {
            let life = world.life(id);
            life.unpause_ms = None;
            if let Some(hours) = decision.hours {
                let due_ms = now_ms.saturating_add(hours.saturating_mul(super::HOUR_MS));
                plan(shared, world, id, Moment::Unpaused, due_ms);
            }
            one(set(world, id, "PAUSED", reason, json!({}), now_ms))
        }
        Word::Unpause => quality::unpause(world, id, now_ms),
        Word::Disable => {
            let extra = json!({"disable_info": {"disable_date": (now_ms / 1_000).to_string()}});
            world.life(id).unpause_ms = None;
            one(set(world, id, "DISABLED", reason, extra, now_ms))
        }
        Word::Category => {
            let category = decision.category.as_deref().unwrap_or("MARKETING");
            if decision.at_once {
                if let Some((_, template)) = world.template_mut(id) {
                    template.correct_category = Some(category.to_owned());
                }
                world.life(id).category_ms = None;
                recategorise(world, id, now_ms)
            } else {
                announce(shared, world, id, category, now_ms)
            }
        }
        Word::Quality => match decision.quality.as_deref().unwrap_or("RED") {
            "RED" => quality::lower(shared, world, id, quality::Cause::Quality),
            score => quality::score(world, id, score, now_ms),
        },
        Word::Delete => ending::gone(world, id),
        Word::Status(status) => one(set(world, id, status, reason, json!({}), now_ms)),
        Word::Told(event) => {
            let reason = reason.unwrap_or("NONE");
            if event == "REINSTATED"
                && let Some((_, template)) = world.template_mut(id)
            {
                "APPROVED".clone_into(&mut template.status);
                template.updated_ms = Some(now_ms);
            }
            let of = |(waba_id, template): (&str, &super::TemplateSpec)| {
                told::status(waba_id, template, event, Some(reason), json!({}))
            };
            one(world.template(id).map(of))
        }
    }
}

fn set(
    world: &mut World,
    id: &str,
    status: &str,
    reason: Option<&str>,
    extra: Value,
    now_ms: u64,
) -> Option<Update> {
    world.life(id).review_ms = None;
    let (waba_id, template) = world.template_mut(id)?;
    status.clone_into(&mut template.status);
    template.updated_ms = Some(now_ms);
    let reason = reason.unwrap_or("NONE");
    Some(told::status(waba_id, template, status, Some(reason), extra))
}

/// Rejected, with the reason and advice.
pub(crate) fn reject(
    world: &mut World,
    id: &str,
    rejection: &Rejection,
    now_ms: u64,
) -> Option<Update> {
    world.life(id).review_ms = None;
    let (waba_id, template) = world.template_mut(id)?;
    "REJECTED".clone_into(&mut template.status);
    template.rejected_reason = Some(rejection.reason.clone());
    template.updated_ms = Some(now_ms);
    let extra = json!({"rejection_info": rejection.info});
    Some(told::status(
        waba_id,
        template,
        "REJECTED",
        Some(&rejection.reason),
        extra,
    ))
}

/// Another category a day from now, told now.
fn announce(
    shared: &Shared,
    world: &mut World,
    id: &str,
    category: &str,
    now_ms: u64,
) -> Vec<Update> {
    let due_ms = now_ms.saturating_add(DAY_MS);
    plan(shared, world, id, Moment::Recategorised, due_ms);
    let Some((waba_id, template)) = world.template_mut(id) else {
        return Vec::new();
    };
    template.correct_category = Some(category.to_owned());
    vec![told::announced(waba_id, template, category, due_ms)]
}

/// The announced category is there.
pub(super) fn recategorise(world: &mut World, id: &str, now_ms: u64) -> Vec<Update> {
    let Some((waba_id, template)) = world.template_mut(id) else {
        return Vec::new();
    };
    let Some(category) = template.correct_category.take() else {
        return Vec::new();
    };
    let previous = std::mem::replace(&mut template.category, category);
    template.previous_category = Some(previous.clone());
    template.updated_ms = Some(now_ms);
    vec![told::recategorised(waba_id, template, &previous)]
}

/// Other components for a template that is there, if they are others: it is reviewed again.
pub(crate) fn replaced(
    shared: &Shared,
    world: &mut World,
    id: &str,
    components: Value,
) -> Vec<Update> {
    let now_ms = shared.clock.now_ms();
    let Some((waba_id, template)) = world.template_mut(id) else {
        return Vec::new();
    };
    if template.components == components {
        return Vec::new();
    }
    template.components = components;
    template.updated_ms = Some(now_ms);
    "PENDING".clone_into(&mut template.status);
    template.rejected_reason = None;
    let update = told::components(waba_id, template);
    world.life(id).unpause_ms = None;
    review::submitted(shared, world, id);
    vec![update]
}

/// Put away, or taken out again.
pub(crate) fn archive(shared: &Shared, world: &mut World, id: &str, away: bool) -> Option<Update> {
    let now_ms = shared.clock.now_ms();
    let (status, event) = if away {
        ("ARCHIVED", "ARCHIVED")
    } else {
        ("APPROVED", "UNARCHIVED")
    };
    let mut update = set(world, id, status, None, json!({}), now_ms)?;
    update.value["event"] = json!(event);
    Some(update)
}
