//! `GET /api/v1/stream`: what happens in a tenant, as it happens. Resumable by `Last-Event-ID`.

use std::convert::Infallible;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, Sse};
use futures::Stream;

use crate::App;
use crate::auth::{InboxRead, Member, Right as _};
use crate::live::{self, Audience};
use crate::problem::{Problem, Result};

/// Server-sent events of the tenant: `id` is the sequence number, `event` what happened, `data` ids
/// from which the rest can be fetched. `presence` has no id and is not resumed. The stream ends within 5 s
/// after its API key or session is ended.
#[utoipa::path(get, path = "/api/v1/stream", tag = "events",
    params(("Last-Event-ID" = Option<i64>, Header, description = "Resume after this event")),
    responses(
        (status = 200, description = "A stream of events", body = String, content_type = "text/event-stream"),
        (status = 422, description = "Last-Event-ID is not a number", body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn stream(
    State(app): State<App>,
    member: Member<InboxRead>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = std::result::Result<Event, Infallible>>>> {
    let audience = Audience::Tenant(member.tenant);
    live::stream(app, audience, InboxRead::SCOPE, member.caller, &headers).await
}
