//! Who asks, and what they may see. A handler states what it needs in its signature; what the
//! extractor yields is already authorised.

mod bearer;
mod rows;

pub(crate) use bearer::{PlatformAdmin, TenantMember, presented};
pub(crate) use rows::{AnyTenant, OwnContact, OwnConversation, OwnMessage};
