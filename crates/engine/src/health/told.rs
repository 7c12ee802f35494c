//! What a webhook tells about how an account or a number stands. Pure.

use domain::Timestamp;
use meta::webhook::account::{
    AccountAlert, AccountChange, AccountEvent, AccountUpdate, NumberUpdate,
};
use meta::webhook::{Change as WireChange, Field, HistoryChunk, Value};
use serde_json::{Value as Json, json};

/// Nothing is wrong in this aspect.
pub const FINE: &str = "OK";

/// Whom something is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// The whole account.
    Account,
    /// The number that people dial; most webhooks do not name its id.
    Dialled(String),
    /// The number by its id.
    Number(String),
}

/// One aspect of an account or a number, as Meta tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Whom it is about.
    pub about: About,
    /// `access`, `ban`, `restriction`, `violation`, `review`, `quality`, `name`, `pin`, `history` or `alert:…`.
    pub aspect: String,
    /// How it stands; [`FINE`] when nothing is wrong.
    pub state: String,
    /// What Meta said with it.
    pub detail: Json,
    /// When it is over by itself.
    pub ends_at: Option<Timestamp>,
    /// What counts in the place of the time, where pieces come in any order and the one that says most stands.
    pub rank: Option<i64>,
}

impl Told {
    fn new(about: About, aspect: &str, state: &str, detail: Json) -> Self {
        Self {
            about,
            aspect: aspect.to_owned(),
            state: state.to_owned(),
            detail,
            ends_at: None,
            rank: None,
        }
    }
}

/// The account that a change is about, where that is not the one its entry names: events of partners name the
/// partner's business there (page "webhooks/reference/account_update").
pub fn concerned(wire: &WireChange<'_>) -> Option<String> {
    if wire.field != Field::AccountUpdate {
        return None;
    }
    match wire.account() {
        AccountChange::Account(update) => update.waba_info?.waba_id,
        _ => None,
    }
}

/// What a change tells. Words that are not known tell nothing; the change is history all the same.
pub fn told(wire: &WireChange<'_>) -> Vec<Told> {
    // Messages and statuses are many and tell nothing here: they are not looked at a second time.
    if matches!(wire.value, Value::Messages(_)) {
        let of_phone = wire.field == Field::History;
        return of_phone
            .then(|| of_history(wire))
            .flatten()
            .into_iter()
            .collect();
    }
    match wire.account() {
        AccountChange::Account(update) => of_account(&update),
        AccountChange::Review(decision) => decision
            .map(|word| Told::new(About::Account, "review", &word, json!({})))
            .into_iter()
            .collect(),
        AccountChange::Number(update) => of_number(&wire.field, update).into_iter().collect(),
        AccountChange::Alert(alert) => of_alert(alert).into_iter().collect(),
        AccountChange::Capability(_) | AccountChange::Template(_) | AccountChange::Other => {
            Vec::new()
        }
    }
}

fn of_account(update: &AccountUpdate) -> Vec<Told> {
    let Some(event) = &update.event else {
        return Vec::new();
    };
    let about = match &update.phone_number {
        Some(number) => About::Dialled(number.clone()),
        None => About::Account,
    };
    let gone = |reason: &str| {
        let info = update.disconnection_info.clone().unwrap_or_default();
        let reason = info.reason.unwrap_or_else(|| reason.to_owned());
        let detail = json!({ "reason": reason, "initiated_by": info.initiated_by });
        Told::new(about.clone(), "access", "DISCONNECTED", detail)
    };
    let one = match event {
        AccountEvent::PartnerAdded
        | AccountEvent::PartnerAppInstalled
        | AccountEvent::AccountReconnected => {
            Told::new(about, "access", FINE, json!({ "event": event.as_str() }))
        }
        AccountEvent::PartnerRemoved => gone("PARTNER_REMOVED"),
        AccountEvent::PartnerAppUninstalled => gone("PARTNER_APP_UNINSTALLED"),
        AccountEvent::AccountOffboarded => gone("ACCOUNT_OFFBOARDED"),
        AccountEvent::AccountDeleted => Told::new(about, "access", "DELETED", json!({})),
        AccountEvent::AccountViolation => {
            let kind = update
                .violation_info
                .as_ref()
                .and_then(|info| info.violation_type.clone());
            Told::new(about, "violation", "VIOLATED", json!({ "type": kind }))
        }
        AccountEvent::AccountRestriction => restriction(update, about),
        AccountEvent::DisabledUpdate => return ban(update, &about),
        AccountEvent::PartnerClientCertificationStatusUpdate
        | AccountEvent::AuthIntlPriceEligibilityUpdate
        | AccountEvent::BusinessPrimaryLocationCountryUpdate
        | AccountEvent::VolumeBasedPricingTierUpdate
        | AccountEvent::MmLiteTermsSigned
        | AccountEvent::AdAccountLinked
        | AccountEvent::VerifiedAccount
        | AccountEvent::Other(_) => return Vec::new(),
    };
    vec![one]
}

fn restriction(update: &AccountUpdate, about: About) -> Told {
    let list = &update.restriction_info;
    if list.is_empty() {
        return Told::new(about, "restriction", FINE, json!({}));
    }
    let ends: Vec<_> = list
        .iter()
        .map(|one| one.expiration.filter(|seconds| *seconds > 0))
        .collect();
    let shown: Vec<_> = list
        .iter()
        .zip(&ends)
        .map(|(one, end)| {
            json!({
                "type": one.restriction_type,
                "ends_at": end.map(|seconds| Timestamp::from_seconds(seconds).rfc3339()),
                "remediation": one.remediation,
            })
        })
        .collect();
    let detail = json!({ "restrictions": shown });
    let mut told = Told::new(about, "restriction", "RESTRICTED", detail);
    // One without an end keeps the whole from ending by itself.
    if ends.iter().all(Option::is_some) {
        let last = ends.into_iter().flatten().max();
        told.ends_at = last.map(Timestamp::from_seconds);
    }
    told
}

fn ban(update: &AccountUpdate, about: &About) -> Vec<Told> {
    let Some(info) = &update.ban_info else {
        return Vec::new();
    };
    let detail = json!({ "date": info.waba_ban_date });
    let tell = |aspect: &str, state: &str| Told::new(about.clone(), aspect, state, detail.clone());
    match info.waba_ban_state.as_deref() {
        Some("SCHEDULE_FOR_DISABLE") => vec![tell("ban", "PENDING_DISABLE")],
        Some("DISABLE") => vec![tell("ban", "BANNED")],
        // What led to the ban is forgiven with it.
        Some("REINSTATE") => vec![
            tell("ban", FINE),
            tell("violation", FINE),
            tell("restriction", FINE),
        ],
        _ => Vec::new(),
    }
}

fn of_number(field: &Field, update: NumberUpdate) -> Option<Told> {
    let about = About::Dialled(update.display_phone_number?);
    match field {
        Field::PhoneNumberQualityUpdate => match update.event.as_deref() {
            Some("FLAGGED") => Some(Told::new(about, "quality", "FLAGGED", json!({}))),
            Some("UNFLAGGED") => Some(Told::new(about, "quality", FINE, json!({}))),
            _ => None,
        },
        Field::PhoneNumberNameUpdate => {
            let detail = json!({ "name": update.requested_verified_name, "reason": update.rejection_reason });
            Some(Told::new(about, "name", &update.decision?, detail))
        }
        Field::Security => {
            let detail = json!({ "requester": update.requester });
            Some(Told::new(about, "pin", &update.event?, detail))
        }
        _ => None,
    }
}

fn of_alert(alert: AccountAlert) -> Option<Told> {
    let info = alert.alert_info?;
    let about = match (alert.entity_type.as_deref(), alert.entity_id) {
        (Some("PHONE_NUMBER"), Some(id)) => About::Number(id),
        _ => About::Account,
    };
    let state = match info.alert_status.as_deref() {
        Some("NONE") => FINE,
        _ => "ACTIVE",
    };
    let detail = json!({ "severity": info.alert_severity, "description": info.alert_description });
    let aspect = format!("alert:{}", info.alert_type?);
    Some(Told::new(about, &aspect, state, detail))
}

/// How far the history of a phone has come, or that it is not shared (page "onboarding-business-app-users").
fn of_history(wire: &WireChange<'_>) -> Option<Told> {
    let Value::Messages(value) = &wire.value else {
        return None;
    };
    let number = value.metadata.as_ref()?.phone_number_id.clone()?;
    let chunks: Vec<&HistoryChunk<'_>> = value.history.iter().flatten().collect();
    let refused = chunks.iter().flat_map(|chunk| &chunk.errors).next();
    if let Some(error) = refused {
        let detail = json!({ "code": error.code, "message": error.details.as_ref().or(error.message.as_ref()) });
        return Some(Told::new(
            About::Number(number),
            "history",
            "REFUSED",
            detail,
        ));
    }
    let progress = chunks.iter().filter_map(|chunk| chunk.progress).max()?;
    let phase = chunks.iter().filter_map(|chunk| chunk.phase).max();
    let state = if progress >= 100 { "DONE" } else { "COMING" };
    let detail = json!({ "progress": progress.clamp(0, 100), "phase": phase });
    let mut told = Told::new(About::Number(number), "history", state, detail);
    told.rank = Some(progress);
    Some(told)
}
