//! Templates that the platform writes once and shares to the accounts of its tenants.
//!
//! `write` is what administrators do; `spread` says which accounts are to have what and gives each of them a job;
//! `share` is that job: it looks at Meta's list, asks `plan` what is to be done, and does a part of it by `ask`; `refusal`
//! reads what Meta answers; `on_file` makes it a row of the account's templates; `library` is what Meta has ready.

mod ask;
mod check;
mod content;
pub mod library;
mod on_file;
mod plan;
mod refusal;
mod share;
mod spread;
pub mod write;

pub(crate) use share::share;
pub(crate) use spread::heard;
pub use spread::{reconcile, spread_in};

use domain::{GlobalTemplateId, Timestamp};
use serde_json::json;
use store::event_log;

/// That something about a global template changed, for the platform's streams.
pub(crate) fn changed(id: GlobalTemplateId, now: Timestamp) -> event_log::New {
    event_log::New {
        tenant: None,
        kind: "global_template.changed",
        data: json!({ "global_id": id.to_string() }).to_string(),
        at: now.0,
    }
}
