//! Who may do what: scopes, and roles as named sets of them.
//!
//! Every route asks for one scope. A member has the scopes of their role, an API key those that it was
//! given, so there is one question to ask and one table to read.

use std::fmt;
use std::str::FromStr;

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// One thing that may be allowed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Scope { $($(#[$doc])* $name,)* }

        impl Scope {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As it is written in keys, answers and the API's description.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }

        impl FromStr for Scope {
            type Err = Unknown;

            fn from_str(text: &str) -> Result<Self, Unknown> {
                match text { $($text => Ok(Self::$name),)* _ => Err(Unknown(text.to_owned())) }
            }
        }
    };
}

scopes! {
    /// See conversations and messages.
    InboxRead = "inbox:read";
    /// Send, assign, note, close.
    InboxWrite = "inbox:write";
    /// See contacts.
    ContactsRead = "contacts:read";
    /// Change contacts.
    ContactsWrite = "contacts:write";
    /// See the tenant's settings.
    SettingsRead = "settings:read";
    /// Change the tenant's settings.
    SettingsWrite = "settings:write";
    /// See invitations.
    MembersRead = "members:read";
    /// Invite, change roles, remove.
    MembersWrite = "members:write";
    /// Make and revoke the tenant's API keys.
    KeysWrite = "keys:write";
    /// Make, change and delete message templates.
    TemplatesWrite = "templates:write";
    /// Report events of other systems.
    EventsWrite = "events:write";
    /// Change the rules by which events become messages.
    NotificationsWrite = "notifications:write";
    /// Read the tenant's audit log.
    AuditRead = "audit:read";
    /// See tenants, numbers, intake, health.
    PlatformRead = "platform:read";
    /// Change tenants and numbers, replay, make keys.
    PlatformWrite = "platform:write";
    /// See and change all users.
    PlatformPeople = "platform:people";
    /// Read the audit log of the whole installation.
    PlatformAudit = "platform:audit";
}

/// A word that names no scope or role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not known here")]
pub struct Unknown(pub String);

impl Scope {
    /// Whether it is about the platform, not about one tenant.
    pub const fn is_of_platform(self) -> bool {
        matches!(
            self,
            Self::PlatformRead | Self::PlatformWrite | Self::PlatformPeople | Self::PlatformAudit
        )
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of scopes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Scopes(u32);

impl Scopes {
    /// All that are about one tenant.
    pub fn of_tenant() -> Self {
        all(|scope| !scope.is_of_platform())
    }

    /// All that are about the platform.
    pub fn of_platform() -> Self {
        all(Scope::is_of_platform)
    }

    /// Whether a scope is among them.
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u32) != 0
    }

    /// Whether every one of these is in `other`.
    pub const fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Each of them, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .iter()
            .copied()
            .filter(move |&scope| self.has(scope))
    }

    /// Reads what [`fmt::Display`] wrote; words of another version of the program are passed over.
    pub fn read(text: &str) -> Self {
        text.split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect()
    }
}

fn all(wanted: impl Fn(Scope) -> bool) -> Scopes {
    Scope::ALL
        .iter()
        .copied()
        .filter(|&scope| wanted(scope))
        .collect()
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(
            scopes
                .into_iter()
                .fold(0, |set, scope| set | 1 << scope as u32),
        )
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.iter().map(Scope::as_str).collect();
        f.write_str(&words.join(" "))
    }
}

/// What a member is in a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Sees.
    Viewer,
    /// Works in the inbox.
    Agent,
    /// Also changes settings.
    Manager,
    /// Also decides who belongs here.
    Owner,
}

impl Role {
    /// All of them, the least powerful first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Agent, Self::Manager, Self::Owner];

    /// As it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Agent => "agent",
            Self::Manager => "manager",
            Self::Owner => "owner",
        }
    }

    /// What the role may do.
    pub fn scopes(self) -> Scopes {
        use Scope::{
            AuditRead, ContactsRead, ContactsWrite, EventsWrite, InboxRead, InboxWrite,
            MembersRead, NotificationsWrite, SettingsRead, SettingsWrite, TemplatesWrite,
        };
        match self {
            Self::Viewer => [InboxRead, ContactsRead].into_iter().collect(),
            Self::Agent => [InboxRead, ContactsRead, InboxWrite, ContactsWrite]
                .into_iter()
                .collect(),
            Self::Manager => [
                InboxRead,
                ContactsRead,
                InboxWrite,
                ContactsWrite,
                SettingsRead,
                SettingsWrite,
                MembersRead,
                AuditRead,
                TemplatesWrite,
                EventsWrite,
                NotificationsWrite,
            ]
            .into_iter()
            .collect(),
            Self::Owner => Scopes::of_tenant(),
        }
    }
}

impl FromStr for Role {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| Unknown(text.to_owned()))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_do_all_that_the_one_below_it_may() {
        for pair in Role::ALL.windows(2) {
            assert!(
                pair[0].scopes().within(pair[1].scopes()) && pair[0].scopes() != pair[1].scopes(),
                "{} is not above {}",
                pair[1],
                pair[0]
            );
        }
    }

    #[test]
    fn no_role_of_a_tenant_reaches_the_platform() {
        for role in Role::ALL {
            assert!(!role.scopes().iter().any(Scope::is_of_platform), "{role}");
        }
    }

    #[test]
    fn a_set_reads_back_what_it_wrote_and_passes_over_what_it_does_not_know() {
        let set = Role::Manager.scopes();
        assert_eq!(Scopes::read(&set.to_string()), set);
        assert_eq!(
            Scopes::read("inbox:read rockets:launch").to_string(),
            "inbox:read"
        );
    }
}
