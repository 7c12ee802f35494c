//! `POST /api/v1/messages/{id}/read`.

use axum::extract::State;
use axum::http::StatusCode;
use engine::inbox::seen::{self, NotShown};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::auth::{InboxWrite, OwnMessage};
use crate::given::Perhaps;
use crate::problem::{Problem, Result};

/// What the person sees on their phone.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Seen {
    /// Also shows that an answer is being typed, until it comes or for 25 seconds.
    typing: bool,
}

/// Marks a received message, and all before it, as read on the person's phone (blue ticks), at once; nothing is queued.
/// With `typing` the phone also shows that an answer is being typed. Meta takes it for messages of the last 30 days.
#[utoipa::path(post, path = "/api/v1/messages/{id}/read", tag = "messages", params(("id" = String, Path, description = "msg_… of a received message")),
    request_body(content = Option<Seen>, example = json!({"typing": true})),
    responses(
        (status = 204, description = "The phone shows it"),
        (status = 404, description = "No such message", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The message was not received (`not_inbound`), or its number is not yours any more (`no_number`)", body = Problem, content_type = "application/problem+json"),
        (status = 502, description = "WhatsApp refused or did not answer", body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn read(
    State(app): State<App>,
    own: OwnMessage<InboxWrite>,
    Perhaps(body): Perhaps<Seen>,
) -> Result<StatusCode> {
    let typing = body.is_some_and(|seen| seen.typing);
    seen::show(&app.engine, own.member.tenant, &own.row, typing).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<NotShown> for Problem {
    fn from(error: NotShown) -> Self {
        match error {
            NotShown::NotInbound => Self::conflict("not_inbound", error.to_string()),
            NotShown::Unreached(error) => error.into(),
        }
    }
}
