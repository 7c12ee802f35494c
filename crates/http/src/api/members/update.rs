//! `PATCH /api/v1/members/{user_id}`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use domain::access::Role;
use domain::sight::Reach;
use engine::people::members::change;
use serde::Deserialize;
use store::people::members::{self, Standing};
use utoipa::ToSchema;

use super::{MemberView, user_id};
use crate::App;
use crate::auth::{Member, MembersWrite};
use crate::problem::{Problem, Result};

/// What a member becomes; members that are left out stay as they are.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MemberChange {
    /// `owner`, `manager`, `agent`, `viewer`.
    role: Option<String>,
    /// `all`, or `own`: an agent or a viewer sees the conversations that are assigned to them (and an agent those
    /// that nobody has, where `agents_see_unassigned` of the settings says so). Managers and owners see all.
    conversations: Option<String>,
}

/// Gives a member another role, or other conversations to see. It counts at once.
#[utoipa::path(patch, path = "/api/v1/members/{user_id}", tag = "people", request_body = MemberChange, params(("user_id" = String, Path, description = "usr_…")), responses(
    (status = 200, description = "The member afterwards", body = MemberView),
    (status = 404, description = "No such member", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "They are the last owner (`last_owner`)", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "No such role, or no such word for conversations", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn update(
    State(app): State<App>,
    member: Member<MembersWrite>,
    Path(id): Path<String>,
    body: std::result::Result<Json<MemberChange>, JsonRejection>,
) -> Result<Json<MemberView>> {
    let id = user_id(&id)?;
    let before = present(&app, &member, id).await?;
    let Json(wanted) = body?;
    let standing = Standing {
        role: role(wanted.role.as_deref().unwrap_or(&before.role))?,
        conversations: reach(
            wanted
                .conversations
                .as_deref()
                .unwrap_or(&before.conversations),
        )?,
    };
    member.above(standing.role)?;
    let who = member.caller.who();
    let row = change(&app.engine, member.tenant, id, Some(standing), &who).await?;
    Ok(Json(row.into()))
}

/// A member of the tenant about whom the caller may decide.
pub(super) async fn present(
    app: &App,
    member: &Member<MembersWrite>,
    id: domain::UserId,
) -> Result<members::Member> {
    let row = members::get(&app.engine.db, member.tenant, id).await?;
    let row = row.ok_or_else(|| Problem::not_found("member"))?;
    if let Ok(role) = row.role.parse() {
        member.above(role)?;
    }
    Ok(row)
}

/// Whose conversations somebody sees, by the word.
pub(crate) fn reach(word: &str) -> Result<Reach> {
    word.parse()
        .map_err(|_| Problem::invalid("conversations", "must be all or own"))
}

/// A role by its name.
pub(crate) fn role(word: &str) -> Result<Role> {
    word.parse()
        .map_err(|_| Problem::invalid("role", "must be owner, manager, agent or viewer"))
}
