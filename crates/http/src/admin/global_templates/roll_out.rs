//! `POST /api/v1/admin/global-templates/{id}/roll-out`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::global_templates::write;
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::{self, GlobalTemplateDetail};
use super::{id_of, problem};
use crate::App;
use crate::auth::{Platform, PlatformWrite};
use crate::problem::{Problem, Result};

/// What to roll out.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RollOut {
    /// Which version; the newest when not given. An earlier one takes a later one back.
    version: Option<i64>,
}

/// Lets the accounts have a version: those that lack the template get it, in those that have it, it is changed. Goes on
/// in the background, within what Meta allows.
#[utoipa::path(post, path = "/api/v1/admin/global-templates/{id}/roll-out", tag = "admin", request_body = RollOut, params(("id" = String, Path, description = "gtp_…")), responses(
    (status = 202, description = "It has begun", body = GlobalTemplateDetail),
    (status = 404, description = "No such global template", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "There is no version yet (`no_version`)", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "There is no such version", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn roll_out(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
    Path(id): Path<String>,
    body: std::result::Result<Json<RollOut>, JsonRejection>,
) -> Result<(StatusCode, Json<GlobalTemplateDetail>)> {
    let id = id_of(&id)?;
    let Json(asked) = body?;
    let row = write::roll_out(&app.engine, id, asked.version, &platform.caller.who())
        .await?
        .map_err(problem)?;
    let view = view::detail(&app.engine, row).await?;
    Ok((StatusCode::ACCEPTED, Json(view)))
}
