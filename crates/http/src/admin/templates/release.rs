//! `POST /api/v1/admin/templates/{id}/release`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use engine::templates::act::{self, Side};

use crate::App;
use crate::api::templates::id_of;
use crate::api::templates::release::{Choice, Decided};
use crate::auth::{Platform, PlatformWrite};
use crate::problem::{Problem, Result};

/// Decides about messages of all tenants that wait because Meta made a marketing template of one that they share.
#[utoipa::path(post, path = "/api/v1/admin/templates/{id}/release", tag = "admin", request_body = Choice,
    params(("id" = String, Path, description = "tpl_…")), responses(
    (status = 200, description = "About how many messages", body = Decided),
    (status = 404, description = "No such template", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Nothing waits for a decision, or a tenant has to take it", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "The action is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn release(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
    Path(id): Path<String>,
    body: std::result::Result<Json<Choice>, JsonRejection>,
) -> Result<Json<Decided>> {
    let Json(body) = body?;
    let (id, decision) = (id_of(&id)?, body.decision()?);
    let who = platform.caller.who();
    let messages = act::release(&app.engine, Side::Platform, &who, id, decision).await?;
    Ok(Json(Decided { messages }))
}
