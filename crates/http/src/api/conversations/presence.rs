//! `POST /api/v1/conversations/{id}/presence`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use engine::inbox::presence::Signal;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::auth::{InboxRead, OwnConversation};
use crate::problem::{Problem, Result};

/// What the asking person does in a conversation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Presence {
    /// Whether they type.
    #[serde(default)]
    typing: bool,
    /// Whether they leave it.
    #[serde(default)]
    gone: bool,
}

/// Tells colleagues that one is looking at a conversation, types, or leaves it. Repeat it every 10 s while it is
/// open; after 15 s of silence one is gone. Colleagues hear of it by the stream's event `presence`, as far as they
/// are connected to the same node. Nothing of it is kept.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/presence", tag = "conversations", request_body = Presence,
    params(("id" = String, Path, description = "cnv_…")), responses(
    (status = 204, description = "Told"),
    (status = 403, description = "An API key is nobody who could be present", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such conversation", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn presence(
    State(app): State<App>,
    own: OwnConversation<InboxRead>,
    body: std::result::Result<Json<Presence>, JsonRejection>,
) -> Result<StatusCode> {
    let Json(body) = body?;
    let user = own
        .member
        .caller
        .user()
        .ok_or_else(|| Problem::forbidden("only people can be present; an API key is none"))?;
    app.presence.report(Signal {
        tenant: own.member.tenant,
        conversation: own.row.id,
        user: user.user_id,
        name: user.name.clone(),
        typing: body.typing && !body.gone,
        gone: body.gone,
    });
    Ok(StatusCode::NO_CONTENT)
}
