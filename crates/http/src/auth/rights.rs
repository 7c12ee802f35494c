//! Scopes as types, so that a handler's signature says which one it needs.

use domain::access::Scope;

/// A scope that a handler needs.
pub(crate) trait Right: Send + Sync + 'static {
    /// Which.
    const SCOPE: Scope;
}

macro_rules! rights {
    ($($name:ident),* $(,)?) => { $(
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct $name;

        impl Right for $name {
            const SCOPE: Scope = Scope::$name;
        }
    )* };
}

rights!(
    InboxRead,
    InboxWrite,
    ContactsRead,
    ContactsWrite,
    SettingsRead,
    SettingsWrite,
    TemplatesWrite,
    MembersRead,
    MembersWrite,
    KeysWrite,
    AuditRead,
    EventsWrite,
    NotificationsWrite,
    PlatformRead,
    PlatformWrite,
    PlatformPeople,
    PlatformAudit,
);
