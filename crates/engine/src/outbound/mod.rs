//! From a request to Meta's phones, and back to the truth about each message.
//!
//! `request` is what a client asks for, checked; `draft` is a message that is about to be recorded;
//! `enqueue` records drafts in batches; `sender` claims what is due, number by number, at its `pace`;
//! `dispatch` hands one to Meta and judges the answer; `record` writes outcomes in batches; `settle`
//! deals with sends whose outcome is unknown.

pub mod dispatch;
pub(crate) mod draft;
pub mod enqueue;
mod pace;
mod record;
pub mod request;
pub mod sender;
pub mod settle;
mod words;

pub use enqueue::{Enqueued, Enqueuer, NotEnqueued};
pub use request::{Refused, Request};
