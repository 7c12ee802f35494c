//! Server-sent events: the event log from a place on, and what is told without being kept.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use domain::access::Scope;
use domain::{ConversationId, Sight, TenantId, UserId};
use engine::events::{Heard, Listener, Next, Told};
use engine::inbox::presence::{self, Signal};
use engine::people::sessions;
use futures::Stream;
use serde_json::json;
use store::people::members;
use store::{conversations, event_log, projector};

use crate::App;
use crate::auth::{Caller, Identity, Known};
use crate::problem::{Problem, Result};

/// How often a stream asks whether whoever opened it may still listen.
const STILL_ALLOWED: Duration = Duration::from_secs(3);
/// How often a silent stream says that it stands. Listeners take silence of twice as long for a lost connection.
const HEARTBEAT: Duration = Duration::from_secs(8);
/// How often the platform's streams look at the counts of the intake.
const COUNTS: Duration = Duration::from_secs(1);

/// Who listens, and so to what.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Audience {
    /// A tenant's people and systems: all that happens there.
    Tenant(TenantId),
    /// The platform's administration: numbers, tenants, templates, alerts and the intake, never messages.
    Platform,
}

impl Audience {
    fn hears(self, event: &event_log::Event) -> bool {
        match self {
            Self::Tenant(tenant) => event.tenant_id == Some(tenant.0),
            Self::Platform => [
                "number.",
                "tenant.",
                "intake.",
                "queue.",
                "connection.",
                "global_template.",
                "template.",
                "alerts.",
            ]
            .iter()
            .any(|start| event.kind.starts_with(start)),
        }
    }
}

struct Reading {
    app: App,
    audience: Audience,
    /// What whoever opened the stream must be allowed to go on.
    scope: Scope,
    identity: Identity,
    /// Which conversations are there for them.
    sight: Sight,
    /// When it was last asked whether they may still listen, and to what; none to ask at once.
    checked: Option<Instant>,
    listener: Listener,
    presence: presence::Listener,
    last: i64,
    /// Where the log is read on from, until its end is reached.
    catching_up: Option<i64>,
    waiting: VecDeque<Told>,
    /// What is not in the log.
    passing: VecDeque<Event>,
    counted: Instant,
    counts: Option<(i64, i64)>,
}

/// A stream for an audience, resumed after `Last-Event-ID`.
pub(crate) async fn stream(
    app: App,
    audience: Audience,
    scope: Scope,
    caller: Caller,
    headers: &HeaderMap,
) -> Result<Sse<impl Stream<Item = std::result::Result<Event, Infallible>> + use<>>> {
    // Listen first, then read: what is committed in between is in both, and had once.
    let (mut listener, presence) = (app.events.listen(), app.presence.listen());
    let sight = match (&caller.identity, audience) {
        (Identity::Person(known), Audience::Tenant(tenant)) => known
            .sight_in(tenant)
            .ok_or_else(|| Problem::not_found("tenant"))?,
        (Identity::Key(_), _) | (_, Audience::Platform) => Sight::All,
    };
    app.events.narrow(&mut listener, sight);
    let resume = match headers.get("last-event-id") {
        None => None,
        Some(value) => {
            let seq = value
                .to_str()
                .ok()
                .and_then(|text| text.trim().parse::<i64>().ok())
                .filter(|seq| *seq >= 0);
            Some(
                seq.ok_or_else(|| Problem::invalid("Last-Event-ID", "must be the id of an event"))?,
            )
        }
    };
    let last = match resume {
        Some(seq) => seq,
        None => event_log::last(&app.engine.db).await?,
    };
    let passing = match audience {
        Audience::Tenant(tenant) => app.presence.now_in(tenant),
        Audience::Platform => Vec::new(),
    };
    let mut reading = Reading {
        passing: VecDeque::new(),
        audience,
        scope,
        identity: caller.identity,
        sight,
        checked: Some(Instant::now()),
        listener,
        presence,
        last,
        catching_up: Some(last),
        waiting: VecDeque::new(),
        counted: Instant::now(),
        counts: None,
        app,
    };
    reading.tell(&passing).await;
    if matches!(audience, Audience::Platform) {
        reading.count().await;
    }
    let events = futures::stream::unfold(reading, |mut reading| async move {
        let event = reading.next().await?;
        Some((Ok(event), reading))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

/// Has no id: who resumes is told who is there then.
fn shown(signal: &Signal) -> Event {
    let data = json!({
        "conversation_id": signal.conversation.to_string(),
        "user_id": signal.user.to_string(),
        "name": signal.name,
        "typing": signal.typing,
        "gone": signal.gone,
    });
    Event::default().event("presence").data(data.to_string())
}

impl Reading {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if !self.still_allowed().await {
                return None;
            }
            if let Some(told) = self.waiting.pop_front() {
                if told.event.seq > self.last
                    && let Some(event) = self.heard(told)
                {
                    return Some(event);
                }
                continue;
            }
            if let Some(event) = self.passing.pop_front() {
                return Some(event);
            }
            if let Some(seq) = self.catching_up {
                let audience = self.audience;
                let wanted = |event: &event_log::Event| audience.hears(event);
                let (events, read_to) =
                    self.app.events.since(wanted, self.sight, seq).await.ok()?;
                self.waiting = events.into();
                self.catching_up = read_to;
                continue;
            }
            if matches!(self.audience, Audience::Platform) && self.counted.elapsed() >= COUNTS {
                self.count().await;
                continue;
            }
            if !self.wait().await {
                return None;
            }
        }
    }

    /// What is told of an event.
    fn heard(&mut self, told: Told) -> Option<Event> {
        let heard = told.to(self.sight);
        if heard == Heard::Unasked {
            // It was handed out before anybody asked whose it is.
            self.waiting.clear();
            self.catching_up = Some(self.last);
            return None;
        }
        let event = told.event;
        self.last = event.seq;
        if matches!(event.kind.as_str(), "member.updated" | "tenant.updated") {
            // What they see may have changed.
            self.checked = None;
        }
        let (kind, data) = match heard {
            Heard::Whole => (event.kind, event.data),
            Heard::Lost(id) => (
                "conversation.hidden".to_owned(),
                json!({ "conversation_id": id.to_string() }).to_string(),
            ),
            Heard::Nothing | Heard::Unasked => return None,
        };
        let id = self.last.to_string();
        Some(Event::default().id(id).event(kind).data(data))
    }

    /// Tells who is there, in the conversations that are seen.
    async fn tell(&mut self, signals: &[Signal]) {
        let mut seen = None;
        if self.sight != Sight::All {
            let mut ids: Vec<_> = signals.iter().map(|signal| signal.conversation).collect();
            ids.sort_unstable();
            ids.dedup();
            let held = conversations::any_tenant_holders(&self.app.engine.db, &ids).await;
            // While the database is away nobody can say; browsers repeat it.
            let held = held.unwrap_or_default().into_iter();
            seen = Some(
                held.filter(|row| self.sight.sees(row.assigned_to.map(UserId)))
                    .map(|row| row.id)
                    .collect::<Vec<ConversationId>>(),
            );
        }
        let told = signals.iter().filter(|signal| {
            seen.as_ref()
                .is_none_or(|seen| seen.contains(&signal.conversation))
        });
        self.passing.extend(told.map(shown));
    }

    /// Waits for something to tell, or for the time to look again. False when the stream ends.
    async fn wait(&mut self) -> bool {
        let (pause, tenant) = match self.audience {
            Audience::Tenant(tenant) => (STILL_ALLOWED, Some(tenant)),
            Audience::Platform => (COUNTS, None),
        };
        tokio::select! {
            next = self.listener.next() => match next {
                Next::Event(told) => {
                    if self.audience.hears(&told.event) {
                        self.waiting.push_back((*told).clone());
                    }
                }
                Next::Lagged => self.catching_up = Some(self.last),
                Next::Closed => return false,
            },
            signal = self.presence.next() => match signal {
                Some(signal) if Some(signal.tenant) == tenant => self.tell(&[(*signal).clone()]).await,
                Some(_) => {}
                None => return false,
            },
            () = tokio::time::sleep(pause) => {}
            () = self.app.stop.cancelled() => return false,
        }
        true
    }

    /// Tells when what is parked or waits for projection has changed.
    async fn count(&mut self) {
        self.counted = Instant::now();
        let engine = &self.app.engine;
        // While the database is away there is nothing to tell.
        let Ok(books) = projector::read(&engine.db).await else {
            return;
        };
        let counts = (books.parked, engine.wake.backlog());
        if self.counts.is_some_and(|before| before != counts) {
            let data = json!({ "parked": counts.0, "backlog": counts.1 });
            let event = Event::default()
                .event("intake.changed")
                .data(data.to_string());
            self.passing.push_back(event);
        }
        self.counts = Some(counts);
    }

    async fn still_allowed(&mut self) -> bool {
        if self.checked.is_some_and(|at| at.elapsed() < STILL_ALLOWED) {
            return true;
        }
        self.checked = Some(Instant::now());
        // While the database is away nobody can say; the stream has nothing to tell then anyway.
        self.ask().await.unwrap_or(true)
    }

    async fn ask(&mut self) -> store::Result<bool> {
        let engine = &self.app.engine;
        let known = match &self.identity {
            Identity::Key(key) => {
                let now = engine.clock.now();
                return self.app.keys.still_stands(&engine.db, key.id, now).await;
            }
            Identity::Person(known) => known,
        };
        let Some(session) = sessions::recognise(engine, &known.secret).await? else {
            return Ok(false);
        };
        let Audience::Tenant(tenant) = self.audience else {
            return Ok(session.platform_admin);
        };
        let belongs = members::any_tenant_of_user(&engine.db, session.user_id).await?;
        let now = Known {
            memberships: belongs,
            ..known.clone()
        };
        let Some(sight) = now.sight_in(tenant) else {
            return Ok(false);
        };
        self.sight = sight;
        self.app.events.narrow(&mut self.listener, sight);
        Ok(now
            .scopes_in(tenant)
            .is_some_and(|scopes| scopes.has(self.scope)))
    }
}
