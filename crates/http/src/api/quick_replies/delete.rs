//! `DELETE /api/v1/quick-replies/{id}`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::QuickReplyId;
use store::quick_replies;

use super::tell;
use crate::App;
use crate::auth::{Member, SettingsWrite};
use crate::problem::{Problem, Result};

/// Removes a quick reply.
#[utoipa::path(delete, path = "/api/v1/quick-replies/{id}", tag = "quick replies", params(("id" = String, Path, description = "qr_…")), responses(
    (status = 204, description = "It is gone"),
    (status = 404, description = "No such quick reply", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn delete(
    State(app): State<App>,
    member: Member<SettingsWrite>,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let missing = || Problem::not_found("quick reply");
    let id: QuickReplyId = id.parse().map_err(|_| missing())?;
    let mut tx = app.engine.db.begin().await?;
    let before = quick_replies::lock(&mut tx, member.tenant, id)
        .await?
        .ok_or_else(missing)?;
    quick_replies::delete(&mut tx, member.tenant, id).await?;
    let (who, action) = (member.caller.who(), "quick_reply.delete");
    let now = app.engine.clock.now();
    tell(
        &mut tx,
        member.tenant,
        &who,
        action,
        (Some(&before), None),
        now,
    )
    .await?;
    tx.commit().await?;
    app.engine.wake.events.notify_waiters();
    Ok(StatusCode::NO_CONTENT)
}
