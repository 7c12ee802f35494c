//! `POST /api/v1/templates/{id}/unpause`.

use axum::Json;
use axum::extract::{Path, State};
use engine::templates::act::{self, Side};

use super::{TemplateView, id_of, view};
use crate::App;
use crate::auth::{Member, TemplatesWrite};
use crate::problem::{Problem, Result};

/// Lets a paused template be sent again, and with it what waits for it. Needed after a pause that pacing brought; the
/// others end by themselves.
#[utoipa::path(post, path = "/api/v1/templates/{id}/unpause", tag = "templates",
    params(("id" = String, Path, description = "tpl_…")), responses(
    (status = 200, description = "The template", body = TemplateView),
    (status = 404, description = "No such template", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Not paused, or not this tenant's", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "WhatsApp refused", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "WhatsApp did not answer", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn unpause(
    State(app): State<App>,
    member: Member<TemplatesWrite>,
    Path(id): Path<String>,
) -> Result<Json<TemplateView>> {
    let who = member.caller.who();
    let row = act::unpause(&app.engine, Side::Tenant(member.tenant), &who, id_of(&id)?).await?;
    Ok(Json(view::whole(&app, member.tenant, row).await?))
}
