//! Misbehaviour on command. Every rate is a probability between 0 and 1, drawn from the seed.

pub(crate) mod script;

use serde::{Deserialize, Serialize};

use crate::chance::Chance;
pub use script::{Answer, Cut, Garble, Matching, Mode, Rule};
use script::{PATIENCE_MS, RULES, Seen};

/// The faults in force; absent ones do nothing. `POST /_sim/faults` changes the keys that it names.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Real milliseconds before every Graph answer.
    pub latency_ms: u64,
    /// Share of Graph calls refused with `error_code`.
    pub error_rate: f64,
    /// Code of those refusals; 0 means 131000.
    pub error_code: i64,
    /// Only calls whose path contains this text are hurt by faults; empty means all.
    pub only_path: String,
    /// Share of Graph calls that are carried out and then closed without an answer.
    pub drop_response_rate: f64,
    /// Share of Graph calls whose connection closes before anything is done.
    pub connection_reset_rate: f64,
    /// Share of Graph calls that hang for `hang_ms` before they are carried out.
    pub timeout_rate: f64,
    /// Real milliseconds of such a hang.
    pub hang_ms: u64,
    /// Nothing answers and no webhook leaves.
    pub offline: bool,
    /// The first status of a message is delivered before its send is answered.
    pub status_before_answer: bool,
    /// Real milliseconds between an event and its webhook.
    pub webhook_delay_ms: u64,
    /// Share of webhooks delivered twice.
    pub webhook_duplicate_rate: f64,
    /// Share of delivered webhooks that come again after 10 to 60 virtual seconds.
    pub webhook_stale_rate: f64,
    /// Webhooks leave in a random order.
    pub webhook_shuffle: bool,
    /// Updates put into one POST at most; 0 and 1 mean one each.
    pub webhook_batch_max: usize,
    /// No webhook leaves; the queue is kept.
    pub webhook_offline: bool,
    /// Share of look-ups and downloads of media that fail with an error of Meta's own (131000, HTTP 500).
    pub media_error_rate: f64,
    /// Share of downloads of media whose connection closes after half of the bytes.
    pub media_cut_rate: f64,
    /// Share of downloads of media that come with a wrong byte.
    pub media_corrupt_rate: f64,
    /// Keys left out of webhooks and answers: `contacts`, `profile`, `wa_id`, `from`, `pricing`, `message_status` …
    pub omit: Vec<String>,
    /// Answers asked for call by call; the first rule that fits is taken.
    pub script: Vec<Rule>,
}

impl Faults {
    /// Applies the keys of `change`, keeping the rest; nothing changes when one of them is wrong.
    pub(crate) fn apply(&mut self, change: &serde_json::Value) -> Result<(), String> {
        let serde_json::Value::Object(change) = change else {
            return Err("the body must be a JSON object".to_owned());
        };
        // The rules keep their counts unless they are replaced.
        let script = match change.get("script") {
            None => self.script.clone(),
            Some(serde_json::Value::Null) => Vec::new(),
            Some(rules) => {
                serde_json::from_value(rules.clone()).map_err(|error| format!("script: {error}"))?
            }
        };
        let words = |error: serde_json::Error| error.to_string();
        let calm = serde_json::to_value(Self::default()).map_err(words)?;
        let mut whole = serde_json::to_value(Self {
            script: Vec::new(),
            ..self.clone()
        })
        .map_err(words)?;
        for (key, value) in change.iter().filter(|(key, _)| *key != "script") {
            whole[key.as_str()] = match calm.get(key) {
                Some(calm) if value.is_null() => calm.clone(),
                _ => value.clone(),
            };
        }
        let mut faults: Self = serde_json::from_value(whole).map_err(words)?;
        faults.script = script;
        if let Some(mistake) = faults.mistake() {
            return Err(mistake);
        }
        *self = faults;
        Ok(())
    }

    fn mistake(&self) -> Option<String> {
        let rates = [
            ("error_rate", self.error_rate),
            ("drop_response_rate", self.drop_response_rate),
            ("connection_reset_rate", self.connection_reset_rate),
            ("timeout_rate", self.timeout_rate),
            ("webhook_duplicate_rate", self.webhook_duplicate_rate),
            ("webhook_stale_rate", self.webhook_stale_rate),
        ];
        for (name, rate) in rates {
            if !(0.0..=1.0).contains(&rate) {
                return Some(format!("{name} must lie between 0 and 1, not {rate}"));
            }
        }
        let waits = [
            ("latency_ms", self.latency_ms),
            ("hang_ms", self.hang_ms),
            ("webhook_delay_ms", self.webhook_delay_ms),
        ];
        for (name, wait) in waits {
            if wait > PATIENCE_MS {
                return Some(format!("{name} is at most {PATIENCE_MS}"));
            }
        }
        if self.script.len() > RULES {
            return Some(format!("a script has at most {RULES} rules"));
        }
        let rules = self.script.iter().enumerate();
        rules
            .filter_map(|(place, rule)| Some(format!("script[{place}]: {}", rule.mistake()?)))
            .next()
    }

    /// The answer that the script has for this call, counted as used.
    pub(crate) fn scripted(&self, call: &Seen<'_>, chance: Chance, draw: u64) -> Option<&Answer> {
        let drawn = |place: usize, rule: &Rule| {
            rule.rate >= 1.0 || chance.happens(rule.rate, "script", &place.to_string(), draw)
        };
        let mut rules = self.script.iter().enumerate();
        rules
            .find(|(place, rule)| rule.fits(call) && drawn(*place, rule) && rule.take())
            .map(|(_, rule)| &rule.answer)
    }

    pub(crate) fn omits(&self, key: &str) -> bool {
        self.omit.iter().any(|omitted| omitted == key)
    }
}
