//! What is true without I/O.
//!
//! Ids, time, contact identity, the customer service window, the life of a message and the effects
//! that automation asks for. Nothing here reads a clock, a file or a socket of its own accord, so
//! every rule can be tested by calling it.

pub mod access;
pub mod automation;
pub mod clock;
pub mod identity;
pub mod ids;
pub mod message;
pub mod phone;
pub mod status;
pub mod window;

pub use clock::{Clock, Timestamp};
pub use ids::{
    ApiKeyId, ContactId, ConversationId, InvitationId, JobId, MessageId, ParkedId, QuickReplyId,
    SessionId, TenantId, UserId,
};
