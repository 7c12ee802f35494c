//! `PATCH /api/v1/templates/{id}`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use engine::templates::act::{self, Patch};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{TemplateView, id_of, view};
use crate::App;
use crate::auth::{Member, TemplatesWrite};
use crate::problem::{Problem, Result};

/// What is to be another; what is left out stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TemplateChange {
    /// Of a draft.
    name: Option<String>,
    /// Of a draft.
    language: Option<String>,
    /// Of anything that is not approved.
    category: Option<String>,
    /// `POSITIONAL` or `NAMED`.
    parameter_format: Option<String>,
    /// The parts, as a whole.
    #[schema(value_type = Option<Vec<Object>>)]
    components: Option<Value>,
    /// In seconds.
    #[serde(deserialize_with = "crate::given::given")]
    #[schema(value_type = Option<i64>)]
    message_send_ttl_seconds: Option<Option<i64>>,
}

/// Changes a template. Meta reviews it again, and lets an approved one be changed once a day and ten times in thirty days.
#[utoipa::path(patch, path = "/api/v1/templates/{id}", tag = "templates", request_body = TemplateChange,
    params(("id" = String, Path, description = "tpl_…")), responses(
    (status = 200, description = "The template afterwards", body = TemplateView),
    (status = 404, description = "No such template", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Not this tenant's to change, not in this state, or not again yet (`too_often`, with `next_at`)", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "WhatsApp would refuse it (`invalid`), or has (`refused_by_meta`)", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "WhatsApp did not answer", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn update(
    State(app): State<App>,
    member: Member<TemplatesWrite>,
    Path(id): Path<String>,
    body: std::result::Result<Json<TemplateChange>, JsonRejection>,
) -> Result<Json<TemplateView>> {
    let Json(body) = body?;
    let patch = Patch {
        name: body.name,
        language: body.language,
        category: body.category,
        parameter_format: body.parameter_format,
        components: body.components,
        ttl_seconds: body.message_send_ttl_seconds,
    };
    let who = member.caller.who();
    let row = act::edit(&app.engine, member.tenant, &who, id_of(&id)?, patch).await?;
    Ok(Json(view::whole(&app, member.tenant, row).await?))
}
