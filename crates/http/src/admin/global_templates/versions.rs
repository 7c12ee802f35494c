//! `POST /api/v1/admin/global-templates/{id}/versions`.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::global_templates::write::{self, Written};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::view::{self, GlobalTemplateDetail};
use super::{id_of, problem};
use crate::App;
use crate::auth::{Platform, PlatformWrite};
use crate::problem::{Problem, Result};

/// A version to write, in all its languages.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewVersion {
    /// Another category; only before the first roll-out.
    category: Option<String>,
    /// What it says, by language.
    languages: BTreeMap<String, NewContent>,
}

/// What a version says in a language.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewContent {
    /// `POSITIONAL` or `NAMED`; `POSITIONAL` when not given.
    parameter_format: Option<String>,
    /// Meta's form.
    #[schema(value_type = Vec<Object>)]
    components: Value,
    /// How long a message may wait for its delivery, in seconds.
    message_send_ttl_seconds: Option<i64>,
}

/// Writes the next version. It is judged by every rule of Meta's that is known, in every language, and refused as a
/// whole; accounts get it when it is rolled out.
#[utoipa::path(post, path = "/api/v1/admin/global-templates/{id}/versions", tag = "admin", request_body = NewVersion, params(("id" = String, Path, description = "gtp_…")), responses(
    (status = 201, description = "The global template with the new version", body = GlobalTemplateDetail),
    (status = 404, description = "No such global template", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A text is wrong; `errors` says where (`languages.es.components[0].text`). Nothing was written", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn add(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
    Path(id): Path<String>,
    body: std::result::Result<Json<NewVersion>, JsonRejection>,
) -> Result<(StatusCode, Json<GlobalTemplateDetail>)> {
    let id = id_of(&id)?;
    let Json(new) = body?;
    let languages = new.languages.into_iter().map(|(language, content)| {
        let written = Written {
            parameter_format: content
                .parameter_format
                .map_or_else(|| "POSITIONAL".to_owned(), |word| word.to_uppercase()),
            components: content.components,
            ttl_seconds: content.message_send_ttl_seconds,
            library: None,
        };
        (language, written)
    });
    let languages = languages.collect();
    let (category, who) = (new.category.as_deref(), platform.caller.who());
    let row = write::add_version(&app.engine, id, category, &languages, &who)
        .await?
        .map_err(problem)?;
    let view = view::detail(&app.engine, row).await?;
    Ok((StatusCode::CREATED, Json(view)))
}
