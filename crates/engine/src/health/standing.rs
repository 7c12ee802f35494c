//! All aspects of an account together: how it and its numbers stand, and what follows from that.

use domain::{TenantId, Timestamp};
use serde_json::{Map, Value, json};
use store::standings::{self, OnFile, Outcome, Standing};
use store::{Tx, event_log, links};

use super::told::FINE;

/// What stands in the way of sending; the first one that is true is what the row says.
const WORST_FIRST: [(&str, &str); 7] = [
    ("access", "DELETED"),
    ("ban", "BANNED"),
    ("access", "DISCONNECTED"),
    ("restriction", "RESTRICTED"),
    ("ban", "PENDING_DISABLE"),
    ("quality", "FLAGGED"),
    ("violation", "VIOLATED"),
];

/// With one of these nothing leaves.
const BLOCKED: [&str; 3] = ["DELETED", "BANNED", "DISCONNECTED"];

/// Whether nothing may leave from a number that stands so.
pub fn blocks(standing: &str) -> bool {
    BLOCKED.contains(&standing)
}

/// Why nothing leaves, and what to do, for a person.
pub fn explanation(standing: &str) -> &'static str {
    match standing {
        "DELETED" => {
            "this WhatsApp Business Account was deleted at Meta; connect another one, and send these again or cancel them"
        }
        "BANNED" => {
            "WhatsApp has disabled this account; ask for a review in WhatsApp Manager under Account quality. What waits goes out when the account is back"
        }
        "DISCONNECTED" => {
            "this account or number is not connected to the platform any more; connect it again, and what waits goes out"
        }
        _ => {
            "WhatsApp does not allow this account to send such messages for now; what waits goes out when that is over"
        }
    }
}

/// Whether a restriction forbids a message: those that begin a conversation, or those that answer one.
pub fn forbids(detail: &str, begins: bool) -> Option<Option<Timestamp>> {
    let wanted = if begins {
        "RESTRICTED_BIZ_INITIATED_MESSAGING"
    } else {
        "RESTRICTED_CUSTOMER_INITIATED_MESSAGING"
    };
    let detail: Value = serde_json::from_str(detail).ok()?;
    let list = detail.get("restrictions")?.as_array()?;
    let one = list
        .iter()
        .find(|one| one.get("type").and_then(Value::as_str) == Some(wanted))?;
    let ends = one.get("ends_at").and_then(Value::as_str);
    Some(ends.and_then(Timestamp::parse))
}

/// What follows from aspects: the worst one names the standing, and all that matter explain it.
pub fn outcome(aspects: &[&Standing], now: Timestamp) -> Outcome {
    let lasts =
        |aspect: &&&Standing| aspect.state != FINE && aspect.ends_at.is_none_or(|end| end > now.0);
    let standing = WORST_FIRST.iter().find(|(aspect, state)| {
        let mut lasting = aspects.iter().filter(lasts);
        lasting.any(|known| known.aspect == *aspect && known.state == *state)
    });
    let mut detail = Map::new();
    for aspect in aspects.iter().filter(lasts) {
        let named = WORST_FIRST
            .iter()
            .any(|(name, state)| aspect.aspect == *name && aspect.state == *state);
        if !named {
            continue;
        }
        let said: Map<String, Value> = serde_json::from_str(&aspect.detail).unwrap_or_default();
        for (key, value) in said.into_iter().filter(|(_, value)| !value.is_null()) {
            let key = match (aspect.aspect.as_str(), key.as_str()) {
                ("violation", "type") => "violation".to_owned(),
                ("ban", "date") => "ban_date".to_owned(),
                _ => key,
            };
            detail.insert(key, value);
        }
        if standing.is_some_and(|(name, _)| *name == aspect.aspect) {
            let since = Timestamp(aspect.told_at).rfc3339();
            detail.insert("since".to_owned(), json!(since));
        }
    }
    Outcome {
        standing: standing.map_or("CONNECTED", |(_, state)| *state).to_owned(),
        detail: Value::Object(detail).to_string(),
    }
}

/// Writes what follows from everything that is known of an account: its row, its numbers' rows, the connections by
/// which tenants have it. What was held is looked at again where something changed. Gives the events to append, and
/// whether anything may leave now.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn settle(
    tx: &mut Tx,
    waba_id: &str,
    now: Timestamp,
) -> store::Result<(Vec<event_log::New>, bool)> {
    let mut aspects = standings::any_tenant_of_waba(tx, waba_id).await?;
    let rows = standings::any_tenant_rows(tx, waba_id).await?;
    let linked = links::any_tenant_of_waba(tx, waba_id).await?;
    // A connection that was made later says that there is access again.
    let connected_at = linked.iter().filter_map(|link| link.connected_at).max();
    aspects.retain(|aspect| {
        aspect.aspect != "access" || connected_at.is_none_or(|at| aspect.told_at >= at)
    });
    let of_account: Vec<_> = aspects
        .iter()
        .filter(|aspect| aspect.phone_number_id.is_empty())
        .collect();
    let whole = outcome(&of_account, now);
    let (mut events, mut freed) = (Vec::new(), false);
    let mut owners: Vec<TenantId> = linked.iter().map(|link| TenantId(link.tenant_id)).collect();
    let (mut numbers, mut away) = (0, 0);
    for row in &rows {
        let Some(number) = &row.phone_number_id else {
            if changed(row, &whole) {
                standings::any_tenant_set_waba(tx, waba_id, &whole).await?;
                owners.extend(row.tenant_id.map(TenantId));
                events.push(told(row, waba_id, &whole, now));
            }
            continue;
        };
        let own = aspects
            .iter()
            .filter(|aspect| aspect.phone_number_id == *number);
        let all: Vec<_> = of_account.iter().copied().chain(own).collect();
        let outcome = outcome(&all, now);
        numbers += 1;
        away += usize::from(blocks(&outcome.standing));
        if changed(row, &outcome) {
            freed |= standings::any_tenant_set_number(tx, number, &outcome).await? > 0;
            freed |= row.standing.as_deref().is_some_and(blocks);
            events.push(told(row, waba_id, &outcome, now));
        }
        if let Some(name) = aspects
            .iter()
            .find(|aspect| aspect.phone_number_id == *number && aspect.aspect == "name")
        {
            let said: Value = serde_json::from_str(&name.detail).unwrap_or_default();
            let status = match name.state.as_str() {
                "REJECTED" => "DECLINED",
                "PENDING" | "DEFERRED" => "PENDING_REVIEW",
                other => other,
            };
            let wanted = said.get("name").and_then(Value::as_str);
            standings::any_tenant_set_name(tx, number, status, wanted).await?;
        }
    }
    if let Some(review) = of_account.iter().find(|aspect| aspect.aspect == "review") {
        standings::any_tenant_set_review(tx, waba_id, &review.state).await?;
    }
    let all_away = numbers > 0 && away == numbers;
    for link in &linked {
        events.extend(super::link::follow(tx, link, &whole, all_away, now).await?);
    }
    Ok((events, freed))
}

/// Meta has just shown that there is access to an account: what it told of an end before is over. Gives the events to
/// append.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn proven(
    tx: &mut Tx,
    waba_id: &str,
    now: Timestamp,
) -> store::Result<Vec<event_log::New>> {
    let access = Standing {
        waba_id: waba_id.to_owned(),
        phone_number_id: String::new(),
        aspect: "access".to_owned(),
        state: FINE.to_owned(),
        detail: "{}".to_owned(),
        told_at: now.0,
        ends_at: None,
    };
    let mut all = standings::any_tenant_of_waba(tx, waba_id).await?;
    all.retain(|known| known.aspect == access.aspect && !known.phone_number_id.is_empty());
    let numbers = all.into_iter().map(|known| Standing {
        phone_number_id: known.phone_number_id,
        ..access.clone()
    });
    let all: Vec<_> = numbers.chain([access.clone()]).collect();
    standings::any_tenant_tell(tx, &all).await?;
    Ok(settle(tx, waba_id, now).await?.0)
}

/// As [`settle`], in a transaction of its own: when something has ended, or a connection was made.
///
/// # Errors
/// When the database refuses.
pub async fn settle_now(engine: &crate::Engine, waba_id: &str) -> store::Result<()> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    standings::any_tenant_end(&mut tx, waba_id, now).await?;
    let (events, freed) = settle(&mut tx, waba_id, now).await?;
    event_log::append(&mut tx, &events).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    if freed {
        engine.wake.sender.notify_one();
    }
    Ok(())
}

fn changed(row: &OnFile, outcome: &Outcome) -> bool {
    // Nothing said before and nothing wrong now is no change.
    let unsaid = row.standing.is_none() && outcome.standing == "CONNECTED";
    !unsaid
        && (row.standing.as_deref() != Some(&outcome.standing)
            || row.standing_detail.as_deref() != Some(&outcome.detail))
}

fn told(row: &OnFile, waba_id: &str, outcome: &Outcome, now: Timestamp) -> event_log::New {
    let data = json!({
        "waba_id": waba_id,
        "phone_number_id": row.phone_number_id,
        "standing": outcome.standing,
    });
    event_log::New {
        tenant: row.tenant_id.map(|tenant| TenantId(tenant).hex()),
        kind: "number.standing",
        data: data.to_string(),
        at: now.0,
    }
}
