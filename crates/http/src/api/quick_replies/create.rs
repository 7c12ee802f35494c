//! `POST /api/v1/quick-replies`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use domain::QuickReplyId;
use store::quick_replies;

use super::{QuickReplyView, WrittenQuickReply, taken, tell};
use crate::App;
use crate::auth::{Member, SettingsWrite};
use crate::problem::{Problem, Result};

/// They are listed on one page.
const MOST: i64 = 500;

/// Adds a quick reply.
#[utoipa::path(post, path = "/api/v1/quick-replies", tag = "quick replies", request_body = WrittenQuickReply, responses(
    (status = 201, description = "The quick reply", body = QuickReplyView),
    (status = 409, description = "The shortcut is taken, or there are 500 already", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Shortcut or text is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn create(
    State(app): State<App>,
    member: Member<SettingsWrite>,
    body: std::result::Result<Json<WrittenQuickReply>, JsonRejection>,
) -> Result<(StatusCode, Json<QuickReplyView>)> {
    let Json(body) = body?;
    let now = app.engine.clock.now();
    let row = body.checked(QuickReplyId::new(now), now)?;
    let mut tx = app.engine.db.begin().await?;
    if quick_replies::count(&mut tx, member.tenant).await? >= MOST {
        return Err(Problem::conflict(
            "too_many",
            "there are 500 quick replies; remove one that nobody uses",
        ));
    }
    if !quick_replies::insert(&mut tx, member.tenant, &row).await? {
        return Err(taken(&row.shortcut));
    }
    let (who, action) = (member.caller.who(), "quick_reply.create");
    tell(
        &mut tx,
        member.tenant,
        &who,
        action,
        (None, Some(&row)),
        now,
    )
    .await?;
    tx.commit().await?;
    app.engine.wake.events.notify_waiters();
    Ok((StatusCode::CREATED, Json(row.into())))
}
