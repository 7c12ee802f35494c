//! Which event of a key is the newest: it decides, and what is older leads to nothing, in whatever order they come.
//!
//! Where both say when they happened, that decides; else the order in which they came. What has come is remembered with
//! its key, cancels too, so that a booking that arrives after its own cancellation reminds nobody, and neither does one
//! that was held and is tried again.

use std::collections::HashMap;

use domain::notification::{Reason, Rule};
use domain::{EventId, RuleId, Timestamp};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use store::db::Db;
use store::events::{Event, keys, results};

/// Characters of a key that are kept as they are.
const LONGEST: usize = 255;

/// What an event says about a key of a rule.
pub(super) struct Word {
    pub(super) key: String,
    /// It cancels what belongs to the key, and books nothing.
    pub(super) cancels: bool,
}

/// What an event says under a rule, where it is about one of its keys.
pub(super) fn word(rule: &Rule, event: &Event, root: &Value) -> Option<Word> {
    rule.schedule.as_ref()?;
    let (key, cancels) = match rule.cancels(&event.kind, root) {
        Some(key) => (key, true),
        None if rule.event_type.matches(&event.kind) => (rule.key(root)?, false),
        None => return None,
    };
    let key = short(&key);
    Some(Word { key, cancels })
}

/// A key that every index takes: a longer one is known by its beginning and its digest.
fn short(key: &str) -> String {
    let key: String = key.chars().filter(|sign| !sign.is_control()).collect();
    if key.chars().count() <= LONGEST {
        return key;
    }
    let begin: String = key.chars().take(100).collect();
    format!("{begin}… {}", hex::encode(Sha256::digest(key.as_bytes())))
}

/// The newest event of a key.
struct Newest {
    event: EventId,
    /// The latest moment that an event of the key has told: one that tells none does not make older ones young again.
    occurred_at: Option<i64>,
    cancels: bool,
    /// For people.
    said: String,
    /// It is of this batch, and has to be kept.
    is_new: Option<keys::New>,
}

impl Newest {
    fn is_older_than(&self, event: &Event) -> bool {
        match (self.occurred_at, event.occurred_at) {
            (Some(before), Some(at)) if before != at => before < at,
            _ => self.event < event.id,
        }
    }
}

/// The newest events of all keys that a batch is about.
#[derive(Default)]
pub(super) struct Keys {
    all: HashMap<(RuleId, String), Newest>,
}

impl Keys {
    /// What is on file, and then what the batch says in its order.
    pub(super) async fn of(
        db: &Db,
        words: Vec<(RuleId, Word, &Event)>,
        now: Timestamp,
    ) -> store::Result<Self> {
        let mut wanted: Vec<(RuleId, String)> = words
            .iter()
            .map(|(rule, word, _)| (*rule, word.key.clone()))
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        let wanted: Vec<_> = wanted
            .into_iter()
            .map(|(rule, key)| keys::Lookup {
                rule: rule.hex(),
                key,
            })
            .collect();
        let found = keys::any_tenant_find(db, &wanted).await?;
        let found = found.into_iter().map(|row| {
            let newest = Newest {
                event: row.event_id,
                occurred_at: row.occurred_at,
                cancels: row.cancelled,
                said: format!("{} ({})", row.name, row.kind),
                is_new: None,
            };
            ((row.rule_id, row.key), newest)
        });
        let mut all: HashMap<(RuleId, String), Newest> = found.collect();
        for (rule, word, event) in words {
            let place = (rule, word.key);
            let before = all.get(&place);
            if before.is_some_and(|before| !before.is_older_than(event)) {
                continue;
            }
            let known = before.and_then(|before| before.occurred_at);
            let occurred_at = event.occurred_at.or(known);
            let newest = Newest {
                event: event.id,
                occurred_at,
                cancels: word.cancels,
                said: format!("{} ({})", event.event_id, event.kind),
                is_new: Some(keys::New {
                    rule: rule.hex(),
                    key: place.1.clone(),
                    tenant: event.tenant_id.hex(),
                    event: event.id.hex(),
                    occurred_at,
                    cancelled: word.cancels,
                    at: now.0,
                }),
            };
            all.insert(place, newest);
        }
        Ok(Self { all })
    }

    /// Why an event leads to nothing: a newer one of its key has come, or it cancels itself what it belongs to.
    pub(super) fn over(
        &self,
        rule: RuleId,
        word: &Word,
        event: &Event,
    ) -> Option<(Reason, String)> {
        let newest = self.all.get(&(rule, word.key.clone()))?;
        match (newest.event == event.id, newest.cancels) {
            (true, false) => None,
            (true, true) => Some((
                Reason::CancelledByEvent,
                format!("it cancels what belongs to {}", word.key),
            )),
            (false, true) => Some((
                Reason::CancelledByEvent,
                format!("the event {} cancelled it before", newest.said),
            )),
            (false, false) => Some((
                Reason::Replaced,
                format!("the event {} is newer and took its place", newest.said),
            )),
        }
    }

    /// What an event takes back where it is the newest of its key, and what is remembered of it.
    pub(super) fn effects(
        &self,
        rule: RuleId,
        word: &Word,
        event: &Event,
    ) -> Option<(keys::New, results::Cancel)> {
        let newest = self.all.get(&(rule, word.key.clone()))?;
        let new = newest.is_new.clone().filter(|_| newest.event == event.id)?;
        let (reason, did) = if word.cancels {
            (Reason::CancelledByEvent, "cancelled it")
        } else {
            (Reason::Replaced, "took its place")
        };
        let cancel = results::Cancel {
            tenant: event.tenant_id.hex(),
            rule: rule.hex(),
            key: word.key.clone(),
            by: event.id.hex(),
            occurred_at: event.occurred_at,
            reason: reason.as_str(),
            detail: format!("the event {} {did}", newest.said),
        };
        Some((new, cancel))
    }
}
