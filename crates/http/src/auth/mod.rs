//! Who asks, and what they may see. A handler states what it needs in its signature: a scope
//! (`Member<InboxRead>`, `Platform<PlatformWrite>`) or a row (`OwnMessage<InboxWrite>`); what the
//! extractor yields is already authorised.

mod bearer;
mod caller;
mod cookie;
mod member;
mod rights;
mod rows;

pub(crate) use bearer::presented;
pub(crate) use caller::{Caller, Identity, Known, ip_of, user_agent_of};
pub(crate) use cookie::{csrf, ended, kept, secret_of};
pub(crate) use member::{Member, Platform, SignedIn};
pub(crate) use rights::{
    AuditRead, ContactsRead, ContactsWrite, EventsWrite, InboxRead, InboxWrite, KeysWrite,
    MembersRead, MembersWrite, NotificationsWrite, PlatformAudit, PlatformPeople, PlatformRead,
    PlatformWrite, Right, SettingsRead, SettingsWrite, TemplatesWrite,
};
pub(crate) use rows::{AnyTenant, OwnContact, OwnConversation, OwnMessage};
