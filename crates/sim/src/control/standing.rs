//! What Meta does to accounts and numbers, on command: state and webhook together.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::world::merged;
use super::{Refused, World, ok, read, typed};
use crate::growth;
use crate::signup;
use crate::standing::{self, AccountUpdate};
use crate::webhook::Update;
use crate::world::{Tier, TokenKind};

/// `POST /_sim/wabas/{id}/account-update` `{"event", …}`.
pub(super) async fn account_update(
    State(shared): World,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let wish: AccountUpdate = typed(&body)?;
    let value = standing::happen(&shared, &id, &wish)?;
    Ok(ok(&value))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Review {
    decision: Option<String>,
}

/// `POST /_sim/wabas/{id}/review` `{"decision"}`.
pub(super) async fn review(
    State(shared): World,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let Review { decision } = typed(&body)?;
    let decision = decided(decision.as_deref())?;
    if !shared.world().wabas.contains_key(&id) {
        return Err(format!("no account has the id \"{id}\"").into());
    }
    signup::review(&shared, &id, decision);
    Ok(ok(&json!({"decision": decision})))
}

fn decided(decision: Option<&str>) -> Result<&str, Refused> {
    match decision.unwrap_or("APPROVED") {
        decision @ ("APPROVED" | "REJECTED" | "PENDING" | "DEFERRED") => Ok(decision),
        other => Err(format!(
            "decision must be APPROVED, REJECTED, PENDING or DEFERRED, not \"{other}\""
        )
        .into()),
    }
}

/// `POST /_sim/wabas/{id}/tokens` `{…TokenSpec}`: every token that a sign-up gave for this account.
pub(super) async fn tokens(
    State(shared): World,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let change = read(&body)?;
    let mut world = shared.world();
    let mut changed = 0;
    let of_it = |token: &&mut crate::world::Token| {
        token.kind == TokenKind::Integration && token.wabas.contains(&id)
    };
    // Each is looked at before one is changed.
    let specs: Result<Vec<_>, Refused> = world
        .tokens
        .values_mut()
        .filter(of_it)
        .map(|token| merged(&token.spec, &change))
        .collect();
    let specs = specs?;
    for (token, spec) in world.tokens.values_mut().filter(of_it).zip(specs) {
        token.spec = spec;
        changed += 1;
    }
    if changed == 0 {
        return Err(format!("no sign-up gave a token for the account \"{id}\"").into());
    }
    Ok(ok(&json!({"tokens": changed})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Security {
    event: String,
    requester: Option<String>,
}

fn unknown(id: &str) -> Refused {
    format!("no business number has the id \"{id}\"").into()
}

/// `POST /_sim/numbers/{id}/security` `{"event"}`: somebody else changed the PIN, or turns it off.
pub(super) async fn security(
    State(shared): World,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let Security { event, requester } = typed(&body)?;
    let update = {
        let mut world = shared.world();
        let number = world.numbers.get_mut(&id).ok_or_else(|| unknown(&id))?;
        match event.as_str() {
            "PIN_CHANGED" => {
                let draw = shared.chance.nth("pin", &id, shared.next_draw());
                number.spec.pin = Some(format!("{:06}", draw % 1_000_000));
            }
            "PIN_RESET_REQUEST" => {}
            // The request was granted: two-step verification is off.
            "PIN_REQUEST_SUCCESS" => number.spec.pin = None,
            other => {
                return Err(format!(
                    "event must be PIN_CHANGED, PIN_RESET_REQUEST or PIN_REQUEST_SUCCESS, not \"{other}\""
                )
                .into());
            }
        }
        let mut value = json!({"display_phone_number": number.digits(), "event": event});
        if let Some(requester) = requester {
            value["requester"] = json!(requester);
        }
        Update::of_account(&number.spec.waba_id, "security", value)
    };
    shared.emit(update);
    Ok(ok(&json!({"success": true})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Name {
    decision: Option<String>,
    reason: Option<String>,
    /// Another name is asked for and judged at once.
    name: Option<String>,
}

/// `POST /_sim/numbers/{id}/name` `{"decision","reason"?,"name"?}`: `phone_number_name_update`.
pub(super) async fn name(
    State(shared): World,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let Name {
        decision,
        reason,
        name,
    } = typed(&body)?;
    let decision = decided(decision.as_deref())?;
    {
        let mut world = shared.world();
        let number = world.numbers.get_mut(&id).ok_or_else(|| unknown(&id))?;
        if name.is_some() {
            number.line.new_display_name = name;
        }
    }
    growth::name_judged(&shared, &id, decision, reason.as_deref());
    Ok(ok(&json!({"decision": decision})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Quality {
    rating: String,
    /// `FLAGGED`, `UNFLAGGED`, `DOWNGRADE`, `UPGRADE`; by the rating when absent.
    event: Option<String>,
}

/// `POST /_sim/numbers/{id}/quality` `{"rating"}`: `phone_number_quality_update`.
pub(super) async fn quality(
    State(shared): World,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let Quality { rating, event } = typed(&body)?;
    let by_rating = match rating.as_str() {
        "RED" => "FLAGGED",
        "GREEN" | "YELLOW" | "UNKNOWN" => "UNFLAGGED",
        other => {
            return Err(
                format!("rating must be GREEN, YELLOW, RED or UNKNOWN, not \"{other}\"").into(),
            );
        }
    };
    let event = event.as_deref().unwrap_or(by_rating);
    if !matches!(
        event,
        "FLAGGED" | "UNFLAGGED" | "DOWNGRADE" | "UPGRADE" | "ONBOARDING" | "THROUGHPUT_UPGRADE"
    ) {
        return Err(format!("\"{event}\" is no event of phone_number_quality_update").into());
    }
    let update = {
        let mut world = shared.world();
        let tier = world.tier(world.owner_of_number(&id)).map(Tier::word);
        let number = world.numbers.get_mut(&id).ok_or_else(|| unknown(&id))?;
        number.spec.quality_rating = rating;
        let value = json!({
            "display_phone_number": number.digits(), "event": event,
            "max_daily_conversations_per_business": tier.unwrap_or(&number.spec.messaging_limit),
        });
        Update::of_account(&number.spec.waba_id, "phone_number_quality_update", value)
    };
    shared.emit(update);
    Ok(ok(&json!({"event": event})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Alert {
    alert_type: Option<String>,
    severity: Option<String>,
    description: Option<String>,
    phone_number_id: Option<String>,
}

/// `POST /_sim/wabas/{id}/alert`: `account_alerts`.
pub(super) async fn alert(
    State(shared): World,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let wish: Alert = typed(&body)?;
    let severity = wish.severity.as_deref().unwrap_or("WARNING");
    if !matches!(severity, "CRITICAL" | "WARNING" | "INFORMATIONAL") {
        return Err("severity must be CRITICAL, WARNING or INFORMATIONAL".into());
    }
    let update = {
        let world = shared.world();
        let waba = world.wabas.get(&id);
        let waba = waba.ok_or_else(|| format!("no account has the id \"{id}\""))?;
        let (kind, entity): (&str, &str) = match &wish.phone_number_id {
            Some(number) => ("PHONE_NUMBER", number),
            None => ("BUSINESS", &waba.business_id),
        };
        let info: Value = json!({
            "alert_severity": severity,
            "alert_status": "ACTIVE",
            "alert_type": wish.alert_type.as_deref().unwrap_or("INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED"),
            "alert_description": wish.description.as_deref().unwrap_or("The messaging limit could not be raised yet."),
        });
        let value = json!({"entity_type": kind, "entity_id": entity, "alert_info": info});
        Update::of_account(&id, "account_alerts", value)
    };
    shared.emit(update);
    Ok(ok(&json!({"success": true})))
}
