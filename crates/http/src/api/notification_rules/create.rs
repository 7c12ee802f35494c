//! `POST /api/v1/notification-rules`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use engine::notify::rules;
use serde_json::Value;

use super::schema::NotificationRule;
use super::{RuleView, judged, read};
use crate::App;
use crate::auth::{Member, NotificationsWrite};
use crate::problem::{Problem, Result};

/// Adds a rule. It is held against the tenant's templates: what could never be sent is refused, what cannot be sent yet is
/// told in `warnings`.
#[utoipa::path(post, path = "/api/v1/notification-rules", tag = "notifications", request_body = NotificationRule, responses(
    (status = 201, description = "The rule", body = RuleView),
    (status = 409, description = "There are 200 already (`too_many`)", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "The rule cannot work, with the members that are wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn create(
    State(app): State<App>,
    member: Member<NotificationsWrite>,
    body: std::result::Result<Json<Value>, JsonRejection>,
) -> Result<(StatusCode, Json<RuleView>)> {
    let Json(body) = body?;
    let rule = read(&body)?;
    let warnings = judged(&app, member.tenant, &rule).await?;
    let made = rules::create(&app.engine, member.tenant, &rule, &member.caller.who()).await?;
    let row = made.ok_or_else(|| {
        Problem::conflict(
            "too_many",
            format!(
                "there are {} rules; remove one that is not needed",
                rules::MOST_RULES
            ),
        )
    })?;
    Ok((StatusCode::CREATED, Json(RuleView::new(row, warnings))))
}
