//! `POST /api/v1/admin/templates/{id}/unpause`.

use axum::Json;
use axum::extract::{Path, State};
use engine::templates::act::{self, Side};

use super::view::{self, SharedTemplateView};
use crate::App;
use crate::api::templates::id_of;
use crate::auth::{Platform, PlatformWrite};
use crate::problem::{Problem, Result};

/// Lets a paused template that several tenants share be sent again, and with it what waits for it. Needed after a pause
/// that pacing brought; the others end by themselves.
#[utoipa::path(post, path = "/api/v1/admin/templates/{id}/unpause", tag = "admin",
    params(("id" = String, Path, description = "tpl_…")), responses(
    (status = 200, description = "The template", body = SharedTemplateView),
    (status = 404, description = "No such template", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Not paused, or a tenant has to decide", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "WhatsApp refused", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "WhatsApp did not answer", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn unpause(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
    Path(id): Path<String>,
) -> Result<Json<SharedTemplateView>> {
    let who = platform.caller.who();
    let row = act::unpause(&app.engine, Side::Platform, &who, id_of(&id)?).await?;
    let mut views = view::many(&app.engine, vec![row]).await?;
    let view = views.pop().ok_or_else(|| Problem::not_found("template"))?;
    Ok(Json(view))
}
