//! `POST /api/v1/admin/invitations`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use domain::TenantId;
use domain::access::Role;
use domain::sight::Reach;
use serde::Deserialize;
use store::people::members::Standing;
use store::tenants;
use utoipa::ToSchema;

use crate::App;
use crate::api::invitations::{CreatedInvitation, make};
use crate::api::members::update::{reach, role};
use crate::auth::{Platform, PlatformPeople};
use crate::problem::{Problem, Result};

/// Whom to invite, and into what.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAdminInvitation {
    /// Their address.
    email: String,
    /// Into which tenant (`ten_…`); into the platform's administration when not given.
    tenant_id: Option<String>,
    /// As what, in a tenant; `owner` when not given.
    role: Option<String>,
    /// In a tenant: `all` (when not given) or `own`: whose conversations an agent or a viewer will see.
    conversations: Option<String>,
}

/// Invites somebody into the platform's administration or into a tenant.
#[utoipa::path(post, path = "/api/v1/admin/invitations", tag = "admin", request_body = NewAdminInvitation, responses(
    (status = 201, description = "The invitation, with its link where it was not sent by e-mail", body = CreatedInvitation),
    (status = 409, description = "They belong there already (`already_member`)", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "The address, the tenant or the role is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn create(
    State(app): State<App>,
    platform: Platform<PlatformPeople>,
    body: std::result::Result<Json<NewAdminInvitation>, JsonRejection>,
) -> Result<(StatusCode, Json<CreatedInvitation>)> {
    platform.all()?;
    let Json(wanted) = body?;
    let role = wanted.role.as_deref().map(role).transpose()?;
    let conversations = wanted.conversations.as_deref().map(reach).transpose()?;
    let tenant = match &wanted.tenant_id {
        None if role.is_some() => {
            return Err(Problem::invalid(
                "role",
                "belongs to a tenant; name the tenant_id as well",
            ));
        }
        None if conversations.is_some() => {
            return Err(Problem::invalid(
                "conversations",
                "belong to a tenant; name the tenant_id as well",
            ));
        }
        None => None,
        Some(id) => {
            let no_such = || Problem::invalid("tenant_id", "is not a tenant's id");
            let id: TenantId = id.parse().map_err(|_| no_such())?;
            Some(
                tenants::get(&app.engine.db, id)
                    .await?
                    .ok_or_else(no_such)?,
            )
        }
    };
    let standing = Standing {
        role: role.unwrap_or(Role::Owner),
        conversations: conversations.unwrap_or(Reach::All),
    };
    let into = tenant.as_ref().map(|tenant| (tenant, standing));
    let made = make(&app, into, &wanted.email, &platform.caller).await?;
    Ok((StatusCode::CREATED, Json(made)))
}
