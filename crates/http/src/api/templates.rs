//! `GET /api/v1/templates`.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::App;
use crate::auth::{InboxRead, Member};
use crate::paging::List;
use crate::problem::{Problem, Result};

/// A message template as Meta has it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplateView {
    /// Meta's id.
    id: Option<String>,
    /// By which it is sent.
    name: Option<String>,
    /// Such as `en_US`.
    language: Option<String>,
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`.
    category: Option<String>,
    /// `APPROVED` ones can be sent.
    status: Option<String>,
    /// Meta's own description of its parts.
    #[schema(value_type = Vec<Object>)]
    components: Value,
}

/// Lists the message templates of the WhatsApp account that the tenant's number belongs to, as Meta has them (at
/// most a minute ago). The list has one page.
#[utoipa::path(get, path = "/api/v1/templates", tag = "messages", responses(
    (status = 200, description = "The templates", body = List<TemplateView>),
    (status = 409, description = "No number, so no account", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "WhatsApp refused or did not answer", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn list(
    State(app): State<App>,
    member: Member<InboxRead>,
) -> Result<Json<List<TemplateView>>> {
    let templates = app.templates.list(&app.engine, member.tenant).await?;
    let views = templates.iter().map(|template| TemplateView {
        id: template.id.clone(),
        name: template.name.clone(),
        language: template.language.clone(),
        category: template.category.clone(),
        status: template.status.clone(),
        components: template
            .components
            .as_ref()
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .unwrap_or_else(|| Value::Array(Vec::new())),
    });
    Ok(Json(List::whole(views.collect())))
}
