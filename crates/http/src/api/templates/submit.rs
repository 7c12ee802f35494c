//! `POST /api/v1/templates/{id}/submit`.

use axum::Json;
use axum::extract::{Path, State};
use engine::templates::act;

use super::{TemplateView, id_of, view};
use crate::App;
use crate::auth::{Member, TemplatesWrite};
use crate::problem::{Problem, Result};

/// Hands a draft to Meta for review. Asking twice makes one template.
#[utoipa::path(post, path = "/api/v1/templates/{id}/submit", tag = "templates",
    params(("id" = String, Path, description = "tpl_…")), responses(
    (status = 200, description = "The template, in review", body = TemplateView),
    (status = 404, description = "No such template", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Not a draft, the name is locked, or too many within an hour", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "WhatsApp would refuse it (`invalid`), or has (`refused_by_meta`); the draft stays", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "WhatsApp did not answer; submit it again", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn submit(
    State(app): State<App>,
    member: Member<TemplatesWrite>,
    Path(id): Path<String>,
) -> Result<Json<TemplateView>> {
    let who = member.caller.who();
    let row = act::submit(&app.engine, member.tenant, &who, id_of(&id)?).await?;
    Ok(Json(view::whole(&app, member.tenant, row).await?))
}
