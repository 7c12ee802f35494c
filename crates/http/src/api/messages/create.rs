//! `POST /api/v1/messages`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode};
use engine::outbound::{NotEnqueued, Refused, Request};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::App;
use crate::auth::{InboxWrite, Member};
use crate::given::idempotency_key;
use crate::problem::{Problem, Result};

/// A message to send. Exactly one content member, named like `type`.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes the body for the OpenAPI document; it is read as a JSON object"
)]
#[schema(example = json!({"to": "+34612345678", "type": "text", "text": "Su pedido está listo"}))]
pub(crate) struct NewMessage {
    /// A phone number with its country code, a BSUID, or one of your conversation ids.
    to: String,
    /// `text`, `template`, `image`, `video`, `audio`, `document`, `sticker`, `location`, `contacts`,
    /// `interactive`, `reaction`. May be left out when the content member tells it.
    r#type: Option<String>,
    /// One of your phone_number_ids; your number when not given.
    from: Option<String>,
    /// The id (ours or Meta's) of the message to quote.
    reply_to: Option<String>,
    /// `reply`, `transactional` or `bulk`: who goes first when a number is busy.
    lane: Option<String>,
    /// Not before this moment, at most 90 days ahead.
    #[schema(example = "2026-12-24T09:00:00Z")]
    send_at: Option<String>,
    /// What has not left by this moment expires.
    send_before: Option<String>,
    /// A label by which messages are paused, resumed, cancelled and counted: 1 to 64 letters, digits, `_`, `.`, `-`.
    batch: Option<String>,
    /// With a MARKETING template: sends it by Meta's Marketing Messages API. `{}` takes what Meta takes by itself.
    marketing: Option<MarketingWishes>,
    /// Delivers only to a user whose identity key has this hash.
    recipient_identity_key_hash: Option<String>,
    /// A text, or Meta's `{"body","preview_url"}`.
    text: Option<Value>,
    /// Meta's template object; the language may be a plain code.
    template: Option<Value>,
    /// An address, or `{"link"}` or `{"id"}` with a caption.
    image: Option<Value>,
    /// An address, or `{"link"}` or `{"id"}` with a caption.
    video: Option<Value>,
    /// An address, or `{"link"}` or `{"id"}`.
    audio: Option<Value>,
    /// An address, or `{"link"}` or `{"id"}` with caption and file name.
    document: Option<Value>,
    /// An address, or `{"link"}` or `{"id"}`.
    sticker: Option<Value>,
    /// A place.
    location: Option<Value>,
    /// Cards.
    contacts: Option<Value>,
    /// Buttons, a list, a link and others.
    interactive: Option<Value>,
    /// `{"message_id","emoji"}`; an empty emoji takes the reaction back.
    reaction: Option<Value>,
}

/// What only the Marketing Messages API takes.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes the body for the OpenAPI document; it is read as a JSON object"
)]
pub(crate) struct MarketingWishes {
    /// `CLOUD_API_FALLBACK` or `STRICT`.
    product_policy: Option<String>,
    /// Whether Meta may share what happens to the message with the ads side.
    message_activity_sharing: Option<bool>,
}

/// What was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Created {
    /// The message; ask `GET /api/v1/messages/{id}` how far it has come.
    id: String,
    /// `queued`.
    status: &'static str,
    /// The conversation it stands in; null for a repeated request.
    conversation_id: Option<String>,
    /// An earlier request with the same `Idempotency-Key` had recorded it.
    repeated: bool,
}

/// Sends a message: records it durably and answers; it leaves at the number's pace.
#[utoipa::path(post, path = "/api/v1/messages", tag = "messages", request_body = NewMessage,
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeating a request with the same key sends nothing twice")),
    responses(
        (status = 202, description = "Recorded; it will be sent", body = Created),
        (status = 200, description = "Recorded by an earlier request with the same key", body = Created),
        (status = 403, description = "A colleague has the conversation, and the asking member sees only their own (`colleagues_conversation`)", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "No number, WhatsApp is switched off, the person has not written for 24 hours (`window_closed`: only the templates it names would do), or the key stands for another message", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The message cannot be sent as it is", body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn create(
    State(app): State<App>,
    member: Member<InboxWrite>,
    headers: HeaderMap,
    body: std::result::Result<Json<Map<String, Value>>, JsonRejection>,
) -> Result<(StatusCode, Json<Created>)> {
    let Json(body) = body?;
    let idempotency_key = idempotency_key(&headers)?;
    let enqueued = app
        .enqueuer
        .send(
            member.tenant,
            Request {
                body,
                idempotency_key,
                author: member.caller.user().map(|user| user.user_id),
                sight: member.sight,
                origin: None,
                files: member.sight,
                rests: false,
            },
        )
        .await?;
    let status = if enqueued.repeated {
        StatusCode::OK
    } else {
        StatusCode::ACCEPTED
    };
    let created = Created {
        id: enqueued.message.to_string(),
        status: "queued",
        conversation_id: enqueued.conversation.map(|id| id.to_string()),
        repeated: enqueued.repeated,
    };
    Ok((status, Json(created)))
}

impl From<NotEnqueued> for Problem {
    fn from(error: NotEnqueued) -> Self {
        let sentence = error.to_string();
        match error {
            NotEnqueued::Refused(Refused::Invalid(mistakes)) => Self::mistakes(mistakes),
            NotEnqueued::Refused(Refused::NoNumber) => Self::conflict("no_number", sentence),
            NotEnqueued::Refused(Refused::ForeignNumber(_)) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "foreign_number",
                "Not your number",
                sentence,
            ),
            NotEnqueued::Refused(Refused::Suspended) => {
                Self::new(StatusCode::FORBIDDEN, "suspended", "Suspended", sentence)
            }
            NotEnqueued::Refused(Refused::Colleagues) => Self::new(
                StatusCode::FORBIDDEN,
                "colleagues_conversation",
                "A colleague has it",
                sentence,
            ),
            NotEnqueued::Refused(Refused::SwitchedOff) => Self::conflict("whatsapp_off", sentence),
            NotEnqueued::Refused(Refused::WindowClosed {
                closed_at,
                templates,
            }) => {
                let mut more = Map::new();
                more.insert(
                    "closed_at".to_owned(),
                    json!(closed_at.map(domain::Timestamp::rfc3339)),
                );
                more.insert("templates".to_owned(), json!(templates));
                more.insert("meta_code".to_owned(), json!(131_047));
                Self::conflict("window_closed", sentence).with(more)
            }
            NotEnqueued::Refused(Refused::Store(error)) => error.into(),
            NotEnqueued::KeyReused => Self::conflict("idempotency_key_reused", sentence),
            NotEnqueued::NotDurable => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "try_again",
                "Try again",
                sentence,
            ),
        }
    }
}
