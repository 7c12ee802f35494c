//! Meta's webhooks, read so that nothing is ever lost.
//!
//! [`parse`] borrows from the body. In the common form it passes over the text three times: the envelope, each change,
//! each message or status. Whatever does not fit that form is read again piece by piece, and a piece that cannot be
//! read becomes [`Malformed`] beside its siblings. Each message, status and change keeps its text in `raw`, so
//! unknown members survive.

pub mod account;
mod call;
mod content;
mod envelope;
mod field;
mod group;
mod history;
pub(crate) mod lenient;
mod medium;
mod member;
mod message;
mod preference;
mod preview;
mod state_sync;
mod status;
mod tagged;
mod value;
mod wire_error;

pub use call::{Call, CallEvent, Session};
pub use content::{
    Button, Interactive, Location, Media, Order, ProductItem, Reaction, Revoke, SharedContact,
    SharedEmail, SharedName, SharedOrganisation, SharedPhone, System, SystemKind, Text,
    Unsupported,
};
pub use envelope::{Change, Entry, Envelope, NotJson, Value, parse};
pub use field::Field;
pub use group::{Group, GroupEvent};
pub use history::{HistoryChunk, HistoryThread};
pub use member::member;
pub use message::{
    Context, Edit, InboundMessage, MessageKind, Referral, ReferredProduct, WelcomeMessage,
};
pub use preference::{PreferenceValue, UserPreference};
pub use state_sync::{AppContact, StateSync, StateSyncAction, StateSyncMetadata};
pub use status::{Conversation, Origin, Pricing, Status, StatusKind};
pub use value::{
    Contact, Item, Malformed, MessageItem, MessagesValue, Metadata, StatusItem, Tolerant,
};
pub use wire_error::WireError;
