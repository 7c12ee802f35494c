//! `GET /api/v1/templates/{id}`.

use axum::Json;
use axum::extract::{Path, State};
use domain::{GlobalTemplateId, TenantId};
use serde::Serialize;
use store::templates::{self, waiting};
use utoipa::ToSchema;

use super::{TemplateView, id_of, view};
use crate::App;
use crate::auth::{InboxRead, Member};
use crate::problem::{Problem, Result};

/// A template, and what uses it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WholeTemplate {
    #[serde(flatten)]
    template: TemplateView,
    /// What would stop if it could not be sent.
    uses: Vec<Use>,
    /// Where its history is.
    history: String,
}

/// Something that uses a template.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Use {
    /// `queued`: messages that have not left; `global`: the platform's template that it comes of.
    kind: &'static str,
    /// Its id, where it has one.
    id: Option<String>,
    /// Of messages: what holds them, where something does.
    name: Option<String>,
    /// How many.
    count: i64,
}

/// Shows a template, what uses it and when it can be changed.
#[utoipa::path(get, path = "/api/v1/templates/{id}", tag = "templates", params(("id" = String, Path, description = "tpl_…")), responses(
    (status = 200, description = "The template", body = WholeTemplate),
    (status = 404, description = "No such template", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn show(
    State(app): State<App>,
    member: Member<InboxRead>,
    Path(id): Path<String>,
) -> Result<Json<WholeTemplate>> {
    let db = &app.engine.db;
    let row = templates::get(db, member.tenant, id_of(&id)?)
        .await?
        .ok_or_else(|| Problem::not_found("template"))?;
    let key = format!("{}/{}", row.name, row.language);
    let mut uses: Vec<_> = waiting::any_tenant_tally(db, &row.waba_id, &key)
        .await?
        .into_iter()
        .filter(|tally| TenantId(tally.tenant_id) == member.tenant)
        .map(|tally| Use {
            kind: "queued",
            id: None,
            name: tally.hold,
            count: tally.count,
        })
        .collect();
    uses.extend(row.global_id.map(|global| Use {
        kind: "global",
        id: Some(GlobalTemplateId(global).to_string()),
        name: None,
        count: 1,
    }));
    let history = format!("/api/v1/templates/{}/history", row.id);
    Ok(Json(WholeTemplate {
        template: view::whole(&app, member.tenant, row).await?,
        uses,
        history,
    }))
}
