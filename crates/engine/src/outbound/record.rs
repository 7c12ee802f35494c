//! Outcomes of sends, written in batches. Until they are written they live in memory only; a crash
//! in between leaves sends of unknown outcome, which `settle` deals with.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use domain::status::{Failure, MessageStatus, Progress};
use domain::{MessageId, Timestamp};
use store::messages::Wamid;
use store::messages::progress::{self, ById};
use store::outbox::{Entry, Later};
use store::{Tx, early_statuses, event_log, message_events, outbox};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use super::dispatch::Outcome;
use super::steps::stayed;
use crate::Engine;
use crate::workers::careful;

/// Outcomes written in one transaction.
const BATCH: usize = 512;
/// Transactions do not follow each other faster, so that many outcomes share one: most of what one costs does not
/// depend on how many there are. The first after a pause is written at once, and so is a full batch.
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
        if queue.len() < BATCH {
            sleep_until(next).await;
        }
        next = Instant::now() + GAP;
        let mut batch = vec![first];
        while batch.len() < BATCH {
            let Ok(next) = queue.try_recv() else { break };
            batch.push(next);
        }
        while let Err(error) = careful(write(&engine, &batch)).await {
            tracing::error!(error = %error, sends = batch.len(), "outcomes of sends could not be recorded; trying again");
            sleep(Duration::from_millis(500)).await;
        }
        engine.wake.events.notify_waiters();
    }
}

/// What a batch of outcomes makes of the database's rows.
#[derive(Default)]
struct Sorted<'a> {
    /// Leave the outbox.
    done: Vec<MessageId>,
    /// Stay in it.
    later: Vec<Later>,
    /// What the messages' ways have of those that were tried.
    steps: Vec<message_events::New>,
    /// What it says about the messages themselves.
    reports: Vec<(&'a Entry, Option<&'a str>, Progress)>,
}

impl<'a> Sorted<'a> {
    fn of(batch: &'a [(Entry, Outcome)], settle: Duration, now: Timestamp) -> Self {
        let mut sorted = Self::default();
        for (entry, outcome) in batch {
            sorted.add(entry, outcome, settle, now);
        }
        sorted
    }

    fn add(&mut self, entry: &'a Entry, outcome: &'a Outcome, settle: Duration, now: Timestamp) {
        match outcome {
            Outcome::Accepted { wamid } => {
                self.done.push(entry.id);
                let taken = Progress::report(MessageStatus::Accepted, now, None);
                self.reports.push((entry, Some(wamid), taken));
            }
            Outcome::Failed(failure) => {
                self.done.push(entry.id);
                self.reports
                    .push((entry, None, failed(failure.clone(), now)));
            }
            Outcome::Later {
                at,
                why,
                tries,
                hold,
            } => {
                let later = Later {
                    tries: *tries,
                    id: entry.id.hex(),
                    state: "held",
                    hold: Some(hold.as_str()),
                    hold_until: at.map(Timestamp::micros),
                    settle_at: None,
                    doubts: 0,
                    last_error: Some(why.clone()),
                };
                self.steps.push(stayed(entry, &later, now));
                self.later.push(later);
            }
            Outcome::Back { why } => self.later.push(Later {
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
                let later = doubt(entry, now.plus(settle), why);
                self.steps.push(stayed(entry, &later, now));
                self.later.push(later);
                let unknown = Progress::report(MessageStatus::Uncertain, now, None);
                self.reports.push((entry, None, unknown));
            }
        }
    }
}

pub(super) async fn write(engine: &Engine, batch: &[(Entry, Outcome)]) -> store::Result<()> {
    let now = engine.clock.now();
    let mut sorted = Sorted::of(batch, engine.outbound.settle, now);
    let mut tx = engine.db.begin().await?;
    // In the order in which whoever takes messages back does it: the queue, the messages, and last the events, which
    // all writers of PostgreSQL append one after the other.
    outbox::any_tenant_done(&mut tx, sorted.done).await?;
    outbox::any_tenant_later(&mut tx, &sorted.later).await?;
    let known = report(&mut tx, &sorted.reports, now).await?;
    // What the answer should have told, a status had told already: there is no doubt.
    let known: HashSet<_> = known.iter().map(|id| id.hex()).collect();
    sorted.steps.retain(|step| !known.contains(&step.id));
    message_events::any_tenant_add(&mut tx, &sorted.steps).await?;
    tx.commit().await?;
    for (_, outcome) in batch {
        metrics::counter!("trunkline_sends_total", "outcome" => outcome.word()).increment(1);
    }
    Ok(())
}

impl Outcome {
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

/// Merges reports into the messages, with the statuses that came before the wamid was known. Gives those of which a
/// status had told more than their report does.
pub(super) async fn report(
    tx: &mut Tx,
    reports: &[(&Entry, Option<&str>, Progress)],
    now: Timestamp,
) -> store::Result<Vec<MessageId>> {
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
    let (mut events, mut known) = (Vec::new(), Vec::new());
    for message in &mut on_file {
        let (_, wamid, report) = &reports[message.n];
        let mut is_news = message.progress.merge(report);
        if let Some(progress) = early.get(&message.n) {
            is_news |= message.progress.merge(progress);
        }
        let is_passed = message.progress.status != report.status;
        if !is_news && is_passed {
            known.push(message.id);
        }
        if !is_news && (is_passed || wamid.is_some()) {
            continue;
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
    event_log::append(tx, &events).await?;
    Ok(known)
}

#[cfg(test)]
mod tests {
    use domain::TenantId;
    use store::outbox::look::Hold;
    use uuid::Uuid;

    use super::*;

    fn entry(id: u128) -> Entry {
        Entry {
            id: MessageId(Uuid::from_u128(id)),
            tenant_id: TenantId(Uuid::from_u128(id)),
            phone_number_id: "1".to_owned(),
            recipient: "Ana".to_owned(),
            lane: 1,
            body: String::new(),
            template: None,
            endpoint: None,
            batch: None,
            rests: false,
            send_before: None,
            attempts: 0,
            doubts: 0,
            hold_until: None,
            created_at: Timestamp(0),
            last_inbound_at: None,
        }
    }

    fn held(why: &str) -> Outcome {
        Outcome::Later {
            at: None,
            why: why.to_owned(),
            tries: 0,
            hold: Hold::SlowDown,
        }
    }

    #[test]
    fn each_step_is_of_the_message_that_took_it() {
        let unknown = Outcome::Unknown {
            why: "no answer".to_owned(),
        };
        let batch = [
            (entry(1), Outcome::Back { why: None }),
            (entry(2), held("too fast")),
            (entry(3), Outcome::Back { why: None }),
            (entry(4), unknown),
            (entry(5), held("much too fast")),
        ];
        let sorted = Sorted::of(&batch, Duration::from_secs(60), Timestamp(7));
        let told: Vec<_> = sorted
            .steps
            .iter()
            .map(|step| (step.id.clone(), step.kind, step.detail.as_deref()))
            .collect();
        let of = |id: u128| MessageId(Uuid::from_u128(id)).hex();
        assert_eq!(
            told,
            [
                (of(2), "held", Some("too fast")),
                (of(4), "uncertain", Some("no answer")),
                (of(5), "held", Some("much too fast")),
            ]
        );
    }
}
