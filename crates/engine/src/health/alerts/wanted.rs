//! What somebody should know of, as it follows from what is on file. Pure.

use std::time::Duration;

use domain::{ConnectionId, TenantId, Timestamp};
use serde_json::{Value, json};
use store::alerts::New;
use store::links::Link;
use store::standings::Standing;
use store::vitals::{Account, Dead, Number};

use crate::health::link::{BANNED, NUMBER_GONE, REAUTHORISE};
use crate::health::standing::blocks;
use crate::onboarding::{Acts, Cause};

const PAYMENT: &str = Cause::PaymentMissing.as_str();

/// Days before a token's end at which somebody is told, the first first.
pub const DAYS: [u64; 3] = [14, 7, 1];
/// What Meta said once is shown for so long.
const NEWS: Duration = Duration::from_secs(30 * DAY);
/// So many messages within a day that died and that nobody dealt with.
pub(super) const DEAD: i64 = 10;
/// A message that nothing holds leaves within seconds.
pub(super) const OLD: Duration = Duration::from_secs(15 * 60);
const DAY: u64 = 24 * 3_600;

/// Everything that is looked at.
#[derive(Debug, Default)]
pub struct Seen {
    /// Accounts and tokens.
    pub accounts: Vec<Account>,
    /// Numbers.
    pub numbers: Vec<Number>,
    /// Aspects in which something is to be said.
    pub aspects: Vec<Standing>,
    /// Connections with which somebody has to do something.
    pub troubled: Vec<Link>,
    /// Tenants of which much died today.
    pub dead: Vec<Dead>,
    /// Since when the oldest message waits that nothing holds.
    pub oldest: Option<Timestamp>,
    /// Templates of which messages wait, or that Meta has announced to change.
    pub templates: Vec<super::Stopped>,
    /// Tenants of which messages about events are held until somebody mends something.
    pub held: Vec<(TenantId, i64)>,
    /// Since when Meta takes messages and posts nothing.
    pub silent_since: Option<Timestamp>,
}

/// Everything that somebody should know of now; each by scope, kind and subject once.
pub fn wanted(seen: &Seen, now: Timestamp) -> Vec<New> {
    let mut all = Vec::new();
    for account in &seen.accounts {
        of_account(account, now, &mut all);
    }
    for number in &seen.numbers {
        of_number(number, &seen.accounts, &mut all);
    }
    for aspect in &seen.aspects {
        all.extend(of_aspect(aspect, seen, now));
    }
    for link in &seen.troubled {
        let Some(cause) = &link.problem else { continue };
        let account = seen
            .accounts
            .iter()
            .find(|account| Some(&account.waba_id) == link.waba_id.as_ref());
        let standing = account.and_then(|account| account.standing.as_deref());
        // What is told by its own name is not told a second time.
        let told_already = match cause.as_str() {
            REAUTHORISE | NUMBER_GONE => true,
            BANNED => standing.is_some_and(blocks),
            _ => false,
        };
        if told_already {
            continue;
        }
        let id = ConnectionId(link.id).to_string();
        if cause == PAYMENT {
            let name = account.map(|account| account.name.clone());
            let with = json!({ "account": name.unwrap_or_default() });
            let tenant = Some(TenantId(link.tenant_id));
            all.push(new(tenant, "payment_missing", &id, "warning", "", with));
            continue;
        }
        let name = link.business_name.clone().unwrap_or_default();
        let with = json!({ "account": name, "cause": cause, "connection_id": id });
        // What only the operators can mend is told to them.
        let is_platforms = Cause::read(cause).is_some_and(|cause| cause.who() == Acts::Platform);
        let tenant = Some(TenantId(link.tenant_id)).filter(|_| !is_platforms);
        all.push(new(
            tenant,
            "connection_failed",
            &id,
            "warning",
            cause,
            with,
        ));
    }
    for stopped in &seen.templates {
        super::templates::of_template(stopped, &mut all);
    }
    for dead in &seen.dead {
        let with = json!({ "count": dead.count.to_string() });
        let tenant = Some(TenantId(dead.tenant_id));
        all.push(new(tenant, "dead_letters", "", "warning", "", with));
    }
    for (tenant, count) in &seen.held {
        let with = json!({ "count": count.to_string() });
        all.push(new(Some(*tenant), "events_held", "", "warning", "", with));
    }
    if let Some(since) = seen.oldest.filter(|since| now.since(*since) >= OLD) {
        let with = json!({ "since": since.rfc3339() });
        all.push(new(None, "queue_age", "", "warning", "", with));
    }
    if let Some(since) = seen.silent_since {
        let with = json!({ "since": since.rfc3339() });
        all.push(new(None, "webhook_silence", "", "critical", "", with));
    }
    all
}

pub(super) fn new(
    tenant: Option<TenantId>,
    kind: &'static str,
    subject: &str,
    severity: &'static str,
    stage: &str,
    with: Value,
) -> New {
    New {
        tenant,
        kind,
        subject: subject.to_owned(),
        severity,
        stage: stage.to_owned(),
        parameters: with.to_string(),
    }
}

/// The alert of a standing, with how bad it is.
fn of_standing(standing: &str) -> Option<(&'static str, &'static str)> {
    match standing {
        "DELETED" => Some(("account_deleted", "critical")),
        "BANNED" => Some(("account_banned", "critical")),
        "DISCONNECTED" => Some(("account_disconnected", "critical")),
        "RESTRICTED" => Some(("account_restricted", "critical")),
        "PENDING_DISABLE" => Some(("account_disabling", "critical")),
        "VIOLATED" => Some(("account_violation", "warning")),
        "FLAGGED" => Some(("quality_low", "warning")),
        _ => None,
    }
}

fn said(detail: Option<&str>, name: &str) -> Vec<(String, Value)> {
    let detail: Value = detail
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let mut with = vec![("account".to_owned(), json!(name))];
    let text = |key: &str| {
        detail
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    for key in ["reason", "ban_date", "violation", "since"] {
        with.push((key.to_owned(), json!(text(key))));
    }
    let list = detail.get("restrictions").and_then(Value::as_array);
    let of = |key: &str| {
        let values = list
            .into_iter()
            .flatten()
            .filter_map(|one| one.get(key)?.as_str());
        values.collect::<Vec<_>>().join(", ")
    };
    with.push(("restrictions".to_owned(), json!(of("type"))));
    with.push(("ends_at".to_owned(), json!(of("ends_at"))));
    with
}

fn of_account(account: &Account, now: Timestamp, all: &mut Vec<New>) {
    let tenant = account.tenant_id.map(TenantId);
    let detail = account.standing_detail.as_deref();
    let standing = account.standing.as_deref().unwrap_or_default();
    if let Some((kind, severity)) = of_standing(standing) {
        let with = Value::Object(said(detail, &account.name).into_iter().collect());
        let recent = with["since"].as_str().and_then(Timestamp::parse);
        let old = recent.is_some_and(|since| now.since(since) > NEWS);
        if !(old && kind == "account_violation") {
            let stage = detail.unwrap_or_default().to_owned();
            // A restriction is the standing and hides the end that is announced beside it.
            let announced = with["ban_date"]
                .as_str()
                .is_some_and(|date| !date.is_empty());
            if standing == "RESTRICTED" && announced {
                let with = with.clone();
                let waba = &account.waba_id;
                all.push(new(
                    tenant,
                    "account_disabling",
                    waba,
                    "critical",
                    &stage,
                    with,
                ));
            }
            all.push(new(tenant, kind, &account.waba_id, severity, &stage, with));
        }
    }
    let with = |days: i64| json!({ "account": account.name, "days": days.to_string() });
    if !account.has_token {
        return;
    }
    let ends_at = account.token_expires_at.map(Timestamp);
    let ended = ends_at.is_some_and(|end| end <= now);
    if ended || account.token_state.as_deref() == Some("invalid") {
        all.push(new(
            tenant,
            "token_dead",
            &account.waba_id,
            "critical",
            "",
            with(0),
        ));
        return;
    }
    let Some(end) = ends_at else { return };
    let left = end.since(now);
    let reached = DAYS
        .into_iter()
        .rev()
        .find(|days| left <= Duration::from_secs(days * DAY));
    if let Some(days) = reached {
        let severity = if days == 1 { "critical" } else { "warning" };
        let whole = i64::try_from(left.as_secs().div_ceil(DAY)).unwrap_or(0);
        let stage = days.to_string();
        all.push(new(
            tenant,
            "token_expiring",
            &account.waba_id,
            severity,
            &stage,
            with(whole),
        ));
    }
}

fn of_number(number: &Number, accounts: &[Account], all: &mut Vec<New>) {
    let tenant = number.tenant_id.map(TenantId);
    let account = accounts
        .iter()
        .find(|account| account.waba_id == number.waba_id);
    let owner = account.and_then(|account| account.tenant_id).map(TenantId);
    let name = &number.display_phone_number;
    let standing = number.standing.as_deref().unwrap_or_default();
    let of_account = account.and_then(|account| account.standing.as_deref()) == Some(standing);
    // Who has the account is told of the account once, not of each number.
    let told_already = of_account && (tenant.is_none() || tenant == owner);
    let known = of_standing(standing).filter(|_| !told_already);
    if let Some((kind, severity)) = known {
        let detail = number.standing_detail.as_deref();
        let with = Value::Object(said(detail, name).into_iter().collect());
        let kind = if standing == "DISCONNECTED" {
            "number_disconnected"
        } else {
            kind
        };
        let stage = detail.unwrap_or_default();
        all.push(new(
            tenant,
            kind,
            &number.phone_number_id,
            severity,
            stage,
            with,
        ));
    }
    let bad = number.quality_rating.as_deref() == Some("RED") && standing != "FLAGGED";
    if bad && !blocks(standing) {
        let with = json!({ "account": name });
        all.push(new(
            tenant,
            "quality_low",
            &number.phone_number_id,
            "warning",
            "RED",
            with,
        ));
    }
    if number.hold.as_deref() == Some("payment") {
        let with = json!({ "account": name });
        all.push(new(
            tenant,
            "payment_missing",
            &number.phone_number_id,
            "critical",
            "",
            with,
        ));
    }
}

/// What Meta said once and what no row shows otherwise.
fn of_aspect(aspect: &Standing, seen: &Seen, now: Timestamp) -> Option<New> {
    if now.since(Timestamp(aspect.told_at)) > NEWS {
        return None;
    }
    let number = seen
        .numbers
        .iter()
        .find(|number| number.phone_number_id == aspect.phone_number_id);
    let account = seen
        .accounts
        .iter()
        .find(|account| account.waba_id == aspect.waba_id)?;
    let tenant = match number {
        Some(number) => number.tenant_id,
        None => account.tenant_id,
    };
    let name = number.map_or(&account.name, |number| &number.display_phone_number);
    let detail: Value = serde_json::from_str(&aspect.detail).unwrap_or_default();
    let text = |key: &str| detail.get(key).and_then(Value::as_str).unwrap_or_default();
    let (kind, severity, with) = match (aspect.aspect.as_str(), aspect.state.as_str()) {
        ("name", "REJECTED") => {
            let with = json!({ "account": name, "name": text("name"), "reason": text("reason") });
            ("name_rejected", "warning", with)
        }
        ("review", "REJECTED") => ("review_rejected", "critical", json!({ "account": name })),
        ("pin", event @ ("PIN_CHANGED" | "PIN_RESET_REQUEST" | "PIN_REQUEST_SUCCESS")) => (
            "pin_changed",
            "warning",
            json!({ "account": name, "event": event }),
        ),
        ("history", "REFUSED") => ("history_refused", "info", json!({ "account": name })),
        (kind, "ACTIVE") if kind.starts_with("alert:") => {
            let severity = match text("severity") {
                "CRITICAL" => "critical",
                "WARNING" => "warning",
                _ => "info",
            };
            let word = kind.trim_start_matches("alert:");
            let with =
                json!({ "account": name, "event": word, "description": text("description") });
            ("meta_alert", severity, with)
        }
        _ => return None,
    };
    let about = if aspect.phone_number_id.is_empty() {
        &aspect.waba_id
    } else {
        &aspect.phone_number_id
    };
    // Meta has many alerts about one number, one of each kind.
    let subject = match kind {
        "meta_alert" => format!("{about}/{}", aspect.aspect),
        _ => about.clone(),
    };
    let stage = format!("{}@{}", aspect.state, aspect.told_at);
    Some(new(
        tenant.map(TenantId),
        kind,
        &subject,
        severity,
        &stage,
        with,
    ))
}
