//! What is true without I/O.
//!
//! Ids, time, contact identity, the customer service window, the life of a message and the effects
//! that automation asks for. Nothing here reads a clock, a file or a socket of its own accord, so
//! every rule can be tested by calling it.

pub mod access;
pub mod automation;
pub mod clock;
pub mod connection;
pub mod identity;
pub mod ids;
pub mod message;
pub mod notification;
pub mod phone;
pub mod quiet_hours;
pub mod search;
pub mod sight;
pub mod status;
pub mod template;
pub mod window;
pub mod zones;

pub use clock::{Clock, Timestamp};
pub use ids::{
    AccountEventId, AlertId, ApiKeyId, ConnectionId, ContactId, ConversationId, EventId,
    EventSourceId, GlobalTemplateId, InvitationId, JobId, MediaId, MessageId, ParkedId,
    QuickReplyId, RuleId, RunId, SessionId, SetupLinkId, TemplateId, TenantId, UserId,
};
pub use sight::Sight;
