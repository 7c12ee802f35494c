//! Who may be written to freely: the customer service window of 24 hours and the free entry point of 72, per number and user.

use std::collections::HashMap;

const HOUR_MS: u64 = 3_600 * 1_000;
/// 24 hours from the last message of the customer.
const SERVICE_MS: u64 = 24 * HOUR_MS;
/// A business must answer the click on an ad within this time …
const ANSWER_MS: u64 = 24 * HOUR_MS;
/// … and everything is free for this long from its answer.
const ENTRY_MS: u64 = 72 * HOUR_MS;

/// The windows of one number.
#[derive(Debug, Default)]
pub struct Windows {
    service: HashMap<Box<str>, u64>,
    entries: HashMap<Box<str>, Entry>,
}

#[derive(Debug, Clone, Copy)]
enum Entry {
    /// The user came by an ad and waits for an answer until then.
    Armed { answer_by_ms: u64 },
    /// Answered in time.
    Open { until_ms: u64 },
}

impl Windows {
    /// The user wrote (or called).
    pub fn written(&mut self, user: &str, now_ms: u64) {
        self.service
            .insert(user.into(), now_ms.saturating_add(SERVICE_MS));
    }

    /// The user came by an ad or by the button of a page. One that is open already goes on.
    pub fn came_by_ad(&mut self, user: &str, now_ms: u64) {
        if self.entry_until(user, now_ms).is_none() {
            let answer_by_ms = now_ms.saturating_add(ANSWER_MS);
            self.entries
                .insert(user.into(), Entry::Armed { answer_by_ms });
        }
    }

    /// The business writes; its first answer to an ad's visitor opens the free entry point.
    pub fn answered(&mut self, user: &str, now_ms: u64) {
        let Some(entry) = self.entries.get_mut(user) else {
            return;
        };
        match *entry {
            Entry::Armed { answer_by_ms } if now_ms < answer_by_ms => {
                *entry = Entry::Open {
                    until_ms: now_ms.saturating_add(ENTRY_MS),
                };
            }
            Entry::Open { until_ms } if now_ms < until_ms => {}
            Entry::Armed { .. } | Entry::Open { .. } => {
                self.entries.remove(user);
            }
        }
    }

    /// When the customer service window closes, if it is open.
    pub fn service_until(&self, user: &str, now_ms: u64) -> Option<u64> {
        self.service
            .get(user)
            .copied()
            .filter(|closes_ms| *closes_ms > now_ms)
    }

    /// When the free entry point closes, if it is open.
    pub fn entry_until(&self, user: &str, now_ms: u64) -> Option<u64> {
        match self.entries.get(user)? {
            Entry::Open { until_ms } if *until_ms > now_ms => Some(*until_ms),
            Entry::Armed { .. } | Entry::Open { .. } => None,
        }
    }

    /// The same person under another phone number.
    pub(crate) fn moved(&mut self, from: &str, to: &str) {
        if let Some(closes_ms) = self.service.remove(from) {
            self.service.insert(to.into(), closes_ms);
        }
        if let Some(entry) = self.entries.remove(from) {
            self.entries.insert(to.into(), entry);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.service.clear();
        self.entries.clear();
    }
}
