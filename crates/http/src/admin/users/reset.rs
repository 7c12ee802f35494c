//! `POST /api/v1/admin/users/{id}/reset-password`.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::people::reset;
use serde::Serialize;
use store::people::users;
use utoipa::ToSchema;

use super::user_id;
use crate::App;
use crate::auth::{Platform, PlatformPeople};
use crate::problem::{Problem, Result};

/// A link that sets a new password.
#[derive(Serialize, ToSchema)]
pub(crate) struct ResetLink {
    /// To be handed to the user. It works once, for an hour, and is shown this once.
    url: String,
}

/// Makes a link that sets a new password, for a user who cannot get one by e-mail.
#[utoipa::path(post, path = "/api/v1/admin/users/{id}/reset-password", tag = "admin", params(("id" = String, Path, description = "usr_…")), responses(
    (status = 201, description = "The link, shown once", body = ResetLink),
    (status = 404, description = "No such user", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn create(
    State(app): State<App>,
    platform: Platform<PlatformPeople>,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<ResetLink>)> {
    platform.all()?;
    let user = users::get(&app.engine.db, user_id(&id)?)
        .await?
        .ok_or_else(|| Problem::not_found("user"))?;
    let token = reset::link(&app.engine, &user, &platform.caller.who()).await?;
    let url = format!("{}/reset/{token}", app.web.public_url);
    Ok((StatusCode::CREATED, Json(ResetLink { url })))
}
