//! `POST /api/v1/conversations/{id}/notes`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode};
use engine::inbox;
use serde::Deserialize;
use store::messages;
use utoipa::ToSchema;

use super::author;
use crate::App;
use crate::api::messages::MessageView;
use crate::auth::{InboxWrite, OwnConversation};
use crate::given::idempotency_key;
use crate::problem::{Problem, Result};

/// A note to write.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewNote {
    /// 1 to 4,096 characters.
    text: String,
}

/// Writes a note into a conversation: colleagues read it, the contact never does.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/notes", tag = "conversations", request_body = NewNote,
    params(("id" = String, Path, description = "cnv_…"),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeating a request with the same key writes nothing twice")), responses(
    (status = 201, description = "The note, as it stands in the thread", body = MessageView),
    (status = 200, description = "Written by an earlier request with the same key", body = MessageView),
    (status = 404, description = "No such conversation", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The key stands for something else (`idempotency_key_reused`)", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "The text is empty or too long", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn note(
    State(app): State<App>,
    own: OwnConversation<InboxWrite>,
    headers: HeaderMap,
    body: std::result::Result<Json<NewNote>, JsonRejection>,
) -> Result<(StatusCode, Json<MessageView>)> {
    let Json(body) = body?;
    let (tenant, sight, id) = (own.member.tenant, own.member.sight, own.row.id);
    let by = author(&own.member.caller);
    let key = idempotency_key(&headers)?;
    let new = inbox::NewNote {
        text: &body.text,
        author: by,
        key: key.as_deref(),
    };
    let (note, repeated) = inbox::note(&app.engine, tenant, sight, id, new).await?;
    let row = messages::get(&app.engine.db, tenant, sight, note).await?;
    let status = if repeated {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    row.map(|row| (status, Json(row.into())))
        .ok_or_else(|| Problem::not_found("message"))
}
