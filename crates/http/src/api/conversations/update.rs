//! `PATCH /api/v1/conversations/{id}`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use domain::{Sight, Timestamp, UserId};
use engine::inbox::{self, Change, Status};
use serde::Deserialize;
use store::conversations;
use utoipa::ToSchema;

use super::{ConversationView, author};
use crate::App;
use crate::auth::{InboxWrite, OwnConversation};
use crate::given::given;
use crate::problem::{Problem, Result};

/// What to change; members that are left out stay as they are.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ConversationChange {
    /// `open`, `closed` or `snoozed`.
    status: Option<String>,
    /// When a snoozed one comes back; in the future.
    #[schema(example = "2026-12-01T08:00:00Z")]
    snoozed_until: Option<String>,
    /// A member who may answer; null takes it from whoever has it.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    assigned_to: Option<Option<String>>,
}

/// Gives a conversation to somebody, closes, snoozes or opens it. What was done stands in the thread, and
/// colleagues hear of it.
#[utoipa::path(patch, path = "/api/v1/conversations/{id}", tag = "conversations", request_body = ConversationChange,
    params(("id" = String, Path, description = "cnv_…")), responses(
    (status = 200, description = "The conversation afterwards", body = ConversationView),
    (status = 404, description = "No such conversation", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A value is wrong; nothing changed", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn update(
    State(app): State<App>,
    own: OwnConversation<InboxWrite>,
    body: std::result::Result<Json<ConversationChange>, JsonRejection>,
) -> Result<Json<ConversationView>> {
    let Json(body) = body?;
    let (tenant, sight, id) = (own.member.tenant, own.member.sight, own.row.id);
    let by = author(&own.member.caller);
    inbox::change(&app.engine, tenant, sight, id, change(body)?, by).await?;
    // Whoever gives a conversation away is told how they left it, though it may not be theirs any more.
    let row = conversations::get(&app.engine.db, tenant, Sight::All, id).await?;
    let now = app.engine.clock.now();
    row.map(|row| Json(ConversationView::of(row, now)))
        .ok_or_else(|| Problem::not_found("conversation"))
}

fn change(body: ConversationChange) -> Result<Change> {
    let status = body
        .status
        .map(|word| {
            Status::parse(&word)
                .ok_or_else(|| Problem::invalid("status", "must be open, closed or snoozed"))
        })
        .transpose()?;
    let snoozed_until = body
        .snoozed_until
        .map(|text| {
            Timestamp::parse(&text).ok_or_else(|| {
                Problem::invalid(
                    "snoozed_until",
                    "must be a time such as 2026-12-01T08:00:00Z",
                )
            })
        })
        .transpose()?;
    let assigned_to = match body.assigned_to {
        None => None,
        Some(None) => Some(None),
        Some(Some(id)) => Some(Some(id.parse::<UserId>().map_err(|_| {
            Problem::invalid("assigned_to", "must be the user_id of a member, or null")
        })?)),
    };
    Ok(Change {
        status,
        snoozed_until,
        assigned_to,
    })
}
