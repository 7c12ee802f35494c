//! `GET /api/v1/stream`: what happens, as it happens. Resumable by `Last-Event-ID`.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use domain::TenantId;
use engine::events::{Listener, Next};
use futures::Stream;
use store::event_log;

use crate::App;
use crate::auth::TenantMember;
use crate::problem::Result;

struct Reading {
    app: App,
    tenant: TenantId,
    listener: Listener,
    last: i64,
    waiting: std::collections::VecDeque<event_log::Event>,
}

/// Server-sent events of the tenant: `id` is the sequence number, `event` what happened, `data` ids
/// from which the rest can be fetched.
#[utoipa::path(get, path = "/api/v1/stream", tag = "events",
    params(("Last-Event-ID" = Option<i64>, Header, description = "Resume after this event")),
    responses((status = 200, description = "A stream of events", body = String, content_type = "text/event-stream")))]
pub(crate) async fn stream(
    State(app): State<App>,
    TenantMember(tenant): TenantMember,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = std::result::Result<Event, Infallible>>>> {
    // Listen first, then read: what is committed in between is in both, and had once.
    let listener = app.events.listen();
    let resume = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok());
    let last = match resume {
        Some(seq) => seq,
        None => event_log::last(&app.engine.db).await?,
    };
    let waiting = app.events.since(tenant, last).await?.into();
    let reading = Reading {
        app,
        tenant,
        listener,
        last,
        waiting,
    };
    let events = futures::stream::unfold(reading, |mut reading| async move {
        let event = reading.next().await?;
        Some((Ok(event), reading))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

impl Reading {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                if event.seq <= self.last {
                    continue;
                }
                self.last = event.seq;
                return Some(
                    Event::default()
                        .id(event.seq.to_string())
                        .event(event.kind)
                        .data(event.data),
                );
            }
            let next = self
                .app
                .stop
                .run_until_cancelled(self.listener.next())
                .await?;
            match next {
                Next::Event(event) if event.tenant_id == Some(self.tenant.0) => {
                    self.waiting.push_back((*event).clone());
                }
                Next::Event(_) => {}
                Next::Lagged => {
                    self.waiting = self
                        .app
                        .events
                        .since(self.tenant, self.last)
                        .await
                        .ok()?
                        .into();
                }
                Next::Closed => return None,
            }
        }
    }
}
