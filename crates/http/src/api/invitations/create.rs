//! `POST /api/v1/invitations`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use domain::sight::Reach;
use serde::Deserialize;
use store::people::members::Standing;
use store::tenants;
use utoipa::ToSchema;

use super::{CreatedInvitation, make};
use crate::App;
use crate::api::members::update::{reach, role};
use crate::auth::{Member, MembersWrite};
use crate::problem::{Problem, Result};

/// Whom to invite.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewInvitation {
    /// Their address.
    email: String,
    /// `owner`, `manager`, `agent`, `viewer`.
    role: String,
    /// `all` (when not given) or `own`: whose conversations an agent or a viewer will see.
    conversations: Option<String>,
}

/// Invites somebody into the tenant. An open invitation of the same address gives way to it.
#[utoipa::path(post, path = "/api/v1/invitations", tag = "people", request_body = NewInvitation, responses(
    (status = 201, description = "The invitation, with its link where it was not sent by e-mail", body = CreatedInvitation),
    (status = 409, description = "They belong here already (`already_member`)", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "The address, the role or the word for conversations is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn create(
    State(app): State<App>,
    member: Member<MembersWrite>,
    body: std::result::Result<Json<NewInvitation>, JsonRejection>,
) -> Result<(StatusCode, Json<CreatedInvitation>)> {
    let Json(wanted) = body?;
    let role = role(&wanted.role)?;
    let conversations = wanted
        .conversations
        .as_deref()
        .map_or(Ok(Reach::All), reach)?;
    let standing = Standing {
        role,
        conversations,
    };
    member.above(role)?;
    let tenant = tenants::get(&app.engine.db, member.tenant)
        .await?
        .ok_or_else(|| Problem::not_found("tenant"))?;
    let made = make(
        &app,
        Some((&tenant, standing)),
        &wanted.email,
        &member.caller,
    )
    .await?;
    Ok((StatusCode::CREATED, Json(made)))
}
