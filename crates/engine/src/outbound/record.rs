//! Outcomes of sends, written in batches. Until they are written they live in memory only; a crash
//! in between leaves sends of unknown outcome, which `settle` deals with.

use std::collections::HashMap;
use std::time::Duration;

use domain::Timestamp;
use domain::status::{Failure, MessageStatus, Progress};
use store::messages::Wamid;
use store::messages::progress::{self, ById};
use store::outbox::{Entry, Later};
use store::{Tx, early_statuses, event_log, message_events, outbox};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use super::dispatch::Outcome;
use super::steps::stayed;
use crate::Engine;

/// Outcomes written in one transaction.
const BATCH: usize = 512;
/// Transactions do not follow each other faster, so that many outcomes share one: most of what one costs does not
/// depend on how many there are. The first after a pause is written at once.
const GAP: Duration = Duration::from_millis(50);

pub(super) type Outcomes = mpsc::Sender<(Entry, Outcome)>;

/// Starts the recorder; it ends when every sender of outcomes is gone.
pub(super) fn start(engine: &Engine) -> (Outcomes, tokio::task::JoinHandle<()>) {
    let (outcomes, queue) = mpsc::channel(4_096);
    (outcomes, tokio::spawn(run(engine.clone(), queue)))
}

async fn run(engine: Engine, mut queue: mpsc::Receiver<(Entry, Outcome)>) {
    let mut next = Instant::now();
    while let Some(first) = queue.recv().await {
        sleep_until(next).await;
        next = Instant::now() + GAP;
        let mut batch = vec![first];
        while batch.len() < BATCH {
            let Ok(next) = queue.try_recv() else { break };
            batch.push(next);
        }
        while let Err(error) = write(&engine, &batch).await {
            tracing::error!(error = %error, sends = batch.len(), "outcomes of sends could not be recorded; trying again");
            sleep(Duration::from_millis(500)).await;
        }
        engine.wake.events.notify_waiters();
    }
}

pub(super) async fn write(engine: &Engine, batch: &[(Entry, Outcome)]) -> store::Result<()> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let mut reports: Vec<(&Entry, Option<&str>, Progress)> = Vec::new();
    let (mut done, mut later) = (Vec::new(), Vec::new());
    for (entry, outcome) in batch {
        match outcome {
            Outcome::Accepted { wamid } => {
                done.push(entry.id);
                reports.push((
                    entry,
                    Some(wamid),
                    Progress::report(MessageStatus::Accepted, now, None),
                ));
            }
            Outcome::Failed(failure) => {
                done.push(entry.id);
                reports.push((entry, None, failed(failure.clone(), now)));
            }
            Outcome::Later {
                at,
                why,
                tries,
                hold,
            } => later.push(Later {
                tries: *tries,
                id: entry.id.hex(),
                state: "held",
                hold: Some(hold.as_str()),
                hold_until: at.map(Timestamp::micros),
                settle_at: None,
                doubts: 0,
                last_error: Some(why.clone()),
            }),
            Outcome::Back { why } => later.push(Later {
                tries: 0,
                id: entry.id.hex(),
                state: "queued",
                hold: None,
                hold_until: None,
                settle_at: None,
                doubts: 0,
                last_error: why.clone(),
            }),
            Outcome::Unknown { why } => {
                later.push(doubt(entry, now.plus(engine.outbound.settle), why));
                reports.push((
                    entry,
                    None,
                    Progress::report(MessageStatus::Uncertain, now, None),
                ));
            }
        }
    }
    let steps: Vec<_> = batch
        .iter()
        .filter(|(_, outcome)| outcome.stays())
        .zip(&later)
        .map(|((entry, _), later)| stayed(entry, later, now))
        .collect();
    // In the order in which whoever takes messages back does it: the queue, the messages, and last the events, which
    // all writers of PostgreSQL append one after the other.
    message_events::any_tenant_add(&mut tx, &steps).await?;
    outbox::any_tenant_done(&mut tx, done).await?;
    outbox::any_tenant_later(&mut tx, &later).await?;
    report(&mut tx, &reports, now).await?;
    tx.commit().await?;
    for (_, outcome) in batch {
        metrics::counter!("trunkline_sends_total", "outcome" => outcome.word()).increment(1);
    }
    Ok(())
}

impl Outcome {
    /// Whether the send stays in the outbox.
    const fn stays(&self) -> bool {
        matches!(self, Self::Later { .. } | Self::Unknown { .. })
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::Failed(_) => "failed",
            Self::Later { .. } => "later",
            Self::Back { .. } => "back",
            Self::Unknown { .. } => "uncertain",
        }
    }
}

/// The outbox row of a send whose outcome is unknown.
pub(super) fn doubt(entry: &Entry, settle_at: Timestamp, why: &str) -> Later {
    Later {
        id: entry.id.hex(),
        state: "uncertain",
        hold: None,
        hold_until: None,
        settle_at: Some(settle_at.0),
        doubts: 1,
        tries: 0,
        last_error: Some(why.to_owned()),
    }
}

pub(super) fn failed(failure: Failure, now: Timestamp) -> Progress {
    Progress::report(MessageStatus::Failed, now, Some(failure))
}

/// Merges reports into the messages, with the statuses that came before the wamid was known.
pub(super) async fn report(
    tx: &mut Tx,
    reports: &[(&Entry, Option<&str>, Progress)],
    now: Timestamp,
) -> store::Result<()> {
    let wanted: Vec<_> = reports
        .iter()
        .enumerate()
        .map(|(n, (entry, _, _))| ById {
            n,
            id: entry.id.hex(),
            number: &entry.phone_number_id,
        })
        .collect();
    let wamids: Vec<_> = reports
        .iter()
        .enumerate()
        .filter_map(|(n, (entry, wamid, _))| {
            wamid.map(|wamid| Wamid {
                n,
                number: &entry.phone_number_id,
                wamid,
            })
        })
        .collect();
    let mut on_file = progress::any_tenant_by_id(tx, &wanted).await?;
    let early: HashMap<usize, Progress> = early_statuses::any_tenant_find(tx, &wamids)
        .await?
        .into_iter()
        .collect();
    let mut events = Vec::new();
    for message in &mut on_file {
        message.progress.merge(&reports[message.n].2);
        if let Some(progress) = early.get(&message.n) {
            message.progress.merge(progress);
        }
        let status = message.progress.status.map_or("", MessageStatus::as_str);
        let conversation = domain::ConversationId(message.conversation_id);
        let data = format!(
            r#"{{"message_id":"{}","conversation_id":"{conversation}","status":"{status}"}}"#,
            message.id
        );
        events.push(event_log::of(
            message.tenant_id,
            "message.status",
            data,
            now,
        ));
    }
    progress::any_tenant_write(
        tx,
        on_file
            .iter()
            .map(|message| (message.id, reports[message.n].1, &message.progress)),
        now,
    )
    .await?;
    let applied: Vec<_> = wamids
        .into_iter()
        .filter(|wamid| early.contains_key(&wamid.n))
        .collect();
    early_statuses::any_tenant_forget(tx, &applied).await?;
    event_log::append(tx, &events).await
}
