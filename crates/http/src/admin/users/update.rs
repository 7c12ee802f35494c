//! `PATCH /api/v1/admin/users/{id}`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use engine::people::account::{Standing, stand};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{UserOfPlatform, user_id, view};
use crate::App;
use crate::auth::{Platform, PlatformPeople};
use crate::problem::{Problem, Result};

/// What to change; members that are left out stay as they are.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct UserChange {
    /// `active` or `disabled`; a disabled user's sessions end at once.
    status: Option<String>,
    /// Whether they administer the platform.
    platform_admin: Option<bool>,
}

/// Changes the standing of a user.
#[utoipa::path(patch, path = "/api/v1/admin/users/{id}", tag = "admin", request_body = UserChange, params(("id" = String, Path, description = "usr_…")), responses(
    (status = 200, description = "The user afterwards", body = UserOfPlatform),
    (status = 404, description = "No such user", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "They are the last administrator (`last_admin`)", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A value is wrong; nothing changed", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn update(
    State(app): State<App>,
    platform: Platform<PlatformPeople>,
    Path(id): Path<String>,
    body: std::result::Result<Json<UserChange>, JsonRejection>,
) -> Result<Json<UserOfPlatform>> {
    platform.all()?;
    let id = user_id(&id)?;
    let Json(change) = body?;
    let active = match change.status.as_deref() {
        None => None,
        Some("active") => Some(true),
        Some("disabled") => Some(false),
        Some(_) => return Err(Problem::invalid("status", "must be active or disabled")),
    };
    let standing = Standing {
        active,
        platform_admin: change.platform_admin,
    };
    let user = stand(&app.engine, id, standing, &platform.caller.who())
        .await?
        .ok_or_else(|| {
            Problem::conflict(
                "last_admin",
                "the platform needs an administrator: make somebody else one first",
            )
        })?;
    Ok(Json(view(&app, user).await?))
}
