//! `PATCH /api/v1/notification-rules/{id}`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use domain::RuleId;
use engine::notify::rules;
use serde_json::{Map, Value};
use store::notification_rules;

use super::schema::NotificationRule;
use super::{RuleView, judged, read};
use crate::App;
use crate::auth::{Member, NotificationsWrite};
use crate::problem::{Problem, Result};

/// Changes a rule: members that are given replace those that are there, null removes one. The whole is looked at again;
/// switching a rule off is always possible.
#[utoipa::path(patch, path = "/api/v1/notification-rules/{id}", tag = "notifications", request_body = NotificationRule,
    params(("id" = String, Path, description = "rule_…")), responses(
    (status = 200, description = "The rule afterwards", body = RuleView),
    (status = 404, description = "No such rule", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "The rule cannot work, with the members that are wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn update(
    State(app): State<App>,
    member: Member<NotificationsWrite>,
    Path(id): Path<String>,
    body: std::result::Result<Json<Map<String, Value>>, JsonRejection>,
) -> Result<Json<RuleView>> {
    let missing = || Problem::not_found("rule");
    let id: RuleId = id.parse().map_err(|_| missing())?;
    let before = notification_rules::get(&app.engine.db, member.tenant, id)
        .await?
        .ok_or_else(missing)?;
    let Json(changes) = body?;
    let only_off = changes.len() == 1 && changes.get("enabled") == Some(&Value::Bool(false));
    let mut whole: Map<String, Value> = serde_json::from_str(&before.body).unwrap_or_default();
    for (name, value) in changes {
        if value.is_null() {
            whole.remove(&name);
        } else {
            whole.insert(name, value);
        }
    }
    let rule = read(&Value::Object(whole))?;
    let warnings = if only_off {
        Vec::new()
    } else {
        judged(&app, member.tenant, &rule).await?
    };
    let after = rules::update(&app.engine, member.tenant, id, &rule, &member.caller.who()).await?;
    Ok(Json(RuleView::new(after.ok_or_else(missing)?, warnings)))
}
