//! `POST /api/v1/templates/{id}/duplicate`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::templates::act;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{TemplateView, id_of, view};
use crate::App;
use crate::auth::{Member, TemplatesWrite};
use crate::problem::{Problem, Result};

/// What the copy is called.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Copy {
    /// When not given: the same name in another language, and `…_copy` in the same one.
    name: Option<String>,
    /// When not given, the same.
    language: Option<String>,
}

/// Makes a draft like a template: its own, the platform's or the account's.
#[utoipa::path(post, path = "/api/v1/templates/{id}/duplicate", tag = "templates", request_body = Copy,
    params(("id" = String, Path, description = "tpl_…")), responses(
    (status = 201, description = "The draft", body = TemplateView),
    (status = 404, description = "No such template", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "There is one of this name and language", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Name or language is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn duplicate(
    State(app): State<App>,
    member: Member<TemplatesWrite>,
    Path(id): Path<String>,
    body: std::result::Result<Json<Copy>, JsonRejection>,
) -> Result<(StatusCode, Json<TemplateView>)> {
    let Json(Copy { name, language }) = body?;
    let who = member.caller.who();
    let (engine, id) = (&app.engine, id_of(&id)?);
    let row = act::duplicate(engine, member.tenant, &who, id, name, language).await?;
    let view = view::whole(&app, member.tenant, row).await?;
    Ok((StatusCode::CREATED, Json(view)))
}
