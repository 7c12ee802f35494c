//! Reported events become durable, many in one transaction. An event is known by the other system's id: reporting it
//! again gives the first one, and another content under the same id is refused.

use std::collections::HashMap;
use std::time::Duration;

use domain::notification::Posted;
use domain::{EventId, EventSourceId, TenantId, Timestamp};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use store::{event_log, events};
use tokio::sync::{mpsc, oneshot};

use super::changed;
use crate::Engine;
use crate::workers::careful;

/// Requests that are recorded in one transaction, and how many events they may have together.
const BATCH: usize = 256;
const EVENTS: usize = 2_048;
/// How often a batch that conflicts with somebody else's writing is tried again.
const PATIENT_ROUNDS: u64 = 8;

/// What became of a reported event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Its id here.
    pub id: EventId,
    /// The other system's id.
    pub event_id: String,
    /// It had been reported before.
    pub repeated: bool,
}

/// Why nothing of a request was kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAccepted {
    /// The id stands for another content.
    #[error("the event {0:?} was reported before with another content; a new event needs a new id")]
    Differs(String),
    /// The database did not take it. Asking again is safe.
    #[error("the event could not be recorded; report it again")]
    NotDurable,
}

struct Given {
    posted: Posted,
    digest: [u8; 32],
}

struct Job {
    tenant: TenantId,
    source: Option<EventSourceId>,
    events: Vec<Given>,
    answer: oneshot::Sender<Outcome>,
}

type Outcome = Result<Vec<Accepted>, NotAccepted>;

/// The way in for events. Cloning shares the queue.
#[derive(Clone)]
pub struct EventIntake {
    queue: mpsc::Sender<Job>,
}

impl EventIntake {
    /// Starts the recorder.
    pub fn start(engine: &Engine) -> Self {
        let (queue, jobs) = mpsc::channel(1_024);
        let engine = engine.clone();
        tokio::spawn(async move {
            let recorder = engine.clone();
            crate::own_thread::run(&engine.db, "events", || run(recorder, jobs)).await;
        });
        Self { queue }
    }

    /// Keeps events; all of them are durable when this returns, or none is.
    ///
    /// # Errors
    /// When an id stands for another content, or the database refuses.
    pub async fn accept(
        &self,
        tenant: TenantId,
        source: Option<EventSourceId>,
        events: Vec<Posted>,
    ) -> Outcome {
        let events = events.into_iter().map(|posted| {
            let digest = Sha256::digest(posted.canonical()).into();
            Given { posted, digest }
        });
        let (answer, done) = oneshot::channel();
        let job = Job {
            tenant,
            source,
            events: events.collect(),
            answer,
        };
        self.queue
            .send(job)
            .await
            .map_err(|_| NotAccepted::NotDurable)?;
        done.await.unwrap_or(Err(NotAccepted::NotDurable))
    }
}

async fn run(engine: Engine, mut jobs: mpsc::Receiver<Job>) {
    while let Some(first) = jobs.recv().await {
        let mut events = first.events.len();
        let mut batch = vec![first];
        while batch.len() < BATCH && events < EVENTS {
            let Ok(next) = jobs.try_recv() else { break };
            events += next.events.len();
            batch.push(next);
        }
        let mut outcome = careful(record(&engine, &batch)).await;
        for round in 1..=PATIENT_ROUNDS {
            if !outcome.as_ref().is_err_and(store::DbError::is_passing) {
                break;
            }
            // Another process recorded one of the ids first; once it has committed it is found.
            tokio::time::sleep(Duration::from_millis(10 * round)).await;
            outcome = careful(record(&engine, &batch)).await;
        }
        match outcome {
            Ok(outcomes) => {
                engine.wake.notify.notify_one();
                engine.wake.events.notify_waiters();
                for (job, outcome) in batch.into_iter().zip(outcomes) {
                    count(&outcome);
                    job.answer.send(outcome).ok();
                }
            }
            Err(error) => {
                tracing::error!(error = %error, events, "events could not be recorded");
                for job in batch {
                    job.answer.send(Err(NotAccepted::NotDurable)).ok();
                }
            }
        }
    }
}

fn count(outcome: &Outcome) {
    let all = |word: &'static str, n: usize| {
        metrics::counter!("trunkline_events_total", "outcome" => word).increment(n as u64);
    };
    match outcome {
        Ok(accepted) => {
            let repeated = accepted.iter().filter(|one| one.repeated).count();
            all("accepted", accepted.len() - repeated);
            all("repeated", repeated);
        }
        Err(_) => all("refused", 1),
    }
}

async fn record(engine: &Engine, batch: &[Job]) -> store::Result<Vec<Outcome>> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let all: Vec<(TenantId, &Given)> = batch
        .iter()
        .flat_map(|job| job.events.iter().map(|given| (job.tenant, given)))
        .collect();
    let lookups: Vec<_> = all
        .iter()
        .enumerate()
        .map(|(n, (tenant, given))| events::Lookup {
            n,
            tenant: tenant.hex(),
            event: &given.posted.id,
        })
        .collect();
    let mut known: HashMap<(TenantId, &str), (EventId, [u8; 32])> = HashMap::new();
    for found in events::any_tenant_find(&mut tx, &lookups).await? {
        let place = usize::try_from(found.n).ok().and_then(|n| all.get(n));
        if let (Some((tenant, given)), Ok(digest)) = (place, found.digest.try_into()) {
            known.insert((*tenant, given.posted.id.as_str()), (found.id, digest));
        }
    }
    let (mut rows, mut told) = (Vec::new(), Vec::new());
    let outcomes = batch.iter().map(|job| {
        // A request is kept whole or not at all.
        let mut own: HashMap<&str, [u8; 32]> = HashMap::new();
        for given in &job.events {
            let id = given.posted.id.as_str();
            let before = known
                .get(&(job.tenant, id))
                .map(|(_, digest)| *digest)
                .or_else(|| own.get(id).copied());
            if before.is_some_and(|before| before != given.digest) {
                return Err(NotAccepted::Differs(id.to_owned()));
            }
            own.insert(id, given.digest);
        }
        Ok(job
            .events
            .iter()
            .map(|given| {
                let event_id = given.posted.id.clone();
                let key = (job.tenant, given.posted.id.as_str());
                if let Some((id, _)) = known.get(&key) {
                    return Accepted {
                        id: *id,
                        event_id,
                        repeated: true,
                    };
                }
                let id = EventId::new(now);
                known.insert(key, (id, given.digest));
                rows.push(row(id, job, given, now));
                told.push(changed(job.tenant, id, "waiting", now));
                Accepted {
                    id,
                    event_id,
                    repeated: false,
                }
            })
            .collect())
    });
    let outcomes: Vec<Outcome> = outcomes.collect();
    events::any_tenant_add(&mut tx, &rows).await?;
    event_log::append(&mut tx, &told).await?;
    tx.commit().await?;
    Ok(outcomes)
}

fn row(id: EventId, job: &Job, given: &Given, now: Timestamp) -> events::New {
    let posted = &given.posted;
    events::New {
        id: id.hex(),
        tenant: job.tenant.hex(),
        event: posted.id.clone(),
        kind: posted.kind.as_str().to_owned(),
        data: Value::Object(posted.data.clone()).to_string(),
        digest: hex::encode(given.digest),
        occurred_at: posted.occurred_at.map(Timestamp::micros),
        source: job.source.map(EventSourceId::hex),
        at: now.0,
    }
}
