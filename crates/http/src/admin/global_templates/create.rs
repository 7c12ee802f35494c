//! `POST /api/v1/admin/global-templates`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use engine::global_templates::write::{self, New};
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::{self, GlobalTemplateDetail};
use super::{problem, tenants_of};
use crate::App;
use crate::auth::{Platform, PlatformWrite};
use crate::problem::{Problem, Result};

/// A global template to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewGlobalTemplate {
    /// By which it is sent: small letters, digits and underscores.
    name: String,
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`.
    category: String,
    /// Whether every tenant gets it, new ones as well.
    #[serde(default)]
    everyone: bool,
    /// Who gets it otherwise: `ten_…`.
    #[serde(default)]
    tenants: Vec<String>,
}

/// Makes a global template. It has no text yet: add a version, then roll it out.
#[utoipa::path(post, path = "/api/v1/admin/global-templates", tag = "admin", request_body = NewGlobalTemplate, responses(
    (status = 201, description = "The global template", body = GlobalTemplateDetail),
    (status = 409, description = "The name is taken (`name_taken`)", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A value is wrong; nothing was made", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn create(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
    body: std::result::Result<Json<NewGlobalTemplate>, JsonRejection>,
) -> Result<(StatusCode, Json<GlobalTemplateDetail>)> {
    let Json(new) = body?;
    let new = New {
        tenants: tenants_of(&new.tenants)?,
        name: new.name,
        category: new.category,
        everyone: new.everyone,
        library_name: None,
    };
    let row = write::create(&app.engine, &new, &platform.caller.who())
        .await?
        .map_err(problem)?;
    let view = view::detail(&app.engine, row).await?;
    Ok((StatusCode::CREATED, Json(view)))
}
