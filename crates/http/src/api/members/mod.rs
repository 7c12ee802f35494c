//! `/api/v1/members`: who belongs to the tenant.

pub(crate) mod list;
pub(crate) mod remove;
pub(crate) mod update;

use domain::{Timestamp, UserId};
use engine::people::members::MemberError;
use serde::Serialize;
use store::people::members::Member;
use utoipa::ToSchema;

use crate::problem::{Problem, Result};

/// A member as colleagues see them.
#[derive(Serialize, ToSchema)]
pub(crate) struct MemberView {
    /// Who.
    #[schema(example = "usr_0193a5c47d1e7c3f8a2b4c5d6e7f8091")]
    user_id: String,
    /// Their name.
    name: String,
    /// Their address.
    email: String,
    /// `owner`, `manager`, `agent`, `viewer`.
    role: String,
    /// `all` or `own`: whose conversations they see. It counts for agents and viewers.
    conversations: String,
    /// `active`, or `disabled` by the platform.
    status: String,
    /// When they were last here, to the minute.
    last_seen_at: Option<String>,
    /// Since when they belong here.
    joined_at: String,
}

impl From<Member> for MemberView {
    fn from(row: Member) -> Self {
        Self {
            user_id: row.user_id.to_string(),
            name: row.name,
            email: row.email,
            role: row.role,
            conversations: row.conversations,
            status: row.status,
            last_seen_at: row.last_seen_at.map(|at| Timestamp(at).rfc3339()),
            joined_at: row.created_at.rfc3339(),
        }
    }
}

impl From<MemberError> for Problem {
    fn from(error: MemberError) -> Self {
        let sentence = error.to_string();
        match error {
            MemberError::NotFound => Self::not_found("member"),
            MemberError::LastOwner => Self::conflict("last_owner", sentence),
            MemberError::Store(error) => error.into(),
        }
    }
}

fn user_id(text: &str) -> Result<UserId> {
    text.parse().map_err(|_| Problem::not_found("member"))
}
