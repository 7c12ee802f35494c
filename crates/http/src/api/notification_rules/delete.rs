//! `DELETE /api/v1/notification-rules/{id}`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::RuleId;
use engine::notify::rules;

use crate::App;
use crate::auth::{Member, NotificationsWrite};
use crate::problem::{Problem, Result};

/// Removes a rule. What it has scheduled is not sent; what it has sent stays.
#[utoipa::path(delete, path = "/api/v1/notification-rules/{id}", tag = "notifications", params(("id" = String, Path, description = "rule_…")), responses(
    (status = 204, description = "It is gone"),
    (status = 404, description = "No such rule", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn delete(
    State(app): State<App>,
    member: Member<NotificationsWrite>,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let missing = || Problem::not_found("rule");
    let id: RuleId = id.parse().map_err(|_| missing())?;
    if rules::delete(&app.engine, member.tenant, id, &member.caller.who()).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(missing())
    }
}
