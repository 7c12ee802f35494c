//! `PATCH /api/v1/admin/global-templates/{id}`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use engine::global_templates::write::{self, Change};
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::{self, GlobalTemplateDetail};
use super::{id_of, problem, tenants_of};
use crate::App;
use crate::auth::{Platform, PlatformWrite};
use crate::problem::{Problem, Result};

/// What to change; members that are left out stay as they are.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct GlobalTemplateChange {
    /// Whether every tenant gets it, new ones as well.
    everyone: Option<bool>,
    /// Who gets it otherwise: `ten_…`; the whole list.
    tenants: Option<Vec<String>>,
}

/// Changes who gets a global template. Whoever is new gets what is rolled out at once; nobody loses what they have.
#[utoipa::path(patch, path = "/api/v1/admin/global-templates/{id}", tag = "admin", request_body = GlobalTemplateChange, params(("id" = String, Path, description = "gtp_…")), responses(
    (status = 200, description = "The global template afterwards", body = GlobalTemplateDetail),
    (status = 404, description = "No such global template", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A value is wrong; nothing changed", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn update(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
    Path(id): Path<String>,
    body: std::result::Result<Json<GlobalTemplateChange>, JsonRejection>,
) -> Result<Json<GlobalTemplateDetail>> {
    let id = id_of(&id)?;
    let Json(change) = body?;
    let change = Change {
        everyone: change.everyone,
        tenants: change.tenants.as_deref().map(tenants_of).transpose()?,
    };
    let row = write::update(&app.engine, id, &change, &platform.caller.who())
        .await?
        .map_err(problem)?;
    Ok(Json(view::detail(&app.engine, row).await?))
}
