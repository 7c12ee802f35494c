//! `GET /api/v1/templates/{id}/history`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use domain::{TemplateId, Timestamp};
use serde::Serialize;
use serde_json::Value;
use store::templates::{self, history};
use utoipa::ToSchema;

use super::id_of;
use crate::App;
use crate::auth::{InboxRead, Member};
use crate::paging::{List, Wanted};
use crate::problem::{Problem, Result};

/// Something that happened to a template.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TemplateStepView)]
pub(crate) struct StepView {
    /// When it was noted here.
    at: String,
    /// `created`, `edited`, `status`, `quality`, `category_announced`, `category`, `components`, `flagged`, `marketing_accepted`,
    /// `deleted`.
    kind: String,
    /// What there was.
    before: Option<String>,
    /// What there is.
    after: Option<String>,
    /// More of it.
    #[schema(value_type = Option<Object>)]
    detail: Option<Value>,
    /// `webhook` and `sync` (Meta's word), `person`, `platform`.
    source: String,
}

/// What happened to a template, newest first.
#[utoipa::path(get, path = "/api/v1/templates/{id}/history", tag = "templates", params(("id" = String, Path, description = "tpl_…"), Wanted), responses(
    (status = 200, description = "A page of what happened", body = List<StepView>),
    (status = 404, description = "No such template", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A value is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn history(
    State(app): State<App>,
    member: Member<InboxRead>,
    Path(id): Path<String>,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<List<StepView>>> {
    let Query(wanted) = wanted?;
    let db = &app.engine.db;
    let row = templates::get(db, member.tenant, id_of(&id)?)
        .await?
        .ok_or_else(|| Problem::not_found("template"))?;
    let page = wanted.page::<TemplateId>()?;
    let limit = page.limit;
    let steps = history::any_tenant_list(db, row.id, page).await?;
    let place = |step: &history::Step| TemplateId(step.id).to_string();
    Ok(Json(List::of(steps, limit, place, |step| StepView {
        at: Timestamp(step.at).rfc3339(),
        kind: step.kind,
        before: step.before,
        after: step.after,
        detail: step
            .detail
            .and_then(|text| serde_json::from_str(&text).ok()),
        source: step.source,
    })))
}
