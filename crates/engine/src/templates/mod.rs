//! Message templates of every account: kept as Meta last told, by its webhooks at once and by its list now and then.
//!
//! `known` is the memory that sends are judged by, `sync` brings the rows in line with Meta's list, `heard` applies
//! what webhooks say, `fold` turns both into rows and history, `held` holds and frees what waits in the outbox, `act`
//! is what people do.

pub mod act;
mod fold;
mod heard;
mod held;
mod known;
mod library;
mod sync;
mod upload;

pub(crate) use heard::hear;
pub(crate) use held::into_review;
pub use held::{TemplateHold, hold_of};
pub use known::Templates;
pub(crate) use known::{Judged, Known};
pub(crate) use library::types_of;
pub use sync::{SYNC, lane, run, sweep, sync};
pub(crate) use sync::{job as sync_soon, tell, with as sync_with};
pub use upload::{Sample, UploadError, upload};
