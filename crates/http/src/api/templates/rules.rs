//! `GET /api/v1/templates/rules`.

use axum::Json;
use domain::template::RULES;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::{InboxRead, Member};
use crate::paging::List;
use crate::problem::Result;

/// A documented rule of templates.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RuleView {
    /// By which problems name it.
    name: &'static str,
    /// Which part it is about.
    part: &'static str,
    /// What is required.
    says: &'static str,
    /// The code with which Meta refuses a template that breaks it.
    code: i64,
}

/// The rules that templates are held against before Meta sees them. The list has one page.
#[utoipa::path(get, path = "/api/v1/templates/rules", tag = "templates", responses(
    (status = 200, description = "The rules", body = List<RuleView>),
))]
pub(crate) async fn rules(_member: Member<InboxRead>) -> Result<Json<List<RuleView>>> {
    let rules = RULES.iter().map(|rule| RuleView {
        name: rule.name,
        part: rule.part,
        says: rule.says,
        code: rule.code,
    });
    Ok(Json(List::whole(rules.collect())))
}
