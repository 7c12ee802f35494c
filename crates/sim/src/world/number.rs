//! A business phone number: what it is, what it did lately, and how it is registered.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Instant;

use serde_json::Value;

use super::Windows;
use crate::coexistence::Phone;
use crate::seed::NumberSpec;

/// Registrations (and deregistrations) that Meta allows …
const ATTEMPTS: usize = 10;
/// … within 72 hours.
const ATTEMPTS_MS: u64 = 72 * 3_600_000;

/// A number of an account.
pub(crate) struct Number {
    pub(crate) spec: NumberSpec,
    pub(crate) override_url: Option<String>,
    /// Real moments of the messages of the last second, in and out.
    pub(crate) traffic: VecDeque<Instant>,
    /// Per user: the virtual moment at which the quota borrowed so far is paid back.
    pub(crate) pairs: HashMap<Box<str>, u64>,
    pub(crate) windows: Windows,
    /// The throughput is being raised until then; sends are refused with 131057.
    pub(crate) upgrading_until_ms: Option<u64>,
    pub(crate) sent_count: u64,
    pub(crate) received_count: u64,
    pub(crate) typing: HashMap<String, u64>,
    /// Users whose messages do not come through.
    pub(crate) blocked: BTreeSet<String>,
    /// The business profile, as `POST` left it.
    pub(crate) profile: serde_json::Map<String, Value>,
    pub(crate) line: Line,
}

/// How a number stands with registration.
#[derive(Debug, Default)]
pub(crate) struct Line {
    pub(crate) registered: Vec<u64>,
    pub(crate) deregistered: Vec<u64>,
    /// Wrong PINs in a row.
    pub(crate) wrong_pins: u32,
    pub(crate) locked_until_ms: u64,
    /// The code that a text message or a call told.
    pub(crate) code: Option<String>,
    pub(crate) codes_asked: Vec<u64>,
    pub(crate) wrong_codes: u32,
    /// Where its messages rest, chosen at registration.
    pub(crate) region: Option<String>,
    pub(crate) new_display_name: Option<String>,
    /// When a sign-up last brought it to the app.
    pub(crate) onboarded_ms: Option<u64>,
    pub(crate) contacts_asked: bool,
    pub(crate) history_asked: bool,
    /// What is on the phone of a number in coexistence.
    pub(crate) phone: Phone,
}

/// What became of a PIN.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pin {
    Right,
    Wrong,
    /// Too many wrong ones: nothing is looked at for a while.
    Locked,
}

impl Line {
    /// One more attempt; `false` when there were ten within 72 hours.
    pub(crate) fn attempt(moments: &mut Vec<u64>, now_ms: u64) -> bool {
        moments.retain(|at_ms| at_ms.saturating_add(ATTEMPTS_MS) > now_ms);
        if moments.len() >= ATTEMPTS {
            return false;
        }
        moments.push(now_ms);
        true
    }
}

impl Number {
    pub(crate) fn new(spec: NumberSpec) -> Self {
        Self {
            override_url: None,
            traffic: VecDeque::new(),
            pairs: HashMap::new(),
            windows: Windows::default(),
            upgrading_until_ms: None,
            sent_count: 0,
            received_count: 0,
            typing: HashMap::new(),
            blocked: BTreeSet::new(),
            profile: serde_json::Map::new(),
            line: Line::default(),
            spec,
        }
    }

    /// The number in digits.
    pub(crate) fn digits(&self) -> String {
        let digits = self.spec.display_phone_number.chars();
        digits.filter(char::is_ascii_digit).collect()
    }

    /// Compares a PIN with the one that was set; the first one sets it.
    pub(crate) fn try_pin(&mut self, pin: &str, now_ms: u64) -> Pin {
        const GUESSES: u32 = 5;
        const LOCK_MS: u64 = 12 * 3_600_000;
        if self.line.locked_until_ms > now_ms {
            return Pin::Locked;
        }
        match &self.spec.pin {
            Some(known) if known != pin => {
                self.line.wrong_pins += 1;
                if self.line.wrong_pins >= GUESSES {
                    self.line.wrong_pins = 0;
                    self.line.locked_until_ms = now_ms.saturating_add(LOCK_MS);
                }
                Pin::Wrong
            }
            _ => {
                self.line.wrong_pins = 0;
                self.spec.pin = Some(pin.to_owned());
                Pin::Right
            }
        }
    }
}
