//! `GET /api/v1/stream`: what happens, as it happens. Resumable by `Last-Event-ID`.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use domain::TenantId;
use engine::events::{Listener, Next};
use engine::people::sessions;
use futures::Stream;
use store::event_log;
use store::people::members;

use crate::App;
use crate::auth::{Identity, InboxRead, Known, Member, Right as _};
use crate::problem::{Problem, Result};

/// How often a stream asks whether its key still opens anything.
const STILL_ALLOWED: Duration = Duration::from_secs(3);

struct Reading {
    app: App,
    tenant: TenantId,
    identity: Identity,
    checked: Instant,
    listener: Listener,
    last: i64,
    /// Where the log is read on from, until its end is reached.
    catching_up: Option<i64>,
    waiting: VecDeque<event_log::Event>,
}

/// Server-sent events of the tenant: `id` is the sequence number, `event` what happened, `data` ids
/// from which the rest can be fetched. The stream ends within 5 s after its API key or session is ended.
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
    // Listen first, then read: what is committed in between is in both, and had once.
    let listener = app.events.listen();
    let resume = match headers.get("last-event-id") {
        None => None,
        Some(value) => {
            let seq = value
                .to_str()
                .ok()
                .and_then(|text| text.trim().parse::<i64>().ok());
            Some(
                seq.ok_or_else(|| Problem::invalid("Last-Event-ID", "must be the id of an event"))?,
            )
        }
    };
    let last = match resume {
        Some(seq) => seq,
        None => event_log::last(&app.engine.db).await?,
    };
    let reading = Reading {
        identity: member.caller.identity,
        checked: Instant::now(),
        app,
        tenant: member.tenant,
        listener,
        last,
        catching_up: Some(last),
        waiting: VecDeque::new(),
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
            if !self.still_allowed().await {
                return None;
            }
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
            if let Some(seq) = self.catching_up {
                let (events, read_to) = self.app.events.since(self.tenant, seq).await.ok()?;
                self.waiting = events.into();
                self.catching_up = read_to;
                continue;
            }
            let listening = self.app.stop.run_until_cancelled(self.listener.next());
            let Ok(next) = tokio::time::timeout(STILL_ALLOWED, listening).await else {
                continue;
            };
            match next? {
                Next::Event(event) if event.tenant_id == Some(self.tenant.0) => {
                    self.waiting.push_back((*event).clone());
                }
                Next::Event(_) => {}
                Next::Lagged => self.catching_up = Some(self.last),
                Next::Closed => return None,
            }
        }
    }

    async fn still_allowed(&mut self) -> bool {
        if self.checked.elapsed() < STILL_ALLOWED {
            return true;
        }
        self.checked = Instant::now();
        // While the database is away nobody can say; the stream has nothing to tell then anyway.
        still_allowed(&self.app, &self.identity, self.tenant)
            .await
            .unwrap_or(true)
    }
}

async fn still_allowed(app: &App, identity: &Identity, tenant: TenantId) -> store::Result<bool> {
    let engine = &app.engine;
    match identity {
        Identity::Key(key) => {
            app.keys
                .still_stands(&engine.db, key.id, engine.clock.now())
                .await
        }
        Identity::Person(known) => {
            if sessions::recognise(engine, &known.secret).await?.is_none() {
                return Ok(false);
            }
            let belongs = members::any_tenant_of_user(&engine.db, known.session.user_id).await?;
            let now = Known {
                memberships: belongs,
                ..known.clone()
            };
            Ok(now
                .scopes_in(tenant)
                .is_some_and(|scopes| scopes.has(InboxRead::SCOPE)))
        }
    }
}
