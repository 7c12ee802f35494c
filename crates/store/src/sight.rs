//! [`domain::Sight`] as a condition of a statement.
//!
//! A statement that shows rows to people takes three parameters for it, the last of its list: whether all is
//! seen, whose conversations are, and whether those that nobody has are. [`args`] gives them in this order.

use domain::Sight;

use crate::db::Value;

/// Whether a conversation with this `assigned_to` is seen.
macro_rules! seen {
    ($assigned_to:expr, $all:literal, $user:literal, $unassigned:literal) => {
        concat!(
            "(",
            $all,
            " OR ",
            $assigned_to,
            " = ",
            $user,
            " OR (",
            $assigned_to,
            " IS NULL AND ",
            $unassigned,
            "))"
        )
    };
}

/// Whether the conversation with this id is seen. Who sees all pays nothing for it.
macro_rules! seen_in {
    ($conversation:expr, $all:literal, $user:literal, $unassigned:literal) => {
        concat!(
            "(",
            $all,
            " OR EXISTS (SELECT 1 FROM conversations seen WHERE seen.id = ",
            $conversation,
            " AND (seen.assigned_to = ",
            $user,
            " OR (seen.assigned_to IS NULL AND ",
            $unassigned,
            "))))"
        )
    };
}

pub(crate) use {seen, seen_in};

/// The parameters of [`seen!`] and [`seen_in!`].
pub(crate) fn args(sight: Sight) -> [Value; 3] {
    let (user, unassigned) = match sight {
        Sight::All => (None, true),
        Sight::Own { user, unassigned } => (Some(user), unassigned),
    };
    [
        Value::from(user.is_none()),
        Value::from(user),
        Value::from(unassigned),
    ]
}
