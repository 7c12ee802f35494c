//! `POST /api/v1/dead-letters/dismiss`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use serde::Serialize;
use serde_json::json;
use store::audit::{self, Act, Target};
use store::{dead_letters, event_log};
use utoipa::ToSchema;

use crate::App;
use crate::api::messages::Chosen;
use crate::auth::{InboxWrite, Member};
use crate::problem::{Problem, Result};

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Dismissed {
    /// How many were open and are not any more.
    dismissed: u64,
}

/// Marks messages that did not arrive as dealt with: they count no longer, and stay where they are.
#[utoipa::path(post, path = "/api/v1/dead-letters/dismiss", tag = "messages", request_body = Chosen, responses(
    (status = 200, description = "How many", body = Dismissed),
    (status = 422, description = "Neither ids nor a filter, or one that is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn dismiss(
    State(app): State<App>,
    member: Member<InboxWrite>,
    body: std::result::Result<Json<Chosen>, JsonRejection>,
) -> Result<Json<Dismissed>> {
    let Json(chosen) = body?;
    let (tenant, sight, now) = (member.tenant, member.sight, app.engine.clock.now());
    let which = chosen.check()?;
    let mut tx = app.engine.db.begin().await?;
    let dismissed = match &which {
        crate::api::messages::Which::Ids(ids) => {
            dead_letters::close(&mut tx, tenant, sight, ids).await?
        }
        crate::api::messages::Which::Filter(filter) => {
            dead_letters::close_all(&mut tx, tenant, sight, filter).await?
        }
    };
    if dismissed > 0 {
        let act = Act {
            tenant: Some(tenant),
            action: "message.dismiss",
            target: Target {
                kind: "messages",
                id: None,
                name: None,
            },
            before: None,
            after: Some(json!({ "dismissed": dismissed })),
        };
        audit::append(&mut tx, &member.caller.who(), act, now).await?;
        let event = event_log::of(tenant, "dead_letters.changed", "{}".to_owned(), now);
        event_log::append(&mut tx, &[event]).await?;
    }
    tx.commit().await?;
    app.engine.wake.events.notify_waiters();
    Ok(Json(Dismissed { dismissed }))
}
