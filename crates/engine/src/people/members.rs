//! What members may become, and that a tenant always has an owner.

use domain::access::{Role, Scope};
use domain::{TenantId, UserId};
use serde_json::json;
use store::audit::{self, Act, Target, Who};
use store::event_log;
use store::people::invitations;
use store::people::members::{self, Member, Standing};

use crate::Engine;
use crate::inbox::{self, Author};

/// Why a member was not changed.
#[derive(Debug, thiserror::Error)]
pub enum MemberError {
    /// There is none such.
    #[error("there is no such member")]
    NotFound,
    /// Nobody would be left to decide who belongs here.
    #[error("a tenant needs an owner: make somebody else an owner first")]
    LastOwner,
    /// The database refused.
    #[error(transparent)]
    Store(#[from] store::DbError),
}

/// Makes a member something else, or (`None`) removes them. They lose what they had at once.
///
/// # Errors
/// [`MemberError`]; then nothing changed.
pub async fn change(
    engine: &Engine,
    tenant: TenantId,
    user: UserId,
    standing: Option<Standing>,
    who: &Who,
) -> Result<Member, MemberError> {
    let role = standing.map(|standing| standing.role);
    let member = members::get(&engine.db, tenant, user).await?;
    let member = member.ok_or(MemberError::NotFound)?;
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let owners = members::lock_owners(&mut tx, tenant).await?;
    if role != Some(Role::Owner) && owners == [user] {
        return Err(MemberError::LastOwner);
    }
    let found = match standing {
        Some(standing) => members::set_standing(&mut tx, tenant, user, standing).await?,
        None => members::remove(&mut tx, tenant, user).await?,
    };
    if !found {
        return Err(MemberError::NotFound);
    }
    // Whoever cannot answer any more has no conversations to answer.
    let answers = role.is_some_and(|role| role.scopes().has(Scope::InboxWrite));
    let left = if answers {
        Vec::new()
    } else {
        inbox::let_go(&mut tx, tenant, user, Author::of(who), now).await?
    };
    if !role.is_some_and(|role| role.scopes().has(Scope::MembersWrite)) {
        invitations::revoke_by(&mut tx, tenant, user).await?;
    }
    let act = Act {
        tenant: Some(tenant),
        action: if role.is_some() {
            "member.update"
        } else {
            "member.remove"
        },
        target: Target {
            kind: "user",
            id: Some(user.to_string()),
            name: Some(&member.name),
        },
        before: Some(json!({ "role": member.role, "conversations": member.conversations })),
        after: standing.map(|standing| json!({ "role": standing.role.as_str(), "conversations": standing.conversations.as_str() })),
    };
    audit::append(&mut tx, who, act, now).await?;
    let mut told = left;
    // The member's own pages show from now on what the new role may see.
    let data = format!(r#"{{"user_id":"{user}"}}"#);
    told.push(event_log::of(tenant, "member.updated", data, now));
    event_log::append(&mut tx, &told).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    Ok(Member {
        role: role.map_or(member.role, |role| role.as_str().to_owned()),
        conversations: standing.map_or(member.conversations, |standing| {
            standing.conversations.as_str().to_owned()
        }),
        ..member
    })
}
