//! `GET /api/v1/notification-rules/{id}`.

use axum::Json;
use axum::extract::{Path, State};
use domain::RuleId;
use store::notification_rules;

use super::RuleView;
use crate::App;
use crate::auth::{Member, SettingsRead};
use crate::problem::{Problem, Result};

/// Shows a rule.
#[utoipa::path(get, path = "/api/v1/notification-rules/{id}", tag = "notifications", params(("id" = String, Path, description = "rule_…")), responses(
    (status = 200, description = "The rule", body = RuleView),
    (status = 404, description = "No such rule", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn show(
    State(app): State<App>,
    member: Member<SettingsRead>,
    Path(id): Path<String>,
) -> Result<Json<RuleView>> {
    let missing = || Problem::not_found("rule");
    let id: RuleId = id.parse().map_err(|_| missing())?;
    let row = notification_rules::get(&app.engine.db, member.tenant, id)
        .await?
        .ok_or_else(missing)?;
    Ok(Json(RuleView::new(row, Vec::new())))
}
