//! What is to be done next in an account: a pure function of what is wanted, what is at Meta and what Meta allows.
//! Because it looks at Meta's list first, a creation whose answer was lost, or that a crash cut off before it was
//! written down, is found and not done again.

use std::collections::HashMap;
use std::time::Duration;

use domain::Timestamp;
use meta::limits;
use serde_json::Value;
use store::global_templates::placements::Trouble;

/// How many acts are done before the account's job lets others have a turn.
pub(crate) const AT_ONCE: usize = 20;
/// How long after a creation or an edit of unknown outcome Meta's list is believed that it did not happen.
const SETTLES: Duration = Duration::from_secs(30);
/// How often it is looked whether Meta has decided, where no webhook says so.
const REVIEW: Duration = Duration::from_secs(600);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);
const MONTH: Duration = Duration::from_secs(30 * 24 * 3_600);

/// What Meta allows in an account, with room left for what the tenant does there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Creations in any hour. Meta's limit is 100 (page "templates/template-management").
    pub(crate) creations: usize,
    /// Management calls in any hour. Meta's limit is 200, and 5,000 with a registered number (page "rate-limits").
    pub(crate) calls: i64,
    /// Edits of an approved template in 24 hours.
    pub(crate) edits_a_day: usize,
    /// Edits of an approved template in 30 days.
    pub(crate) edits_a_month: usize,
}

impl Limits {
    /// Of an account with or without a registered number: nine tenths of the creations, three quarters of the calls.
    pub(crate) fn of(active: bool) -> Self {
        let calls = if active {
            limits::MANAGEMENT_CALLS_PER_HOUR_ACTIVE
        } else {
            limits::MANAGEMENT_CALLS_PER_HOUR_DEFAULT
        };
        Self {
            creations: limits::TEMPLATE_CREATIONS_PER_HOUR * 9 / 10,
            calls: i64::from(calls) * 3 / 4,
            edits_a_day: limits::TEMPLATE_EDITS_PER_DAY,
            edits_a_month: limits::TEMPLATE_EDITS_PER_MONTH,
        }
    }
}

/// What is known of what Meta was asked lately, each list in the order of time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spent {
    /// Creations of the last hour.
    pub(crate) creations: Vec<Timestamp>,
    /// Calls of the last hour, with how many there were.
    pub(crate) calls: Vec<(Timestamp, i64)>,
    /// Edits of the last 30 days, by Meta's id.
    pub(crate) edits: HashMap<String, Vec<Timestamp>>,
}

impl Spent {
    /// When `wanted` more calls fit; none: now.
    pub(crate) fn calls_fit(
        &self,
        wanted: i64,
        limits: &Limits,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let mut used: i64 = self.calls.iter().map(|(_, calls)| calls).sum();
        if used + wanted <= limits.calls {
            return None;
        }
        for (at, calls) in &self.calls {
            used -= calls;
            if used + wanted <= limits.calls {
                return Some(after(*at, HOUR));
            }
        }
        Some(now.plus(HOUR))
    }

    fn creation_fits(&self, limits: &Limits) -> Option<Timestamp> {
        let count = self.creations.len();
        (count >= limits.creations).then(|| after(self.creations[count - limits.creations], HOUR))
    }

    fn edits_of(&self, meta_id: &str) -> &[Timestamp] {
        self.edits.get(meta_id).map_or(&[][..], Vec::as_slice)
    }

    fn edit_fits(edits: &[Timestamp], limits: &Limits, now: Timestamp) -> Option<Timestamp> {
        let within = |span: Duration, most: usize| {
            let recent: Vec<_> = edits.iter().filter(|at| now.since(**at) < span).collect();
            let over = recent.len().checked_sub(most)?;
            Some(after(**recent.get(over)?, span))
        };
        within(DAY, limits.edits_a_day).max(within(MONTH, limits.edits_a_month))
    }
}

/// When something that was done then does not count any more. A second more, because Meta counts by its own clock.
fn after(at: Timestamp, span: Duration) -> Timestamp {
    at.plus(span + Duration::from_secs(1))
}

/// What a template says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Said {
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`.
    pub(crate) category: String,
    /// Meta's JSON.
    pub(crate) components: Value,
}

/// A template in a language that an account is to have.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// Its name.
    pub(crate) name: String,
    /// Its language.
    pub(crate) language: String,
    /// What it is to say; none: only that it is there matters, because it comes out of Meta's library.
    pub(crate) says: Option<Said>,
    /// What other versions say: who says that is ours.
    pub(crate) others: Vec<Value>,
    /// Whether Meta was asked to make it before, and did not certainly refuse.
    pub(crate) begun_at: Option<Timestamp>,
    /// Whether what came of the last call is not known.
    pub(crate) in_doubt: bool,
    /// Whether Meta has taken a version, and which template that was.
    pub(crate) known_as: Option<String>,
    /// Whether it goes to review once more although it says what it should.
    pub(crate) resubmit: bool,
    /// When something may be done next.
    pub(crate) next_at: Timestamp,
}

/// A template as it is at Meta.
#[derive(Debug, Clone)]
pub(crate) struct There {
    /// Meta's id.
    pub(crate) meta_id: String,
    /// Meta's word.
    pub(crate) status: String,
    /// As Meta judged it.
    pub(crate) category: Option<String>,
    /// Meta's word.
    pub(crate) rejected_reason: Option<String>,
    /// Meta's JSON.
    pub(crate) components: Value,
}

/// What to do about one that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    /// Make it.
    Create,
    /// Change this template at Meta.
    Edit(String),
    /// It is there as it should be.
    Adopt,
    /// Nothing before then.
    Wait(&'static str, Timestamp),
    /// Nothing, until somebody does something.
    Fail(Trouble),
}

/// The acts, by the place of what is wanted in the list; and when to look again.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// In the order in which they are to be done.
    pub(crate) acts: Vec<(usize, Act)>,
    /// When something more can be done; none: everything is settled by these acts.
    pub(crate) again_at: Option<Timestamp>,
}

/// Meta's templates of an account, by name and language.
pub(crate) type AtMeta = HashMap<(String, String), There>;

/// What is to be done now.
pub(crate) fn plan(
    now: Timestamp,
    wanted: &[Wanted],
    at_meta: &AtMeta,
    mut spent: Spent,
    limits: &Limits,
) -> Plan {
    let mut plan = Plan::default();
    let mut calls = 0;
    for (place, one) in wanted.iter().enumerate() {
        if one.next_at > now {
            plan.again(one.next_at);
            continue;
        }
        let there = at_meta.get(&(one.name.clone(), one.language.clone()));
        let mut act = next(now, one, there, &spent, limits);
        if matches!(act, Act::Create | Act::Edit(_)) {
            if let Some(until) = spent.calls_fit(1, limits, now) {
                act = Act::Wait("call_limit", until);
            } else if calls == AT_ONCE {
                plan.again(now);
                continue;
            } else {
                calls += 1;
                spent.calls.push((now, 1));
            }
        }
        match &act {
            Act::Create => spent.creations.push(now),
            Act::Edit(meta_id) => spent.edits.entry(meta_id.clone()).or_default().push(now),
            Act::Wait(_, until) => plan.again(*until),
            Act::Adopt | Act::Fail(_) => {}
        }
        plan.acts.push((place, act));
    }
    plan
}

impl Plan {
    fn again(&mut self, at: Timestamp) {
        self.again_at = Some(self.again_at.map_or(at, |known| known.min(at)));
    }
}

fn next(
    now: Timestamp,
    one: &Wanted,
    there: Option<&There>,
    spent: &Spent,
    limits: &Limits,
) -> Act {
    let Some(there) = there else {
        // It was asked for a moment ago and the answer was lost: the list may not show it yet.
        if let Some(begun_at) = one.begun_at.filter(|at| now.since(*at) < SETTLES) {
            return Act::Wait("trouble", begun_at.plus(SETTLES));
        }
        return match spent.creation_fits(limits) {
            Some(until) => Act::Wait("creation_limit", until),
            None => Act::Create,
        };
    };
    let Some(says) = &one.says else {
        let ours = one.begun_at.is_some() || one.known_as.is_some();
        return if ours {
            Act::Adopt
        } else {
            Act::Fail(name_taken())
        };
    };
    let same = same_text(&says.components, &there.components);
    let again = one.resubmit && there.status == "REJECTED";
    if same && !again {
        return Act::Adopt;
    }
    let ours = same
        || one.known_as.as_ref() == Some(&there.meta_id)
        || one.begun_at.is_some()
        || one
            .others
            .iter()
            .any(|text| same_text(text, &there.components));
    if !ours {
        return Act::Fail(name_taken());
    }
    match there.status.as_str() {
        "APPROVED" => {
            let mut edits = spent.edits_of(&there.meta_id);
            if one.in_doubt
                && let Some((last, before)) = edits.split_last()
            {
                if now.since(*last) < SETTLES {
                    return Act::Wait("trouble", last.plus(SETTLES));
                }
                // It would be in review, or say something else: Meta never had it, and does not count it.
                edits = before;
            }
            match Spent::edit_fits(edits, limits, now) {
                Some(until) => Act::Wait("edit_limit", until),
                None => Act::Edit(there.meta_id.clone()),
            }
        }
        // Meta does not count edits of these.
        "REJECTED" | "PAUSED" => Act::Edit(there.meta_id.clone()),
        "PENDING" | "IN_APPEAL" => Act::Wait("review", now.plus(REVIEW)),
        _ => Act::Fail(not_editable(&there.status)),
    }
}

fn name_taken() -> Trouble {
    Trouble {
        code: None,
        title: "name_taken".to_owned(),
        what: "The account has a template of its own with this name and language, which says something else. \
               Delete it there or choose another name, then try again."
            .to_owned(),
    }
}

fn not_editable(status: &str) -> Trouble {
    let why = match status {
        "DISABLED" => "WhatsApp has disabled the template in this account for good.",
        "PENDING_DELETION" | "DELETED" => "The template is being deleted in this account.",
        "ARCHIVED" => "The template is archived in this account; take it out of the archive first.",
        _ => "The template cannot be changed in this account as it stands there.",
    };
    Trouble {
        code: None,
        title: format!("not_editable_{}", status.to_lowercase()),
        what: format!(
            "{why} Make a global template of another name, or mend it there and try again."
        ),
    }
}

/// Whether what Meta shows says what was wanted. Meta adds members, leaves out empty ones, writes words in capitals and
/// shows files of examples by addresses of its own, so only what was asked for is compared, and examples are not.
pub(crate) fn same_text(wanted: &Value, there: &Value) -> bool {
    match (wanted, there) {
        (Value::Object(wanted), Value::Object(there)) => wanted.iter().all(|(key, value)| {
            is_example(key)
                || match there.get(key) {
                    Some(found) if is_word(key) => same_word(value, found),
                    Some(found) => same_text(value, found),
                    None => is_nothing(value),
                }
        }),
        (Value::Array(wanted), Value::Array(there)) => {
            let there: Vec<_> = ordered(there);
            let wanted = ordered(wanted);
            wanted.len() == there.len()
                && wanted
                    .iter()
                    .zip(&there)
                    .all(|(wanted, there)| same_text(wanted, there))
        }
        _ => wanted == there,
    }
}

/// Components in one order: Meta shows them in its own.
fn ordered(list: &[Value]) -> Vec<&Value> {
    let rank = |value: &&Value| {
        let kind = value["type"].as_str().unwrap_or_default().to_uppercase();
        match kind.as_str() {
            "HEADER" => 0,
            "BODY" => 1,
            "FOOTER" => 2,
            "BUTTONS" => 3,
            "CAROUSEL" => 4,
            _ => 5,
        }
    };
    let mut list: Vec<_> = list.iter().collect();
    list.sort_by_key(rank);
    list
}

fn is_example(key: &str) -> bool {
    key == "example"
}

fn is_word(key: &str) -> bool {
    matches!(key, "type" | "format" | "otp_type")
}

fn same_word(wanted: &Value, there: &Value) -> bool {
    match (wanted.as_str(), there.as_str()) {
        (Some(wanted), Some(there)) => wanted.eq_ignore_ascii_case(there),
        _ => wanted == there,
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
