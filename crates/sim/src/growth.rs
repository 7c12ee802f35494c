//! What Meta decides by itself about an account: the verdict on a paced template, a higher messaging limit, a higher throughput.

use std::sync::Arc;

use serde_json::json;

use crate::phones::{self, Fate};
use crate::sim::Shared;
use crate::templates::{self, Cause};
use crate::timeline::Event;
use crate::webhook::Update;
use crate::world::{Outcome, Tier, World};

/// How long sends are refused while a number is made faster.
const UPGRADE_MS: u64 = 60_000;
/// Messages per second after it.
const HIGH: u32 = 1_000;

/// The time for a verdict has come, unless the pacing was changed since.
pub(crate) fn judge(shared: &Shared, template_id: &str, round: u64) {
    let outcome = {
        let world = shared.world();
        let pacing = world
            .pacing
            .get(template_id)
            .filter(|pacing| pacing.round == round);
        pacing.map(|pacing| pacing.spec.outcome)
    };
    if let Some(outcome) = outcome {
        // The template may be gone by now: then there is nobody to tell.
        let _ = decide(shared, template_id, outcome);
    }
}

/// Ends the pacing of a template; says how many held messages it concerned.
pub(crate) fn decide(
    shared: &Shared,
    template_id: &str,
    outcome: Outcome,
) -> Result<usize, String> {
    let (held, updates) = {
        let mut world = shared.world();
        let world = &mut *world;
        let unknown = || format!("no template has the id \"{template_id}\"");
        world.template(template_id).ok_or_else(unknown)?;
        let held = world
            .pacing
            .remove(template_id)
            .map(|pacing| pacing.held)
            .unwrap_or_default();
        let updates = match outcome {
            Outcome::Release => Vec::new(),
            Outcome::Pause => templates::lower(shared, world, template_id, Cause::Pacing),
        };
        for (wamid, _) in &held {
            if let Some(outbound) = world.messages.outbound_mut(wamid) {
                outbound.status = "accepted";
            }
        }
        (held, updates)
    };
    for update in updates {
        shared.emit(update);
    }
    let count = held.len();
    let now_ms = shared.clock.now_ms();
    for (wamid, fate) in held {
        let failure = match outcome {
            Outcome::Release => fate.failure,
            Outcome::Pause => Some(132015),
        };
        phones::follow_from(shared, &wamid, &Fate { failure, ..fate }, now_ms, false);
    }
    Ok(count)
}

/// The next step of a business's messaging limit, told to each of its accounts.
pub(crate) fn raise(shared: &Shared, business_id: &str) {
    let updates = {
        let mut world = shared.world();
        let portfolio = world.portfolio(business_id);
        portfolio.raising = false;
        let Some(tier) = portfolio.tier else {
            return;
        };
        portfolio.tier = Some(tier.next());
        capability(&world, business_id, tier.next())
    };
    for update in updates {
        shared.emit(update);
    }
}

/// `business_capability_update` for every account of a business.
pub(crate) fn capability(world: &World, business_id: &str, tier: Tier) -> Vec<Update> {
    let wabas = world.wabas.iter();
    wabas
        .filter(|(_, waba)| waba.business_id == business_id)
        .map(|(waba_id, _)| capability_of(waba_id, tier))
        .collect()
}

/// `business_capability_update` for one account.
pub(crate) fn capability_of(waba_id: &str, tier: Tier) -> Update {
    let mut value = json!({"max_daily_conversations_per_business": tier.word()});
    let (key, numbers) = if tier == Tier::T250 {
        ("max_phone_numbers_per_business", 2)
    } else {
        ("max_phone_numbers_per_waba", 25)
    };
    value[key] = json!(numbers);
    Update::of_account(waba_id, "business_capability_update", value)
}

/// The review of a display name has ended: `phone_number_name_update`.
pub(crate) fn name_judged(
    shared: &Shared,
    phone_number_id: &str,
    decision: &str,
    reason: Option<&str>,
) {
    let update = {
        let mut world = shared.world();
        let Some(number) = world.numbers.get_mut(phone_number_id) else {
            return;
        };
        let asked = number.line.new_display_name.clone();
        let name = asked.unwrap_or_else(|| number.spec.verified_name.clone());
        match decision {
            "APPROVED" => {
                number.line.new_display_name = None;
                number.spec.verified_name.clone_from(&name);
                "APPROVED".clone_into(&mut number.spec.name_status);
            }
            // A wish that is refused leaves the old name in force.
            "REJECTED" if number.line.new_display_name.is_some() => {
                number.line.new_display_name = None;
            }
            "REJECTED" => "DECLINED".clone_into(&mut number.spec.name_status),
            _ => "PENDING_REVIEW".clone_into(&mut number.spec.name_status),
        }
        let value = json!({"display_phone_number": number.digits(), "decision": decision,
                           "requested_verified_name": name, "rejection_reason": reason});
        Update::of_account(&number.spec.waba_id, "phone_number_name_update", value)
    };
    shared.emit(update);
}

/// A number is made faster: for a minute it refuses, then it is.
pub(crate) fn upgrade(shared: &Shared, phone_number_id: &str) -> Result<(), String> {
    let due_ms = shared.clock.now_ms().saturating_add(UPGRADE_MS);
    let mut world = shared.world();
    let number = world.numbers.get_mut(phone_number_id);
    let number =
        number.ok_or_else(|| format!("no business number has the id \"{phone_number_id}\""))?;
    if number.spec.coexistence {
        return Err("a number in coexistence stays at 20 messages a second".to_owned());
    }
    number.upgrading_until_ms = Some(due_ms);
    drop(world);
    let phone_number_id = Arc::from(phone_number_id);
    shared
        .timeline
        .schedule(due_ms, Event::Upgraded { phone_number_id });
    Ok(())
}

/// The upgrade is done.
pub(crate) fn upgraded(shared: &Shared, phone_number_id: &str) {
    let update = {
        let mut world = shared.world();
        let tier = world.tier(world.owner_of_number(phone_number_id));
        let Some(number) = world.numbers.get_mut(phone_number_id) else {
            return;
        };
        number.upgrading_until_ms = None;
        number.spec.mps = number.spec.mps.max(HIGH);
        let display: String = number
            .spec
            .display_phone_number
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        let limit = tier.map_or(number.spec.messaging_limit.as_str(), |tier| tier.word());
        Update {
            waba_id: number.spec.waba_id.clone(),
            phone_number_id: None,
            field: "phone_number_quality_update".to_owned(),
            value: json!({"display_phone_number": display, "event": "THROUGHPUT_UPGRADE",
                          "max_daily_conversations_per_business": limit}),
            business_id: None,
            first: None,
        }
    };
    shared.emit(update);
}
