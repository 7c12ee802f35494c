//! `PUT /api/v1/quick-replies/{id}`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use domain::QuickReplyId;
use store::quick_replies;

use super::{QuickReplyView, WrittenQuickReply, taken, tell};
use crate::App;
use crate::auth::{Member, SettingsWrite};
use crate::problem::{Problem, Result};

/// Changes a quick reply.
#[utoipa::path(put, path = "/api/v1/quick-replies/{id}", tag = "quick replies", request_body = WrittenQuickReply,
    params(("id" = String, Path, description = "qr_…")), responses(
    (status = 200, description = "The quick reply afterwards", body = QuickReplyView),
    (status = 404, description = "No such quick reply", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The shortcut is taken", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Shortcut or text is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn update(
    State(app): State<App>,
    member: Member<SettingsWrite>,
    Path(id): Path<String>,
    body: std::result::Result<Json<WrittenQuickReply>, JsonRejection>,
) -> Result<Json<QuickReplyView>> {
    let missing = || Problem::not_found("quick reply");
    let id: QuickReplyId = id.parse().map_err(|_| missing())?;
    let now = app.engine.clock.now();
    let mut tx = app.engine.db.begin().await?;
    let before = quick_replies::lock(&mut tx, member.tenant, id)
        .await?
        .ok_or_else(missing)?;
    let Json(body) = body?;
    let row = body.checked(id, now)?;
    match quick_replies::update(&mut tx, member.tenant, &row).await {
        Err(error) if error.is_conflict() => return Err(taken(&row.shortcut)),
        outcome => outcome?,
    }
    let (who, action) = (member.caller.who(), "quick_reply.update");
    let change = (Some(&before), Some(&row));
    tell(&mut tx, member.tenant, &who, action, change, now).await?;
    tx.commit().await?;
    app.engine.wake.events.notify_waiters();
    Ok(Json(row.into()))
}
