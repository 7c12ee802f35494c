//! What may not leave at this moment by what is known of the account and of the person's window.

use domain::Timestamp;
use domain::window::{self, Intake};
use store::outbox::Entry;
use store::outbox::claim::Waiting;

use crate::health::standing;

/// Until when Meta's restriction of the account forbids the message, where it does; without an end, none is known.
pub(super) fn restricted(
    waiting: &Waiting,
    entry: &Entry,
    now: Timestamp,
) -> Option<Option<Timestamp>> {
    if waiting.standing.as_deref() != Some("RESTRICTED") {
        return None;
    }
    let begins = !window::is_open(entry.last_inbound_at.map(Timestamp), now);
    let until = standing::forbids(waiting.standing_detail.as_deref()?, begins)?;
    until.is_none_or(|until| until > now).then_some(until)
}

/// Whether the window was open when the message was written and is closed now.
pub(super) fn closed_meanwhile(entry: &Entry, now: Timestamp, intake: Intake) -> bool {
    let free_form = entry.template.is_none();
    let may_leave = |at| {
        let last = entry.last_inbound_at.map(Timestamp);
        window::may_leave(free_form, last, at, intake)
    };
    !may_leave(now) && may_leave(entry.created_at)
}
