//! The event log as live streams: one reader of the table, many listeners.

use std::sync::Arc;
use std::time::Duration;

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
    live: broadcast::Sender<Arc<Event>>,
}

/// What a listener gets.
#[derive(Debug)]
pub enum Next {
    /// An event.
    Event(Arc<Event>),
    /// Too slow: ask again from the last event had.
    Lagged,
    /// The program ends.
    Closed,
}

/// A listener, from the moment of its making.
#[derive(Debug)]
pub struct Listener(broadcast::Receiver<Arc<Event>>);

impl Listener {
    /// The next event of any tenant.
    pub async fn next(&mut self) -> Next {
        match self.0.recv().await {
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
        };
        tokio::spawn(events.clone().run(stop));
        events
    }

    /// Listens from now on. To miss nothing, listen first and read [`Events::since`] afterwards.
    pub fn listen(&self) -> Listener {
        Listener(self.live.subscribe())
    }

    /// How many listen now.
    pub fn listeners(&self) -> usize {
        self.live.receiver_count()
    }

    /// The wanted events among the next ones after a sequence number, and how far the log was read;
    /// `None` for the latter at its end.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn since(
        &self,
        wanted: impl Fn(&Event) -> bool,
        seq: i64,
    ) -> store::Result<(Vec<Event>, Option<i64>)> {
        let mut step = event_log::any_tenant_after(&self.engine.db, seq, STEP).await?;
        let read_to = step.last().map(|event| event.seq);
        step.retain(wanted);
        Ok((step, read_to))
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
            for event in step {
                after = event.seq;
                self.live.send(Arc::new(event)).ok();
            }
            *seq = Some(after);
            if !full {
                return Ok(());
            }
        }
    }
}
