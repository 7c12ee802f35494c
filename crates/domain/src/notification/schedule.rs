//! When a message is sent that belongs to a date in the event: 24 hours before an appointment, a week after a visit.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::dates;
use super::path::Path;
use super::reason::{Reason, Wrong};
use super::rule::Flaw;
use crate::clock::Timestamp;

/// How far ahead a message may be scheduled.
const FARTHEST: Duration = Duration::from_secs(2 * 366 * 24 * 3_600);

/// When a rule sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Where the date stands in the event. One without a time is its midnight in the tenant's time zone.
    pub at_path: Path,
    /// Seconds after it; before it, where it is negative.
    #[serde(default)]
    pub offset_seconds: i64,
    /// Where that moment has passed when the event comes: true sends nothing, false sends at once.
    #[serde(default = "yes")]
    pub not_if_past: bool,
}

const fn yes() -> bool {
    true
}

/// When to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// At once.
    Now,
    /// Then.
    At(Timestamp),
}

impl Schedule {
    pub(super) fn check(&self, flaws: &mut Vec<Flaw>) {
        if self.offset_seconds.unsigned_abs() > FARTHEST.as_secs() {
            flaws.push(Flaw::new(
                "schedule.offset_seconds",
                "may be two years at most",
            ));
        }
    }

    /// Whether a reminder of a date comes after it: nobody wants it any more.
    pub fn is_over(&self, event: &Value, zone: Option<&str>, now: Timestamp) -> bool {
        let value = self.at_path.value(event).ok().flatten();
        let at = value.and_then(|value| dates::moment(value, zone));
        self.offset_seconds < 0 && at.is_some_and(|at| at <= now)
    }

    /// When a message about an event is sent.
    ///
    /// # Errors
    /// When the event has no such date, or it lies too far away.
    pub fn due(&self, event: &Value, zone: Option<&str>, now: Timestamp) -> Result<Due, Wrong> {
        let field = "schedule.at_path";
        let path = &self.at_path;
        let value = path.value(event).map_err(|wrong| wrong.of(field))?;
        let value = value
            .ok_or_else(|| Wrong::at(path, Reason::ScheduleDate, "finds no date").of(field))?;
        let at = dates::moment(value, zone).ok_or_else(|| {
            let said = format!("is {value}, which is no date such as 2026-11-30T10:00:00+01:00");
            Wrong::at(path, Reason::ScheduleDate, &said).of(field)
        })?;
        let due = Timestamp(at.0.saturating_add(self.offset_seconds.saturating_mul(1_000_000)));
        if due > now.plus(FARTHEST) {
            return Err(Wrong::at(
                path,
                Reason::TooFar,
                &format!("would have it sent at {due}"),
            )
            .of(field));
        }
        match (due > now, self.not_if_past) {
            (true, _) => Ok(Due::At(due)),
            (false, false) => Ok(Due::Now),
            (false, true) => Err(Wrong::at(
                path,
                Reason::TooLate,
                &format!("would have had it sent at {due}"),
            )
            .of(field)),
        }
    }
}
