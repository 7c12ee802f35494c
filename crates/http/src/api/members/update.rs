//! `PATCH /api/v1/members/{user_id}`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use domain::access::Role;
use engine::people::members::change;
use serde::Deserialize;
use store::people::members;
use utoipa::ToSchema;

use super::{MemberView, user_id};
use crate::App;
use crate::auth::{Member, MembersWrite};
use crate::problem::{Problem, Result};

/// A member's new role.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RoleChange {
    /// `owner`, `manager`, `agent`, `viewer`.
    role: String,
}

/// Gives a member another role. It counts at once.
#[utoipa::path(patch, path = "/api/v1/members/{user_id}", tag = "people", request_body = RoleChange, params(("user_id" = String, Path, description = "usr_…")), responses(
    (status = 200, description = "The member afterwards", body = MemberView),
    (status = 404, description = "No such member", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "They are the last owner (`last_owner`)", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "No such role", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn update(
    State(app): State<App>,
    member: Member<MembersWrite>,
    Path(id): Path<String>,
    body: std::result::Result<Json<RoleChange>, JsonRejection>,
) -> Result<Json<MemberView>> {
    let id = user_id(&id)?;
    present(&app, &member, id).await?;
    let Json(wanted) = body?;
    let role = role(&wanted.role)?;
    member.above(role)?;
    let who = member.caller.who();
    let row = change(&app.engine, member.tenant, id, Some(role), &who).await?;
    Ok(Json(row.into()))
}

/// A member of the tenant about whom the caller may decide.
pub(super) async fn present(
    app: &App,
    member: &Member<MembersWrite>,
    id: domain::UserId,
) -> Result<()> {
    let row = members::get(&app.engine.db, member.tenant, id).await?;
    let row = row.ok_or_else(|| Problem::not_found("member"))?;
    row.role.parse().map_or(Ok(()), |role| member.above(role))
}

/// A role by its name.
pub(crate) fn role(word: &str) -> Result<Role> {
    word.parse()
        .map_err(|_| Problem::invalid("role", "must be owner, manager, agent or viewer"))
}
