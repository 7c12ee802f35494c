//! From a request to Meta's phones, and back to the truth about each message.
//!
//! `request` is what a client asks for, checked (`envelope`, `address`, `content`); `draft` is a message that is about to be recorded;
//! `enqueue` records drafts in batches; `sender` claims what is due, number by number, at its `pace`;
//! `dispatch` hands one to Meta and judges the answer; `record` writes outcomes in batches; `settle`
//! deals with sends whose outcome is unknown; `life` tells what became of one message, and `retry` sends
//! what did not arrive again; `silence` lets a number rest whose sends get no answer. `urgency` says which lane is
//! next, `fair` which tenant.

mod address;
mod brake;
mod budget;
mod claim;
mod content;
pub mod dispatch;
pub(crate) mod draft;
pub mod enqueue;
mod envelope;
mod fair;
mod forbidden;
mod held;
mod lane;
mod late;
mod learned;
pub mod life;
mod pace;
mod pair;
pub mod queue;
mod record;
pub mod request;
pub mod retry;
pub mod sender;
pub mod settle;
mod silence;
mod steps;
mod stopped;
mod terms;
mod unanswered;
mod urgency;
mod words;

pub use enqueue::{Enqueued, Enqueuer, NotEnqueued};
pub(crate) use enqueue::{Wanted, record_in};
pub use request::{Refused, Request};

/// The number that a tenant's messages leave from when nothing else is said.
pub(crate) async fn sender_of(
    engine: &crate::Engine,
    tenant: &store::tenants::Tenant,
) -> Result<store::numbers::PhoneNumber, Refused> {
    address::sender(engine, tenant, None, None).await
}
