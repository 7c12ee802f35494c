//! `GET /api/v1/admin/stream`: what happens to the platform, as it happens. Resumable by `Last-Event-ID`.

use std::convert::Infallible;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, Sse};
use futures::Stream;

use crate::App;
use crate::auth::{Platform, PlatformRead, Right as _};
use crate::live::{self, Audience};
use crate::problem::{Problem, Result};

/// Server-sent events of numbers, tenants, connections, templates, alerts and pauses of sending, and `intake.changed` (at most once a second, without id) while what
/// is parked or waits for projection changes. Never messages. The stream ends within 5 s after its API key or
/// session is ended.
#[utoipa::path(get, path = "/api/v1/admin/stream", tag = "admin",
    params(("Last-Event-ID" = Option<i64>, Header, description = "Resume after this event")),
    responses(
        (status = 200, description = "A stream of events", body = String, content_type = "text/event-stream"),
        (status = 422, description = "Last-Event-ID is not a number", body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn stream(
    State(app): State<App>,
    platform: Platform<PlatformRead>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = std::result::Result<Event, Infallible>>>> {
    let scope = PlatformRead::SCOPE;
    live::stream(app, Audience::Platform, scope, platform.caller, &headers).await
}
