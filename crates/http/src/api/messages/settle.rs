//! `POST /api/v1/messages/{id}/settle`: a person decides about a send whose outcome nobody knows.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use engine::outbound::settle::{Decision, decide};
use serde::Deserialize;
use store::messages;
use utoipa::ToSchema;

use super::MessageView;
use crate::App;
use crate::auth::{InboxWrite, OwnMessage};
use crate::problem::{Problem, Result};

/// What to do about an uncertain message.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settle {
    /// `send_again` (it did not arrive), `mark_sent` (it did), `give_up`.
    decision: Word,
}

/// What is decided.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Word {
    SendAgain,
    MarkSent,
    GiveUp,
}

impl From<Word> for Decision {
    fn from(word: Word) -> Self {
        match word {
            Word::SendAgain => Self::SendAgain,
            Word::MarkSent => Self::MarkSent,
            Word::GiveUp => Self::GiveUp,
        }
    }
}

/// Settles an uncertain message.
#[utoipa::path(post, path = "/api/v1/messages/{id}/settle", tag = "messages", request_body = Settle,
    params(("id" = String, Path, description = "msg_…")), responses(
    (status = 200, description = "The message afterwards", body = MessageView),
    (status = 404, description = "No such message", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The message is not uncertain (any more)", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn settle(
    State(app): State<App>,
    own: OwnMessage<InboxWrite>,
    body: std::result::Result<Json<Settle>, JsonRejection>,
) -> Result<Json<MessageView>> {
    let Json(body) = body?;
    let (tenant, sight, message) = (own.member.tenant, own.member.sight, own.row);
    let decision = body.decision.into();
    let by = own.member.caller.who().name;
    if !decide(&app.engine, tenant, message.id, decision, &by).await? {
        return Err(Problem::conflict(
            "not_uncertain",
            "the outcome of this message is known; there is nothing to decide",
        ));
    }
    let message = messages::get(&app.engine.db, tenant, sight, message.id).await?;
    message
        .map(|message| Json(message.into()))
        .ok_or_else(|| Problem::not_found("message"))
}
