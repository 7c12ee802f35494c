//! What Meta makes of a message whose form is right: refused at once, accepted to fail later, or sent.

use crate::error::{GraphError, GraphResult};
use crate::media::limit_for;
use crate::seed::CustomerSpec;
use crate::validate::{Checked, MediaSource};
use crate::world::{Ban, Number, Payment, Waba, World};

/// Media named by id must exist for this account; one of a wrong type or size fails later (`true`).
pub(super) fn media_by_id(
    world: &World,
    checked: &Checked,
    waba_id: &str,
    now_ms: u64,
) -> GraphResult<bool> {
    let mut bad = false;
    for media in &checked.media {
        let MediaSource::Id(id) = &media.source else {
            continue;
        };
        let Some(medium) = world
            .media
            .get(id, now_ms)
            .filter(|medium| medium.waba_id == waba_id)
        else {
            return Err(GraphError::parameter(format!(
                "Param {}['id'] is not a valid whatsapp business account media attachment ID",
                media.path
            )));
        };
        bad |=
            limit_for(media.kind, &medium.mime_type).is_none_or(|limit| medium.bytes.len() > limit);
    }
    Ok(bad)
}

pub(super) fn recipient(number: &Number, to: &str) -> GraphResult<()> {
    let own: String = number
        .spec
        .display_phone_number
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    if own == to {
        return Err(GraphError::new(
            131021,
            "Sender and recipient phone number is the same.",
        ));
    }
    if let Some(allowed) = &number.spec.allowed_recipients
        && !allowed.iter().any(|phone| phone == to)
    {
        return Err(GraphError::new(
            131030,
            "Recipient phone number not in allowed list: Add recipient phone number to recipient list and try again.",
        ));
    }
    Ok(())
}

pub(super) fn state(number: &Number, now_ms: u64) -> GraphResult<()> {
    let code = match number.spec.status.as_str() {
        _ if number
            .upgrading_until_ms
            .is_some_and(|until_ms| now_ms < until_ms) =>
        {
            131057
        }
        "CONNECTED" | "FLAGGED" => return Ok(()),
        "BANNED" | "RESTRICTED" => 131031,
        "DELETED" => 33,
        "RATE_LIMITED" => 131048,
        "MAINTENANCE" => 131057,
        _ => 133010,
    };
    Err(GraphError::of_table(code, None))
}

/// What the account may send: nothing while it is disabled, and not what it is restricted from.
pub(super) fn standing(
    waba: &Waba,
    category: &str,
    free_form: bool,
    now_ms: u64,
) -> GraphResult<()> {
    let is = |kind: &str| waba.is_restricted(kind, now_ms);
    let code = if waba.ban == Ban::Disabled || waba.review == "REJECTED" {
        131031
    } else if free_form && is("RESTRICTED_CUSTOMER_INITIATED_MESSAGING")
        || !free_form && is("RESTRICTED_BIZ_INITIATED_MESSAGING")
    {
        368
    } else if category == "utility" && is("RESTRICTED_UTILITY_TEMPLATES") {
        131064
    } else {
        return Ok(());
    };
    Err(GraphError::of_table(code, None))
}

/// What is known when a message is judged.
pub(super) struct Case<'a> {
    pub(super) checked: &'a Checked,
    /// The user in digits, or the BSUID that nobody is known by.
    pub(super) to: &'a str,
    pub(super) is_phone: bool,
    pub(super) category: &'static str,
    pub(super) bad_media: bool,
    pub(super) window_open: bool,
    pub(super) entry_open: bool,
    pub(super) billable: bool,
}

/// The code with which an accepted message will fail, if it will.
pub(super) fn failure(world: &World, number: &Number, case: &Case<'_>, now_ms: u64) -> Option<i64> {
    let Case { checked, to, .. } = *case;
    let customer = world.customers.get(to);
    let has = |flag: fn(&CustomerSpec) -> bool| customer.is_some_and(flag);
    let gone = has(|customer| !customer.on_whatsapp || customer.blocks_business);
    if !case.is_phone || gone || number.blocked.contains(to) {
        return Some(131026);
    }
    if checked.kind != "template" && !case.window_open {
        return Some(131047);
    }
    let dead_reaction = checked.reaction_target.as_ref().is_some_and(|target| {
        world.messages.inbound(target).is_none_or(|inbound| {
            let old = now_ms.saturating_sub(inbound.at_ms) > 30 * 24 * 3_600 * 1_000;
            old || &*inbound.kind == "reaction" || *inbound.from != *to
        })
    });
    if dead_reaction {
        return Some(131009);
    }
    if case.bad_media {
        return Some(131053);
    }
    if matches!(case.category, "marketing" | "marketing_lite") {
        if has(|customer| customer.marketing_stopped) {
            return Some(131050);
        }
        // Marketing to numbers of the United States is paused since 2025-04-01.
        if has(|customer| customer.marketing_capped) || crate::ids::country(to) == "US" {
            return Some(131049);
        }
        if has(|customer| customer.experiment) && !case.window_open && !case.entry_open {
            return Some(130472);
        }
    }
    let payment = world
        .wabas
        .get(&number.spec.waba_id)
        .map(|waba| waba.payment);
    (case.billable && payment == Some(Payment::Missing)).then_some(131042)
}
