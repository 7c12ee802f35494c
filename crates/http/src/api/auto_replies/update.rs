//! `PUT /api/v1/auto-replies`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use serde_json::json;
use store::audit::{self, Act, Target};
use store::tenants;

use super::AutoReplies;
use crate::App;
use crate::auth::{Member, SettingsWrite};
use crate::problem::{Problem, Result};

/// Sets the tenant's automatic replies.
#[utoipa::path(put, path = "/api/v1/auto-replies", tag = "automation", request_body = AutoReplies, responses(
    (status = 200, description = "What is set now", body = AutoReplies),
    (status = 422, description = "A text is empty or too long", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn update(
    State(app): State<App>,
    member: Member<SettingsWrite>,
    body: std::result::Result<Json<AutoReplies>, JsonRejection>,
) -> Result<Json<AutoReplies>> {
    let Json(wanted) = body?;
    check_welcome(wanted.welcome.as_deref())?;
    let mut tx = app.engine.db.begin().await?;
    let mut row = tenants::lock(&mut tx, member.tenant)
        .await?
        .ok_or_else(|| Problem::not_found("tenant"))?;
    let before = std::mem::replace(&mut row.welcome_text, wanted.welcome.clone());
    tenants::update(&mut tx, &row).await?;
    let act = Act {
        tenant: Some(row.id),
        action: "auto_replies.update",
        target: Target {
            kind: "tenant",
            id: Some(row.id.to_string()),
            name: Some(&row.name),
        },
        before: Some(json!({ "welcome": before })),
        after: Some(json!({ "welcome": wanted.welcome })),
    };
    let now = app.engine.clock.now();
    audit::append(&mut tx, &member.caller.who(), act, now).await?;
    tx.commit().await?;
    Ok(Json(wanted))
}

/// The welcome is a text message, so Meta's limit for one applies.
pub(crate) fn check_welcome(text: Option<&str>) -> Result<()> {
    match text {
        Some(text) if text.trim().is_empty() => Err(Problem::invalid(
            "welcome",
            "must not be empty; null switches it off",
        )),
        Some(text) if text.chars().count() > meta::limits::TEXT_BODY_MAX_CHARS => Err(
            Problem::invalid("welcome", "may have at most 4096 characters"),
        ),
        Some(_) | None => Ok(()),
    }
}
