//! `POST /api/v1/templates/{id}/test-send`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::message::Origin;
use engine::outbound::request::Request;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::id_of;
use crate::App;
use crate::auth::{InboxWrite, Member};
use crate::problem::{Problem, Result};

/// To whom, and with which values.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestSend {
    /// A phone number, such as one's own.
    to: String,
    /// The values in Meta's form, as in `POST /api/v1/messages`.
    #[schema(value_type = Option<Vec<Object>>)]
    components: Option<Value>,
    /// Or the values of the body alone: a list of texts, or an object of texts by name.
    #[schema(value_type = Option<Object>)]
    parameters: Option<Value>,
}

/// What was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Tried {
    /// The message's id.
    #[schema(example = "msg_0193a5c47d1e7c3f8a2b4c5d6e7f8091")]
    id: String,
    /// The conversation it stands in.
    conversation_id: Option<String>,
}

/// Sends a template to a phone, to see how it looks. It goes as any other message goes, and costs as much.
#[utoipa::path(post, path = "/api/v1/templates/{id}/test-send", tag = "templates", request_body = TestSend,
    params(("id" = String, Path, description = "tpl_…")), responses(
    (status = 202, description = "Recorded; it will be sent", body = Tried),
    (status = 404, description = "No such template", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "No number, or WhatsApp is switched off", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "The message cannot be sent as it is", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn test_send(
    State(app): State<App>,
    member: Member<InboxWrite>,
    Path(id): Path<String>,
    body: std::result::Result<Json<TestSend>, JsonRejection>,
) -> Result<(StatusCode, Json<Tried>)> {
    let Json(TestSend {
        to,
        components,
        parameters,
    }) = body?;
    let row = store::templates::get(&app.engine.db, member.tenant, id_of(&id)?).await?;
    let row = row
        .filter(|row| row.deleted_at.is_none())
        .ok_or_else(|| Problem::not_found("template"))?;
    let mut template = json!({ "name": row.name, "language": { "code": row.language } });
    match (components, parameters) {
        (Some(components), _) => template["components"] = components,
        (None, Some(parameters)) => {
            template["components"] =
                json!([{ "type": "body", "parameters": body_values(&parameters)? }]);
        }
        (None, None) => {}
    }
    let mut body = Map::new();
    body.insert("to".to_owned(), Value::String(to));
    body.insert("template".to_owned(), template);
    let request = Request {
        body,
        idempotency_key: None,
        author: member.caller.user().map(|user| user.user_id),
        sight: member.sight,
        files: member.sight,
        rests: false,
        origin: Some(Origin::Test),
    };
    let recorded = app.enqueuer.send(member.tenant, request).await?;
    let tried = Tried {
        id: recorded.message.to_string(),
        conversation_id: recorded.conversation.map(|id| id.to_string()),
    };
    Ok((StatusCode::ACCEPTED, Json(tried)))
}

fn body_values(given: &Value) -> Result<Vec<Value>> {
    let wrong = || {
        Problem::invalid(
            "parameters",
            "must be a list of texts, or an object of texts by name",
        )
    };
    match given {
        Value::Array(list) => list
            .iter()
            .map(|one| Some(json!({ "type": "text", "text": one.as_str()? })))
            .collect::<Option<_>>()
            .ok_or_else(wrong),
        Value::Object(map) => map
            .iter()
            .map(|(name, one)| {
                Some(json!({ "type": "text", "parameter_name": name, "text": one.as_str()? }))
            })
            .collect::<Option<_>>()
            .ok_or_else(wrong),
        _ => Err(wrong()),
    }
}
