//! Words about messages that every layer shares.

use serde::{Deserialize, Serialize};

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From a contact to the tenant.
    Inbound,
    /// From the tenant to a contact.
    Outbound,
    /// Among the tenant's own people: a note, or what was done with the conversation. It never leaves.
    Internal,
}

impl Direction {
    /// The word that stands in the database and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
            Self::Internal => "internal",
        }
    }
}

/// Who caused a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The contact.
    Contact,
    /// A system of the tenant, through the API.
    Api,
    /// One of the tenant's people.
    Member,
    /// The product itself.
    System,
    /// An automatic reply.
    AutoReply,
    /// A rule about an event of another system.
    Notification,
    /// The tenant's own WhatsApp Business app (coexistence echo).
    BusinessApp,
    /// The history that coexistence shares at the start.
    History,
    /// A template tried out by one of the tenant's people.
    Test,
}

impl Origin {
    /// The word that stands in the database and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Api => "api",
            Self::Member => "member",
            Self::System => "system",
            Self::AutoReply => "auto_reply",
            Self::Notification => "notification",
            Self::BusinessApp => "business_app",
            Self::History => "history",
            Self::Test => "test",
        }
    }
}

/// Sending lanes, most urgent first: a person who waits for an answer goes before a mailing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// An answer inside an open conversation.
    Reply,
    /// A notification that somebody waits for.
    Transactional,
    /// Mailings.
    Bulk,
}

impl Lane {
    /// The number by which lanes sort in the outbox; smaller goes first.
    pub const fn rank(self) -> i64 {
        match self {
            Self::Reply => 0,
            Self::Transactional => 1,
            Self::Bulk => 2,
        }
    }
}

/// What to do with a send of unknown outcome once the settle time has passed with no news.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UncertainPolicy {
    /// Show it to a person, who decides. The default: never re-sent blindly.
    #[default]
    Ask,
    /// Send it once more, and then ask.
    RetryOnce,
}

impl UncertainPolicy {
    /// The word that stands in the database and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::RetryOnce => "retry_once",
        }
    }

    /// Reads the word; anything unknown is the careful choice.
    pub fn parse(text: &str) -> Self {
        if text == "retry_once" {
            Self::RetryOnce
        } else {
            Self::Ask
        }
    }
}
