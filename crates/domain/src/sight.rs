//! Whose conversations somebody sees.
//!
//! A member's scopes say what they may do; this says to which rows. Every function of the store that reads or
//! changes conversations, messages or contacts for somebody takes a [`Sight`], so that it cannot be forgotten.

use std::fmt;
use std::str::FromStr;

use crate::UserId;
use crate::access::{Role, Unknown};

/// What is written down about a member. It counts for those who are below a manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// Everybody's conversations.
    #[default]
    All,
    /// Those that are assigned to them.
    Own,
}

impl Reach {
    /// As it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Own => "own",
        }
    }
}

impl FromStr for Reach {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        [Self::All, Self::Own]
            .into_iter()
            .find(|reach| reach.as_str() == text)
            .ok_or_else(|| Unknown(text.to_owned()))
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which conversations of a tenant are there for whoever asks; the others do not exist for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// All of them: managers, owners, systems with a key, and the product itself.
    All,
    /// Those that one person has.
    Own {
        /// Who.
        user: UserId,
        /// Those that nobody has, too.
        unassigned: bool,
    },
}

impl Sight {
    /// What a member sees. Conversations that nobody has are there to be taken, so only for who may answer.
    pub fn of(role: Role, reach: Reach, user: UserId, agents_see_unassigned: bool) -> Self {
        match (role, reach) {
            (Role::Manager | Role::Owner, _) | (_, Reach::All) => Self::All,
            (Role::Agent, Reach::Own) => Self::Own {
                user,
                unassigned: agents_see_unassigned,
            },
            (Role::Viewer, Reach::Own) => Self::Own {
                user,
                unassigned: false,
            },
        }
    }

    /// Whether a conversation that this colleague has (`None`: nobody) is there.
    pub fn sees(self, assigned_to: Option<UserId>) -> bool {
        match (self, assigned_to) {
            (Self::All, _) => true,
            (Self::Own { user, .. }, Some(holder)) => holder == user,
            (Self::Own { unassigned, .. }, None) => unassigned,
        }
    }

    /// Whose sight is narrowed; `None` for those who see all.
    pub const fn narrowed_to(self) -> Option<UserId> {
        match self {
            Self::All => None,
            Self::Own { user, .. } => Some(user),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    #[test]
    fn only_who_is_below_a_manager_can_be_narrowed() {
        let ana = UserId::new(Timestamp(1));
        for role in Role::ALL {
            assert_eq!(Sight::of(role, Reach::All, ana, true), Sight::All, "{role}");
            let narrowed = Sight::of(role, Reach::Own, ana, true).narrowed_to();
            assert_eq!(narrowed.is_some(), role < Role::Manager, "{role}");
        }
    }

    #[test]
    fn own_is_what_one_has_and_for_agents_perhaps_what_nobody_has() {
        let (ana, luis) = (UserId::new(Timestamp(1)), UserId::new(Timestamp(1)));
        let seen = |role, unassigned| {
            let sight = Sight::of(role, Reach::Own, ana, unassigned);
            [Some(ana), Some(luis), None].map(|holder| sight.sees(holder))
        };
        assert_eq!(seen(Role::Agent, true), [true, false, true]);
        assert_eq!(seen(Role::Agent, false), [true, false, false]);
        assert_eq!(seen(Role::Viewer, true), [true, false, false]);
    }
}
