//! Misbehaviour on command. Every rate is a probability between 0 and 1, drawn from the seed.

use serde::{Deserialize, Serialize};

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
    /// Keys left out of webhooks and answers: `contacts`, `profile`, `wa_id`, `from`, `pricing`, `message_status` …
    pub omit: Vec<String>,
}

impl Faults {
    /// Applies the keys of `change`, keeping the rest.
    pub(crate) fn apply(&mut self, change: &serde_json::Value) -> Result<(), String> {
        let serde_json::Value::Object(change) = change else {
            return Err("the body must be a JSON object".to_owned());
        };
        let mut whole = serde_json::to_value(&*self).map_err(|error| error.to_string())?;
        for (key, value) in change {
            whole[key.as_str()] = if value.is_null() {
                serde_json::to_value(Self::default()).map_err(|error| error.to_string())?
                    [key.as_str()]
                .clone()
            } else {
                value.clone()
            };
        }
        *self = serde_json::from_value(whole).map_err(|error| error.to_string())?;
        Ok(())
    }

    pub(crate) fn omits(&self, key: &str) -> bool {
        self.omit.iter().any(|omitted| omitted == key)
    }
}
