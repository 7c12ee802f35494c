//! What Meta does to an account, a number or an integration: the state changes first, then the webhook tells of it.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::seed::TokenState;
use crate::sim::Shared;
use crate::webhook::Update;
use crate::world::{Ban, Payment, Restriction, TokenKind, World};

/// Events of `account_update` beside those that change something: told only.
const TOLD: [&str; 5] = [
    "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE",
    "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE",
    "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE",
    "VOLUME_BASED_PRICING_TIER_UPDATE",
    "VERIFIED_ACCOUNT",
];
const RESTRICTIONS: [&str; 6] = [
    "RESTRICTED_BIZ_INITIATED_MESSAGING",
    "RESTRICTED_CUSTOMER_INITIATED_MESSAGING",
    "RESTRICTED_ADD_PHONE_NUMBER_ACTION",
    "RESTRICTED_UTILITY_TEMPLATES",
    "RESTRICTED_BUSINESS_INITIATED_CALLING",
    "RESTRICTED_USER_INITIATED_CALLING",
];
const REASONS: [&str; 6] = [
    "ACCOUNT_DISCONNECTED",
    "BUSINESS_DOWNGRADE",
    "CHANGE_NUMBER",
    "COMPANION_INACTIVITY",
    "PRIMARY_INACTIVITY",
    "USER_RE_REGISTERED",
];
const DAY_MS: u64 = 24 * 3_600_000;

/// An event of `account_update`, as a test asks for it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountUpdate {
    event: String,
    /// `ACCOUNT_VIOLATION`: what for.
    violation_type: Option<String>,
    /// `ACCOUNT_RESTRICTION`: what is forbidden …
    restrictions: Option<Vec<String>>,
    /// … for so many days.
    days: Option<u32>,
    /// `DISABLED_UPDATE`: `SCHEDULE_FOR_DISABLE`, `DISABLE` or `REINSTATE`.
    ban_state: Option<String>,
    /// The number in coexistence that is concerned; all of the account's when absent.
    phone_number_id: Option<String>,
    /// `PARTNER_REMOVED`: why a number in coexistence was disconnected …
    reason: Option<String>,
    /// … and by whom: `USER` or `SYSTEM`.
    initiated_by: Option<String>,
    /// Laid over the value of the webhook.
    value: Option<Map<String, Value>>,
}

/// The webhook of an event that changed the world.
struct Told {
    extra: Value,
    /// Told under this id, whatever the app hears of the account; under the account's otherwise.
    to: Option<String>,
}

fn of_account(extra: Value) -> Told {
    Told { extra, to: None }
}

/// Lets it happen: state, then webhook; what it was told with.
pub(crate) fn happen(
    shared: &Shared,
    waba_id: &str,
    wish: &AccountUpdate,
) -> Result<Value, String> {
    let now_ms = shared.clock.now_ms();
    let update = {
        let mut world = shared.world();
        let world = &mut *world;
        let Some(waba) = world.wabas.get(waba_id) else {
            return Err(format!("no account has the id \"{waba_id}\""));
        };
        let owner = waba.business_id.clone();
        let info = json!({"waba_id": waba_id, "owner_business_id": owner});
        let of_partner = |extra: Value| Told {
            extra,
            to: Some(shared.config.business_id.clone()),
        };
        let told = match wish.event.as_str() {
            "PARTNER_ADDED" => {
                change(world, waba_id, |waba| waba.shared = true);
                of_partner(json!({"waba_info": info}))
            }
            "PARTNER_APP_INSTALLED" | "PARTNER_APP_UNINSTALLED" => {
                let mut info = info;
                info["partner_app_id"] = json!(shared.config.app_id);
                if wish.event == "PARTNER_APP_UNINSTALLED" {
                    uninstall(world, waba_id);
                }
                of_partner(json!({"waba_info": info}))
            }
            "PARTNER_REMOVED" => of_partner(removed(world, wish, waba_id, &info)?),
            "ACCOUNT_OFFBOARDED" | "ACCOUNT_RECONNECTED" => {
                let status = if wish.event == "ACCOUNT_OFFBOARDED" {
                    "DISCONNECTED"
                } else {
                    "CONNECTED"
                };
                line(world, wish, waba_id, status)?;
                of_account(json!({}))
            }
            "ACCOUNT_VIOLATION" => {
                let kind = wish.violation_type.as_deref().unwrap_or("SPAM");
                of_account(json!({"violation_info": {"violation_type": kind}}))
            }
            "ACCOUNT_RESTRICTION" => restricted(world, wish, waba_id, now_ms)?,
            "DISABLED_UPDATE" => banned(world, wish, waba_id, now_ms)?,
            "ACCOUNT_DELETED" => {
                // The last thing that is heard of it, by who heard of it until now.
                let subscribed = waba.subscribed;
                world.wabas.remove(waba_id);
                world
                    .numbers
                    .retain(|_, number| number.spec.waba_id != waba_id);
                Told {
                    extra: json!({}),
                    to: subscribed.then(|| waba_id.to_owned()),
                }
            }
            "MM_LITE_TERMS_SIGNED" | "AD_ACCOUNT_LINKED" => of_partner(json!({"waba_info": info})),
            other if TOLD.contains(&other) => of_account(json!({})),
            other => {
                return Err(format!(
                    "event must be one of Meta's words of account_update, not \"{other}\""
                ));
            }
        };
        let mut value = told.extra;
        value["event"] = json!(wish.event);
        for (key, laid) in wish.value.iter().flatten() {
            value[key.as_str()] = laid.clone();
        }
        Update {
            business_id: told.to,
            ..Update::of_account(waba_id, "account_update", value)
        }
    };
    let value = update.value.clone();
    shared.emit(update);
    Ok(value)
}

fn change(world: &mut World, waba_id: &str, how: impl FnOnce(&mut crate::world::Waba)) {
    if let Some(waba) = world.wabas.get_mut(waba_id) {
        how(waba);
    }
}

/// The customer takes the app away: its tokens for this account are none any more, and nothing is heard.
fn uninstall(world: &mut World, waba_id: &str) {
    change(world, waba_id, |waba| {
        waba.subscribed = false;
        waba.override_url = None;
        waba.shared = false;
        waba.assigned.clear();
    });
    for token in world.tokens.values_mut() {
        let of_it = token.kind == TokenKind::Integration
            && token.wabas.iter().any(|known| known == waba_id);
        if of_it {
            token.spec.state = TokenState::Uninstalled;
        }
    }
}

/// The customer stops to share the account (100/33 from now on), or disconnects a number in coexistence.
fn removed(
    world: &mut World,
    wish: &AccountUpdate,
    waba_id: &str,
    info: &Value,
) -> Result<Value, String> {
    if let Some(reason) = wish
        .reason
        .as_deref()
        .filter(|reason| !REASONS.contains(reason))
    {
        return Err(format!(
            "reason must be one of {}, not \"{reason}\"",
            REASONS.join(", ")
        ));
    }
    if let Some(by) = wish
        .initiated_by
        .as_deref()
        .filter(|by| !matches!(*by, "USER" | "SYSTEM"))
    {
        return Err(format!("initiated_by must be USER or SYSTEM, not \"{by}\""));
    }
    if wish.phone_number_id.is_none() && wish.reason.is_none() {
        change(world, waba_id, |waba| {
            waba.shared = false;
            waba.subscribed = false;
            waba.override_url = None;
            waba.assigned.clear();
            if waba.allocation_id.take().is_some() {
                waba.payment = Payment::Missing;
            }
        });
        for token in world.tokens.values_mut() {
            if token.kind == TokenKind::Integration {
                token.wabas.retain(|known| known != waba_id);
            }
        }
        return Ok(json!({"waba_info": info}));
    }
    let digits = line(world, wish, waba_id, "DISCONNECTED")?;
    let mut extra = json!({"phone_number": digits, "waba_info": info});
    if let Some(reason) = &wish.reason {
        let by = wish.initiated_by.as_deref().unwrap_or("USER");
        extra["disconnection_info"] = json!({"reason": reason, "initiated_by": by});
    }
    Ok(extra)
}

/// The numbers in coexistence that an event concerns get a status; the digits of the first.
fn line(
    world: &mut World,
    wish: &AccountUpdate,
    waba_id: &str,
    status: &str,
) -> Result<String, String> {
    let mut first = None;
    for (id, number) in &mut world.numbers {
        let named = wish
            .phone_number_id
            .as_ref()
            .is_none_or(|named| named == id);
        if named && number.spec.waba_id == waba_id && number.spec.coexistence {
            status.clone_into(&mut number.spec.status);
            first.get_or_insert_with(|| number.digits());
        }
    }
    first
        .ok_or_else(|| "the account has no such number in coexistence (phone_number_id)".to_owned())
}

fn restricted(
    world: &mut World,
    wish: &AccountUpdate,
    waba_id: &str,
    now_ms: u64,
) -> Result<Told, String> {
    let kinds = wish
        .restrictions
        .clone()
        .unwrap_or_else(|| vec![RESTRICTIONS[0].to_owned()]);
    if let Some(wrong) = kinds
        .iter()
        .find(|kind| !RESTRICTIONS.contains(&kind.as_str()))
    {
        return Err(format!(
            "restrictions must be of {}, not \"{wrong}\"",
            RESTRICTIONS.join(", ")
        ));
    }
    let until_ms = now_ms.saturating_add(u64::from(wish.days.unwrap_or(3)) * DAY_MS);
    change(world, waba_id, |waba| {
        for kind in &kinds {
            waba.restrictions.retain(|known| known.kind != *kind);
            let kind = kind.clone();
            waba.restrictions.push(Restriction { kind, until_ms });
        }
    });
    let told: Vec<Value> = kinds
        .iter()
        .map(|kind| json!({"restriction_type": kind, "expiration": until_ms / 1_000}))
        .collect();
    Ok(of_account(json!({"restriction_info": told})))
}

fn banned(
    world: &mut World,
    wish: &AccountUpdate,
    waba_id: &str,
    now_ms: u64,
) -> Result<Told, String> {
    let state = wish.ban_state.as_deref().unwrap_or("DISABLE");
    let (ban, date_ms) = match state {
        "SCHEDULE_FOR_DISABLE" => (Ban::Scheduled, now_ms.saturating_add(7 * DAY_MS)),
        "DISABLE" => (Ban::Disabled, now_ms),
        "REINSTATE" => (Ban::None, now_ms),
        other => {
            return Err(format!(
                "ban_state must be SCHEDULE_FOR_DISABLE, DISABLE or REINSTATE, not \"{other}\""
            ));
        }
    };
    change(world, waba_id, |waba| {
        waba.ban = ban;
        if ban == Ban::None {
            waba.restrictions.clear();
        }
    });
    Ok(of_account(
        json!({"ban_info": {"waba_ban_state": state, "waba_ban_date": date(date_ms)}}),
    ))
}

/// `April 17, 2025`, as Meta writes it (days to civil, by Howard Hinnant's public algorithm).
fn date(at_ms: u64) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let days = at_ms / DAY_MS + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let name = MONTHS.get(month as usize - 1).copied().unwrap_or_default();
    format!("{name} {day}, {year}")
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn dates_are_written_as_meta_writes_them() {
        for (at_ms, words) in [
            (0, "January 1, 1970"),
            (1_744_848_000_000, "April 17, 2025"),
            (1_709_164_800_000, "February 29, 2024"),
            (1_798_675_200_000, "December 31, 2026"),
        ] {
            assert_eq!(date(at_ms), words);
        }
    }
}
