//! The event log as live streams: one reader of the table, many listeners. While somebody listens who sees
//! only some conversations, the reader also looks up who has the conversation of each event.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use domain::{ConversationId, Sight, UserId};
use serde_json::{Value, json};
use store::conversations;
use store::event_log::{self, Event};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::Engine;

/// How often the log is looked at when no bell rings (events of other nodes).
const POLL: Duration = Duration::from_millis(500);
/// Events read at once.
const STEP: i64 = 500;
/// Events that a slow listener may lag behind before it is told to resume from the log.
const BUFFER: usize = 4_096;

/// Hands out events as they are committed. Cloning shares the reader.
#[derive(Clone)]
pub struct Events {
    engine: Engine,
    live: broadcast::Sender<Arc<Told>>,
    /// How many listeners see only some conversations.
    narrowed: Arc<AtomicUsize>,
}

/// An event, and who may have to be kept from it.
#[derive(Debug, Clone)]
pub struct Told {
    /// What happened.
    pub event: Event,
    about: About,
}

#[derive(Debug, Clone)]
enum About {
    /// Nobody asked who has the conversation.
    Unasked,
    /// Something that everybody of the tenant may know.
    Tenant,
    /// Something that this version does not know: it is kept to those who see all.
    Unknown,
    /// A conversation. `moved_from` is who had it, where the event is about a change of that.
    Conversation {
        id: ConversationId,
        holder: Option<Option<UserId>>,
        moved_from: Option<Option<UserId>>,
    },
}

/// What a sight leaves of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// All of it.
    Whole,
    /// That a conversation is not there any more.
    Lost(ConversationId),
    /// Nothing.
    Nothing,
    /// Nobody looked up whose it is: read it again by [`Events::since`].
    Unasked,
}

/// Beginnings of the kinds that are about no conversation.
const OF_THE_TENANT: [&str; 10] = [
    "account.",
    "alerts.",
    "connection.",
    "number.",
    "tenant.",
    "member.",
    "quick_reply.",
    "template.",
    "queue.",
    "dead_letters.",
];

impl Told {
    /// What somebody hears of it.
    pub fn to(&self, sight: Sight) -> Heard {
        if sight == Sight::All {
            return Heard::Whole;
        }
        match self.about {
            About::Unasked => Heard::Unasked,
            About::Tenant => Heard::Whole,
            About::Unknown => Heard::Nothing,
            About::Conversation {
                holder: Some(holder),
                ..
            } if sight.sees(holder) => Heard::Whole,
            About::Conversation {
                id,
                moved_from: Some(before),
                ..
            } if sight.sees(before) => Heard::Lost(id),
            About::Conversation { .. } => Heard::Nothing,
        }
    }
}

/// What an event is about, before anybody looked up who has it.
fn about(event: &Event) -> About {
    let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
    let id = data.get("conversation_id").and_then(Value::as_str);
    match id.and_then(|id| id.parse().ok()) {
        Some(id) => About::Conversation {
            id,
            holder: None,
            moved_from: data
                .get("from")
                .map(|user| user.as_str().and_then(|id| id.parse().ok())),
        },
        None if OF_THE_TENANT
            .iter()
            .any(|start| event.kind.starts_with(start)) =>
        {
            About::Tenant
        }
        None => About::Unknown,
    }
}

/// That a conversation went from one colleague to another, as the data of an event.
pub(crate) fn moved(id: ConversationId, from: Option<UserId>, to: Option<UserId>) -> String {
    let shown = |user: Option<UserId>| user.map(|user| user.to_string());
    json!({ "conversation_id": id.to_string(), "from": shown(from), "to": shown(to) }).to_string()
}

/// What a listener gets.
#[derive(Debug)]
pub enum Next {
    /// An event.
    Event(Arc<Told>),
    /// Too slow: ask again from the last event had.
    Lagged,
    /// The program ends.
    Closed,
}

/// A listener, from the moment of its making.
#[derive(Debug)]
pub struct Listener {
    live: broadcast::Receiver<Arc<Told>>,
    /// Counts this listener among the narrowed ones.
    narrowed: Option<Counted>,
}

#[derive(Debug)]
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(counter: &Arc<AtomicUsize>) -> Self {
        counter.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(counter))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Listener {
    /// The next event of any tenant.
    pub async fn next(&mut self) -> Next {
        match self.live.recv().await {
            Ok(event) => Next::Event(event),
            Err(broadcast::error::RecvError::Lagged(_)) => Next::Lagged,
            Err(broadcast::error::RecvError::Closed) => Next::Closed,
        }
    }
}

impl Events {
    /// Starts the reader.
    pub fn start(engine: &Engine, stop: CancellationToken) -> Self {
        let (live, _) = broadcast::channel(BUFFER);
        let events = Self {
            engine: engine.clone(),
            live,
            narrowed: Arc::default(),
        };
        tokio::spawn(events.clone().run(stop));
        events
    }

    /// Listens from now on. To miss nothing, listen first and read [`Events::since`] afterwards.
    pub fn listen(&self) -> Listener {
        Listener {
            live: self.live.subscribe(),
            narrowed: None,
        }
    }

    /// From now on it is looked up for this listener who has the conversation of an event, or not any more.
    pub fn narrow(&self, listener: &mut Listener, sight: Sight) {
        let wanted = sight != Sight::All;
        if wanted != listener.narrowed.is_some() {
            listener.narrowed = wanted.then(|| Counted::new(&self.narrowed));
        }
    }

    /// How many listen now.
    pub fn listeners(&self) -> usize {
        self.live.receiver_count()
    }

    /// The wanted events among the next ones after a sequence number, with who has their conversations where a
    /// sight asks for it, and how far the log was read; `None` for the latter at its end.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn since(
        &self,
        wanted: impl Fn(&Event) -> bool,
        sight: Sight,
        seq: i64,
    ) -> store::Result<(Vec<Told>, Option<i64>)> {
        let mut step = event_log::any_tenant_after(&self.engine.db, seq, STEP).await?;
        let read_to = step.last().map(|event| event.seq);
        step.retain(wanted);
        Ok((self.told(step, sight != Sight::All).await?, read_to))
    }

    async fn run(self, stop: CancellationToken) {
        let mut seq = None;
        while !stop.is_cancelled() {
            let nobody = self.live.receiver_count() == 0;
            // With nobody listening only the end of the log matters.
            let outcome = if nobody {
                self.skip(&mut seq).await
            } else {
                self.forward(&mut seq).await
            };
            if let Err(error) = outcome {
                tracing::warn!(error = %error, "the event log cannot be read");
            }
            tokio::select! {
                () = self.engine.wake.events.notified() => {}
                () = tokio::time::sleep(POLL) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    async fn skip(&self, seq: &mut Option<i64>) -> store::Result<()> {
        *seq = None;
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok(())
    }

    async fn forward(&self, seq: &mut Option<i64>) -> store::Result<()> {
        let mut after = match *seq {
            Some(seq) => seq,
            // The first listener came a moment ago: go back a little, it drops what it has had.
            None => (event_log::last(&self.engine.db).await? - STEP).max(0),
        };
        loop {
            let step = event_log::any_tenant_after(&self.engine.db, after, STEP).await?;
            let full = step.len() as i64 == STEP;
            let asked = self.narrowed.load(Ordering::Relaxed) > 0;
            for told in self.told(step, asked).await? {
                after = told.event.seq;
                self.live.send(Arc::new(told)).ok();
            }
            *seq = Some(after);
            if !full {
                return Ok(());
            }
        }
    }

    /// Looks up, where it is asked for, who has the conversations of these events: one statement for all.
    async fn told(&self, step: Vec<Event>, asked: bool) -> store::Result<Vec<Told>> {
        let unasked = |event| Told {
            event,
            about: About::Unasked,
        };
        if !asked {
            return Ok(step.into_iter().map(unasked).collect());
        }
        let mut told: Vec<_> = step
            .into_iter()
            .map(|event| Told {
                about: about(&event),
                event,
            })
            .collect();
        let mut ids: Vec<_> = told
            .iter()
            .filter_map(|told| match told.about {
                About::Conversation { id, .. } => Some(id),
                About::Unasked | About::Tenant | About::Unknown => None,
            })
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let held = conversations::any_tenant_holders(&self.engine.db, &ids).await?;
        let held: HashMap<_, _> = held
            .into_iter()
            .map(|row| (row.id, row.assigned_to.map(UserId)))
            .collect();
        for told in &mut told {
            if let About::Conversation { id, holder, .. } = &mut told.about {
                *holder = held.get(id).copied();
            }
        }
        Ok(told)
    }
}
