//! Changes about accounts, numbers, templates, calls and groups: kept as history, told to whom they concern, and
//! what they say of accounts and numbers holds from the time at which it happened.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use domain::{AccountEventId, TenantId, Timestamp};
use sha2::{Digest as _, Sha256};
use store::numbers::{self, PhoneNumber};
use store::standings::{self, Standing};
use store::{Tx, account_events, connections, event_log, wabas};

use super::{Counts, Routes};
use crate::health::standing;
use crate::health::told::{About, Told};
use crate::inbound::Change;

/// A change of a PIN that happened or came within this time of ours is ours.
const OWN_CHANGE: Duration = Duration::from_secs(60);

/// The numbers of the WABAs that say something of a number which they do not name by its id.
type Known = HashMap<String, Vec<PhoneNumber>>;

pub(super) async fn project(
    tx: &mut Tx,
    routes: &Routes,
    items: &[(&Change, Timestamp, Option<&str>)],
    progress: &[(&Change, Timestamp)],
    counts: &mut Counts,
    events: &mut Vec<event_log::New>,
    now: Timestamp,
) -> store::Result<()> {
    if items.is_empty() && progress.is_empty() {
        return Ok(());
    }
    let changes = items.iter().map(|(change, _, _)| *change);
    let changes = changes.chain(progress.iter().map(|(change, _)| *change));
    let known = numbers_of(tx, changes).await?;
    let rows: Vec<_> = items
        .iter()
        .map(|(change, received_at, event)| {
            let waba_id = waba_of(change);
            let named = change
                .told
                .iter()
                .find_map(|told| number_of(told, waba_id, &known));
            let number = change
                .number
                .clone()
                .or_else(|| named.map(|number| number.phone_number_id.clone()));
            let owner = change
                .number
                .as_ref()
                .and_then(|number| routes.numbers.get(number).copied().flatten());
            let owner = owner
                .or_else(|| named.and_then(PhoneNumber::tenant))
                .or_else(|| routes.wabas.get(waba_id).copied().flatten());
            let time = change.time.map_or(0, |time| time.0);
            let digest = Sha256::new()
                .chain_update(change.waba_id.as_bytes())
                .chain_update(time.to_be_bytes())
                .chain_update(&change.raw)
                .finalize();
            account_events::New {
                id: AccountEventId::new(now).hex(),
                tenant: owner.map(TenantId::hex),
                waba_id: waba_id.to_owned(),
                number,
                field: change.field.clone(),
                event: event.map(str::to_owned),
                raw: String::from_utf8_lossy(&change.raw).into_owned(),
                digest: hex::encode(digest),
                occurred_at: change.time.unwrap_or(*received_at).0,
                at: now.0,
            }
        })
        .collect();
    for (change, _, _) in items {
        counts.enqueued |= super::limits::learn(tx, change).await?;
    }
    let added: HashSet<String> = account_events::any_tenant_add(tx, &rows)
        .await?
        .into_iter()
        .map(|id| AccountEventId(id).hex())
        .collect();
    let is_new = |row: &account_events::New| added.contains(&row.id);
    let fresh: Vec<_> = items
        .iter()
        .zip(&rows)
        .filter(|(_, row)| is_new(row))
        .collect();
    // Rare, so one at a time; after the rows of history, which tell whether a later one is known already.
    for ((change, received_at, _), _) in &fresh {
        if let Some([in_waba, in_portfolio]) = change.numbers {
            let told_at = change.time.unwrap_or(*received_at);
            wabas::any_tenant_limit(tx, &change.waba_id, in_waba, in_portfolio, told_at).await?;
        }
    }
    let of_templates: Vec<_> = fresh
        .iter()
        .filter(|((change, _, _), _)| change.field.contains("template"))
        .map(|((change, received_at, _), _)| (*change, change.time.unwrap_or(*received_at)))
        .collect();
    if !of_templates.is_empty() {
        let (changed, freed) = crate::templates::hear(tx, &of_templates, now).await?;
        counts.enqueued |= freed;
        counts.templates = true;
        events.extend(changed);
    }
    let mut stand = Vec::new();
    for ((change, received_at, _), _) in &fresh {
        let told_at = change.time.unwrap_or(*received_at);
        let waba_id = waba_of(change);
        let rows = change.told.iter();
        stand.extend(rows.filter_map(|told| {
            // An end is held against the moment at which the connection was made.
            let told_at = if told.aspect == "access" {
                at_last(told_at, *received_at)
            } else {
                told_at
            };
            aspect(told, waba_id, told_at, &known)
        }));
    }
    // Too large to be kept a second time; said twice it says the same.
    for (change, received_at) in progress {
        let waba_id = waba_of(change);
        let rows = change.told.iter();
        stand.extend(rows.filter_map(|told| aspect(told, waba_id, *received_at, &known)));
    }
    counts.told |= !stand.is_empty();
    forget_pins(tx, &stand, now).await?;
    if let Some(told) = latest(stand) {
        standings::any_tenant_tell(tx, &told).await?;
        let touched: BTreeSet<_> = told.iter().map(|told| told.waba_id.clone()).collect();
        for waba_id in touched {
            let (changed, freed) = standing::settle(tx, &waba_id, now).await?;
            counts.enqueued |= freed;
            events.extend(changed);
        }
    }
    counts.projected += added.len() as i64;
    counts.duplicates += (rows.len() - added.len()) as i64;
    events.extend(rows.into_iter().filter(is_new).map(|row| event_log::New {
        data: format!(r#"{{"waba_id":{:?},"field":{:?}}}"#, row.waba_id, row.field),
        tenant: row.tenant,
        kind: "account.changed",
        at: now.0,
    }));
    Ok(())
}

/// A PIN that somebody changed elsewhere, or switched off, is not shown as if it were in force.
async fn forget_pins(tx: &mut Tx, told: &[Standing], now: Timestamp) -> store::Result<()> {
    let changed = |one: &&Standing| {
        one.aspect == "pin" && matches!(one.state.as_str(), "PIN_CHANGED" | "PIN_REQUEST_SUCCESS")
    };
    for one in told.iter().filter(changed) {
        // Meta's clock may be another one.
        let before = Timestamp(one.told_at).min(now).minus(OWN_CHANGE);
        connections::numbers::any_tenant_forget_older_pin(tx, &one.phone_number_id, before).await?;
    }
    Ok(())
}

/// When something happened at the latest, by our clock: Meta tells times in whole seconds and by its own clock, and
/// nothing is told before it happens.
fn at_last(told_at: Timestamp, received_at: Timestamp) -> Timestamp {
    let end = Timestamp(told_at.0.saturating_add(999_999));
    received_at.min(end)
}

fn waba_of(change: &Change) -> &str {
    change.concerned.as_deref().unwrap_or(&change.waba_id)
}

async fn numbers_of<'a>(
    tx: &mut Tx,
    changes: impl Iterator<Item = &'a Change>,
) -> store::Result<Known> {
    let mut known = Known::new();
    for change in changes {
        let waba_id = waba_of(change);
        if !change.told.is_empty() && !known.contains_key(waba_id) {
            let numbers = numbers::any_tenant_of_waba(tx, waba_id).await?;
            known.insert(waba_id.to_owned(), numbers);
        }
    }
    Ok(known)
}

fn digits(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(char::is_ascii_digit)
}

fn number_of<'a>(told: &Told, waba_id: &str, known: &'a Known) -> Option<&'a PhoneNumber> {
    let numbers = known.get(waba_id)?;
    numbers.iter().find(|number| match &told.about {
        About::Account => false,
        About::Number(id) => number.phone_number_id == *id,
        About::Dialled(text) => digits(text).eq(digits(&number.display_phone_number)),
    })
}

/// None where the number is not known: the change is history all the same.
fn aspect(told: &Told, waba_id: &str, told_at: Timestamp, known: &Known) -> Option<Standing> {
    let number = match &told.about {
        About::Account => String::new(),
        _ => number_of(told, waba_id, known)?.phone_number_id.clone(),
    };
    Some(Standing {
        waba_id: waba_id.to_owned(),
        phone_number_id: number,
        aspect: told.aspect.clone(),
        state: told.state.clone(),
        detail: told.detail.to_string(),
        told_at: told.rank.unwrap_or(told_at.0),
        ends_at: told.ends_at.map(Timestamp::micros),
    })
}

/// One row for each aspect: what happened last, or came last of what happened at the same time.
fn latest(stand: Vec<Standing>) -> Option<Vec<Standing>> {
    let mut by_aspect: HashMap<_, Standing> = HashMap::new();
    for one in stand {
        let key = (
            one.waba_id.clone(),
            one.phone_number_id.clone(),
            one.aspect.clone(),
        );
        match by_aspect.get(&key) {
            Some(known) if known.told_at > one.told_at => {}
            _ => {
                by_aspect.insert(key, one);
            }
        }
    }
    (!by_aspect.is_empty()).then(|| by_aspect.into_values().collect())
}
