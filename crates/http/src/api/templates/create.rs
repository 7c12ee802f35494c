//! `POST /api/v1/templates`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use domain::template::Definition;
use engine::templates::act::{self, Wanted};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{TemplateView, view};
use crate::App;
use crate::auth::{Member, TemplatesWrite};
use crate::problem::{Problem, Result};

/// A template as somebody writes it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenTemplate {
    /// Small letters, digits and `_`. On an account that several businesses share, `_` and eight digits are added.
    #[serde(default)]
    name: String,
    /// Such as `en_US`.
    #[serde(default)]
    language: String,
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`.
    #[serde(default)]
    category: String,
    /// `POSITIONAL` (when not given) or `NAMED`.
    parameter_format: Option<String>,
    /// Its parts, in Meta's form.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    components: Value,
    /// How long Meta tries to deliver it, in seconds.
    message_send_ttl_seconds: Option<i64>,
    /// On which account; the one of the tenant's number when not given.
    pub(super) waba_id: Option<String>,
    /// Keep it here, and do not hand it to Meta yet.
    #[serde(default)]
    draft: bool,
    /// For `check`: the template that it is to become.
    pub(super) id: Option<String>,
}

impl WrittenTemplate {
    pub(super) fn definition(&self) -> Definition {
        Definition {
            name: self.name.clone(),
            language: self.language.clone(),
            category: self.category.clone(),
            parameter_format: self.parameter_format.clone(),
            components: self.components.clone(),
            ttl_seconds: self.message_send_ttl_seconds,
        }
    }
}

/// Writes a template and hands it to Meta, which reviews it, or keeps it as a draft. Everything that Meta would refuse
/// is told here, with the code that Meta has for it.
#[utoipa::path(post, path = "/api/v1/templates", tag = "templates", request_body = WrittenTemplate, responses(
    (status = 201, description = "The template", body = TemplateView),
    (status = 409, description = "No account, the name is taken (`template_exists`) or locked (`name_locked`), or too many within an hour (`too_often`)", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "WhatsApp would refuse it (`invalid`), or has (`refused_by_meta`); nothing is kept", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "WhatsApp did not answer; it is kept as a draft", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn create(
    State(app): State<App>,
    member: Member<TemplatesWrite>,
    body: std::result::Result<Json<WrittenTemplate>, JsonRejection>,
) -> Result<(StatusCode, Json<TemplateView>)> {
    let Json(body) = body?;
    let wanted = Wanted {
        definition: body.definition(),
        waba_id: body.waba_id,
        draft: body.draft,
    };
    let who = member.caller.who();
    let row = act::create(&app.engine, member.tenant, &who, wanted).await?;
    let view = view::whole(&app, member.tenant, row).await?;
    Ok((StatusCode::CREATED, Json(view)))
}
