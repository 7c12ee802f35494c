//! From Meta's POST to conversations.
//!
//! `intake` makes the raw body durable before the 200; `projector` reads the log, `normalise` turns
//! Meta's JSON into items (pure), `project` writes a whole batch of them in one transaction together
//! with the log's position, so each event takes effect once. `replay` gives parked items another try.

pub mod intake;
mod normalise;
mod persons;
mod project;
pub mod projector;
pub mod replay;

pub use intake::{Intake, IntakeError};
pub use normalise::{
    Change, InboundItem, MessageItem, Normalised, PreferenceItem, StatusItem, normalise,
};
pub(crate) use project::people::{Mention, People, Talk};
