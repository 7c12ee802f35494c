//! The script: answers asked for by name. A rule says which calls it is for, how often, and what they get: any code of Meta's
//! table, as a refusal or as a `failed` status, a body that is none, a cut connection, a late answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::codes;
use crate::error::GraphError;

/// The longest wait that may be asked for, in milliseconds.
pub(super) const PATIENCE_MS: u64 = 10 * 60 * 1_000;
/// Rules at most.
pub(super) const RULES: usize = 1_000;

/// One rule of the script; the first that fits a call is taken.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Which calls.
    #[serde(default, rename = "match")]
    pub matching: Matching,
    /// How many calls, first to last; without it all of them.
    #[serde(default)]
    pub times: Option<u64>,
    /// Share of the matching calls, 0 to 1.
    #[serde(default = "all")]
    pub rate: f64,
    /// What they get.
    pub answer: Answer,
    /// Calls that it has been used for.
    #[serde(skip_deserializing, serialize_with = "count")]
    used: Arc<AtomicU64>,
}

/// What a call must have; what is absent fits everything.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Matching {
    /// `GET`, `POST` or `DELETE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Text inside the path, e.g. `/messages`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The business number called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number_id: Option<String>,
    /// The user written to: a phone, read as digits, or a BSUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The message type.
    #[serde(skip_serializing_if = "Option::is_none", rename = "type")]
    pub kind: Option<String>,
    /// The template's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
}

/// What a call gets: one of `code`, `body` and `connection`, and a delay with it or alone.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answer {
    /// A code of Meta's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
    /// Whether the code comes at once or as a `failed` status of an accepted message; by the table when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// `error_subcode`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subcode: Option<i64>,
    /// Another HTTP status than that of the table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http: Option<u16>,
    /// Another `error_data.details`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
    /// Minutes until a limit ends, told by the usage header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regain_minutes: Option<u32>,
    /// A body that is none of Meta's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Garble>,
    /// No answer at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<Cut>,
    /// Whether the call is carried out all the same; with a body by default when the HTTP status is 2xx.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<bool>,
    /// Real milliseconds before the answer.
    #[serde(skip_serializing_if = "is_zero")]
    pub delay_ms: u64,
}

/// How a code is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// By the answer; nothing is accepted.
    Sync,
    /// The message is accepted and fails later.
    Status,
}

/// A body that no client hopes for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Garble {
    /// A page of a proxy; HTTP 502 unless another is asked for.
    Html,
    /// Nothing; HTTP 500 unless another is asked for.
    Empty,
    /// Half of the true answer, then the connection ends; HTTP 200 unless another is asked for.
    Truncated,
    /// Words that are not JSON; HTTP 200 unless another is asked for.
    NotJson,
}

/// A connection that ends without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// Before anything was done.
    ResetBefore,
    /// After the call was carried out.
    ResetAfter,
}

/// A call, as rules see it.
pub(crate) struct Seen<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) params: &'a serde_json::Map<String, Value>,
}

fn all() -> f64 {
    1.0
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(value: &u64) -> bool {
    *value == 0
}

fn count<S: Serializer>(used: &Arc<AtomicU64>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(used.load(Ordering::Relaxed))
}

impl Rule {
    /// A rule for every matching call.
    #[must_use]
    pub fn new(matching: Matching, answer: Answer) -> Self {
        Self {
            matching,
            times: None,
            rate: 1.0,
            answer,
            used: Arc::default(),
        }
    }

    /// What is wrong with it, in a sentence.
    pub(super) fn mistake(&self) -> Option<String> {
        if !(0.0..=1.0).contains(&self.rate) {
            return Some(format!("rate must lie between 0 and 1, not {}", self.rate));
        }
        self.answer.mistake()
    }

    /// Whether it is for this call and not used up; a use is counted by [`Rule::take`].
    pub(super) fn fits(&self, call: &Seen<'_>) -> bool {
        let same = |wanted: &Option<String>, is: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| Some(wanted) == is)
        };
        let matching = &self.matching;
        let to = matching
            .to
            .as_deref()
            .is_none_or(|wanted| is_recipient(wanted, call.params));
        let number = call.path.trim_start_matches('/').split('/').next();
        let is_message = is_send(call);
        let kind = is_message.then(|| {
            call.params
                .get("type")
                .and_then(Value::as_str)
                .unwrap_or("text")
        });
        let template = call
            .params
            .get("template")
            .and_then(|template| template["name"].as_str());
        matching.method.as_deref().is_none_or(|method| method.eq_ignore_ascii_case(call.method))
            && matching.path.as_deref().is_none_or(|part| call.path.contains(part))
            && same(&matching.phone_number_id, number)
            && same(&matching.kind, kind)
            && same(&matching.template, template)
            && to
            // A failed status needs a message that fails.
            && (is_message || self.answer.mode_or_default() != Some(Mode::Status))
    }

    /// Uses it once more; `false` when it was used up.
    pub(super) fn take(&self) -> bool {
        let more = |used: u64| {
            self.times
                .is_none_or(|times| used < times)
                .then(|| used.saturating_add(1))
        };
        self.used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more)
            .is_ok()
    }
}

/// A send, not a read receipt.
fn is_send(call: &Seen<'_>) -> bool {
    call.method == "POST"
        && (call.path.ends_with("/messages") || call.path.ends_with("/marketing_messages"))
        && !call.params.contains_key("status")
}

fn is_recipient(wanted: &str, params: &serde_json::Map<String, Value>) -> bool {
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    ["to", "recipient"].iter().any(|key| {
        let given = params.get(*key).and_then(Value::as_str);
        given.is_some_and(|given| {
            given == wanted
                || (*key == "to" && digits(given) == digits(wanted) && !digits(wanted).is_empty())
        })
    })
}

impl Answer {
    /// The mode asked for, or that of the table; `None` when there is no code.
    pub(crate) fn mode_or_default(&self) -> Option<Mode> {
        let by_status = codes::find(self.code?).and_then(|row| row.seen.by_status());
        Some(self.mode.unwrap_or(if by_status == Some(true) {
            Mode::Status
        } else {
            Mode::Sync
        }))
    }

    /// The refusal that it asks for.
    pub(crate) fn refusal(&self) -> Option<GraphError> {
        if self.mode_or_default() != Some(Mode::Sync) {
            return None;
        }
        let mut error = GraphError::of_table(self.code?, self.subcode);
        error.http = self.http.unwrap_or(error.http);
        error.details = self.details.clone().or(error.details);
        error.regain_minutes = self.regain_minutes.unwrap_or(error.regain_minutes);
        Some(error)
    }

    /// The code of the `failed` status that it asks for.
    pub(crate) fn failure(&self) -> Option<i64> {
        (self.mode_or_default() == Some(Mode::Status))
            .then_some(self.code)
            .flatten()
    }

    /// HTTP status of a garbled body.
    pub(crate) fn garbled_http(&self, garble: Garble) -> u16 {
        self.http.unwrap_or(match garble {
            Garble::Html => 502,
            Garble::Empty => 500,
            Garble::Truncated | Garble::NotJson => 200,
        })
    }

    /// Whether a call with a garbled body is carried out.
    pub(crate) fn carried_out(&self, garble: Garble) -> bool {
        self.accepted
            .unwrap_or_else(|| (200..300).contains(&self.garbled_http(garble)))
    }

    fn mistake(&self) -> Option<String> {
        let ways = usize::from(self.code.is_some())
            + usize::from(self.body.is_some())
            + usize::from(self.connection.is_some());
        if ways > 1 {
            return Some("an answer has one of code, body and connection".to_owned());
        }
        if ways == 0 && self.delay_ms == 0 {
            return Some("an answer needs code, body, connection or delay_ms".to_owned());
        }
        if self.delay_ms > PATIENCE_MS {
            return Some(format!("delay_ms is at most {PATIENCE_MS}"));
        }
        if self.http.is_some_and(|http| !(200..=599).contains(&http)) {
            return Some("http must lie between 200 and 599".to_owned());
        }
        if self.body.is_none() && self.accepted.is_some() {
            return Some("accepted goes with body".to_owned());
        }
        let about_code = self.mode.is_some()
            || self.subcode.is_some()
            || self.details.is_some()
            || self.regain_minutes.is_some();
        let Some(code) = self.code else {
            let idle = about_code || (self.http.is_some() && self.body.is_none());
            return idle.then(|| "mode, subcode, details, regain_minutes and http go with code; http with body, too".to_owned());
        };
        let by_status = self.mode_or_default() == Some(Mode::Status);
        if by_status
            && (self.http.is_some()
                || self.details.is_some()
                || self.subcode.is_some()
                || self.regain_minutes.is_some())
        {
            return Some(format!(
                "{code} comes as a failed status, which has no http, subcode, details or regain_minutes"
            ));
        }
        match codes::find(code) {
            None if self.mode.is_none() => Some(format!(
                "{code} is not in Meta's table: say mode \"sync\" or \"status\""
            )),
            Some(row) if self.mode.is_none() && row.seen.by_status().is_none() => Some(format!(
                "{code} is seen in {}, not in an answer or a status: say mode \"sync\" or \"status\" to have it there all the same",
                row.seen.word()
            )),
            _ => None,
        }
    }
}
