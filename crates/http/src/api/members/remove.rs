//! `DELETE /api/v1/members/{user_id}`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::people::members::change;

use super::update::present;
use super::user_id;
use crate::App;
use crate::auth::{Member, MembersWrite};
use crate::problem::{Problem, Result};

/// Removes a member. They lose access at once; what they wrote stays.
#[utoipa::path(delete, path = "/api/v1/members/{user_id}", tag = "people", params(("user_id" = String, Path, description = "usr_…")), responses(
    (status = 204, description = "They do not belong here any more"),
    (status = 404, description = "No such member", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "They are the last owner (`last_owner`)", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn remove(
    State(app): State<App>,
    member: Member<MembersWrite>,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let id = user_id(&id)?;
    present(&app, &member, id).await?;
    change(&app.engine, member.tenant, id, None, &member.caller.who()).await?;
    Ok(StatusCode::NO_CONTENT)
}
