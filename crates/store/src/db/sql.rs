//! Statements and their parameters.

use uuid::Uuid;

/// SQL text: shared by both databases, or one text for each where the dialects really differ.
#[derive(Debug, Clone, Copy)]
pub enum Sql {
    /// Both databases run it the same.
    Both(&'static str),
    /// A pair of texts with the same parameters and the same columns.
    Each {
        /// What SQLite runs.
        sqlite: &'static str,
        /// What PostgreSQL runs.
        postgres: &'static str,
    },
}

impl Sql {
    pub(crate) const fn sqlite(self) -> &'static str {
        match self {
            Self::Both(text) | Self::Each { sqlite: text, .. } => text,
        }
    }

    pub(crate) const fn postgres(self) -> &'static str {
        match self {
            Self::Both(text) | Self::Each { postgres: text, .. } => text,
        }
    }
}

/// A bound parameter. Every arm carries an `Option`, so a NULL keeps its type (PostgreSQL needs that).
#[derive(Debug, Clone)]
pub enum Value {
    /// BOOLEAN.
    Bool(Option<bool>),
    /// BIGINT.
    Int(Option<i64>),
    /// TEXT, and batches of JSON.
    Text(Option<String>),
    /// BLOB / BYTEA.
    Blob(Option<Vec<u8>>),
    /// A UUID: 16 bytes on SQLite, UUID on PostgreSQL.
    Id(Option<Uuid>),
}

/// Text as both databases can hold it: PostgreSQL's has no NUL, so nowhere is one kept.
pub(crate) fn printable(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text
    }
}

macro_rules! value_from {
    ($($from:ty => $arm:ident),* $(,)?) => { $(
        impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$arm(Some(value.into()))
            }
        }

        impl From<Option<$from>> for Value {
            fn from(value: Option<$from>) -> Self {
                Self::$arm(value.map(Into::into))
            }
        }
    )* };
}

value_from! {
    bool => Bool,
    i32 => Int,
    i64 => Int,
    String => Text,
    &str => Text,
    &String => Text,
    Vec<u8> => Blob,
    Uuid => Id,
    domain::TenantId => Id,
    domain::ContactId => Id,
    domain::ConversationId => Id,
    domain::MessageId => Id,
    domain::MediaId => Id,
    domain::ApiKeyId => Id,
    domain::JobId => Id,
    domain::ParkedId => Id,
    domain::UserId => Id,
    domain::SessionId => Id,
    domain::InvitationId => Id,
    domain::QuickReplyId => Id,
    domain::AccountEventId => Id,
    domain::AlertId => Id,
    domain::ConnectionId => Id,
    domain::RunId => Id,
    domain::SetupLinkId => Id,
    domain::TemplateId => Id,
    domain::GlobalTemplateId => Id,
    domain::EventId => Id,
    domain::RuleId => Id,
    domain::EventSourceId => Id,
}

impl From<domain::Timestamp> for Value {
    fn from(at: domain::Timestamp) -> Self {
        Self::Int(Some(at.0))
    }
}

impl From<Option<domain::Timestamp>> for Value {
    fn from(at: Option<domain::Timestamp>) -> Self {
        Self::Int(at.map(|at| at.0))
    }
}

/// The parameters of one statement, in the order of `$1…`.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::db::Value::from($value)),*] };
}

/// Declares the statements of a module and registers them, so that one test can prepare every
/// statement on both databases: what the compiler would check for a query macro.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $( $(#[$doc])* pub(crate) const $name: $crate::db::Sql = $sql; )*
        pub(crate) const STATEMENTS: &[(&str, $crate::db::Sql)] = &[$((stringify!($name), $name)),*];
    };
}

pub(crate) use {args, statements};
