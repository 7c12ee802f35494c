//! Recording what is to be sent: message, conversation, outbox entry, idempotency key and event, in
//! one transaction. Requests that come together are recorded together.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::identity::Person;
use domain::{ConversationId, MessageId, Sight, TenantId, Timestamp, UserId, window};
use sha2::{Digest as _, Sha256};
use store::idempotency::{self, Key};
use store::{conversations, event_log, messages, numbers, outbox};
use tokio::sync::{mpsc, oneshot};

use super::draft::Draft;
use super::request::{Checked, Refused, Request, check, invalid};
use crate::Engine;
use crate::inbound::{Mention, People};
use crate::templates::Templates;
use crate::workers::careful;

/// What was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enqueued {
    /// The message.
    pub message: MessageId,
    /// An earlier request with the same `Idempotency-Key` had recorded it.
    pub repeated: bool,
    /// The conversation it stands in; unknown for a repeated one.
    pub conversation: Option<ConversationId>,
}

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum NotEnqueued {
    /// The request is wrong.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The key was used for another request.
    #[error(
        "this Idempotency-Key was used for a different message; use a new key for a new message"
    )]
    KeyReused,
    /// The database did not take it. Asking again with the same key is safe.
    #[error("the message could not be recorded; try again with the same Idempotency-Key")]
    NotDurable,
}

/// A request that can be recorded, with the key under which it is recorded once.
pub(crate) struct Wanted {
    pub(crate) checked: Checked,
    pub(crate) key: Option<(String, [u8; 32])>,
}

struct Job {
    wanted: Wanted,
    answer: oneshot::Sender<Result<Enqueued, NotEnqueued>>,
}

/// Records requests in batches. Cloning shares the queue.
#[derive(Clone)]
pub struct Enqueuer {
    engine: Engine,
    templates: Arc<Templates>,
    queue: mpsc::Sender<Job>,
}

/// How often a batch that conflicts with somebody else's writing is tried again.
const PATIENT_ROUNDS: u64 = 8;
/// How long a request waits for what was received before it.
const CATCHING_UP: Duration = Duration::from_secs(2);
/// Requests recorded in one transaction.
const BATCH: usize = 256;

impl Enqueuer {
    /// Starts the recorder.
    pub fn start(engine: &Engine) -> Self {
        let (queue, jobs) = mpsc::channel(1_024);
        tokio::spawn(run(engine.clone(), jobs));
        Self {
            engine: engine.clone(),
            templates: Arc::default(),
            queue,
        }
    }

    /// Checks a request and records it; durable when this returns.
    ///
    /// # Errors
    /// When the request is wrong or the database refuses; then nothing was recorded.
    pub async fn send(&self, tenant: TenantId, request: Request) -> Result<Enqueued, NotEnqueued> {
        let key = match request.idempotency_key.clone() {
            Some(key) if key.is_empty() || key.len() > 255 => {
                return Err(invalid("Idempotency-Key", "must have 1 to 255 characters").into());
            }
            Some(key) => Some((key, fingerprint(&request.body))),
            None => None,
        };
        if let Some((key, fingerprint)) = &key {
            // Before the checks: what was recorded stays recorded, whatever has changed since.
            if let Some(known) = idempotency::find(&self.engine.db, tenant, key)
                .await
                .map_err(Refused::from)?
            {
                return repeated(known.message_id, known.fingerprint[..] == fingerprint[..]);
            }
        }
        let (engine, templates) = (&self.engine, &self.templates);
        let checked = check(engine, templates, tenant, request).await?;
        // What was received before this request may open the window and still wait to be projected.
        let waiting = checked.needs_window && engine.wake.backlog() > 0;
        let again = waiting.then(|| (checked.clone(), key.clone()));
        let number = checked.needs_window.then(|| checked.number.clone());
        let mut outcome = self.record(checked, key).await;
        if let (true, Some((mut checked, key))) = (is_closed(&outcome), again) {
            checked.needs_window = engine.wake.caught_up(CATCHING_UP).await;
            outcome = self.record(checked, key).await;
        }
        match (outcome, number) {
            (Err(NotEnqueued::Refused(Refused::WindowClosed { closed_at, .. })), Some(number)) => {
                let number = numbers::any_tenant_get(&engine.db, &number)
                    .await
                    .map_err(Refused::from)?;
                let templates = match number {
                    Some(number) => templates
                        .offers(engine, tenant, &number)
                        .await
                        .map_err(Refused::from)?,
                    None => Vec::new(),
                };
                Err(Refused::WindowClosed {
                    closed_at,
                    templates,
                }
                .into())
            }
            (outcome, _) => outcome,
        }
    }

    /// The templates that requests are held against.
    pub fn templates(&self) -> Arc<Templates> {
        self.templates.clone()
    }

    async fn record(
        &self,
        checked: Checked,
        key: Option<(String, [u8; 32])>,
    ) -> Result<Enqueued, NotEnqueued> {
        let (answer, done) = oneshot::channel();
        self.queue
            .send(Job {
                wanted: Wanted { checked, key },
                answer,
            })
            .await
            .map_err(|_| NotEnqueued::NotDurable)?;
        done.await.unwrap_or(Err(NotEnqueued::NotDurable))
    }
}

fn is_closed(outcome: &Result<Enqueued, NotEnqueued>) -> bool {
    matches!(
        outcome,
        Err(NotEnqueued::Refused(Refused::WindowClosed { .. }))
    )
}

fn fingerprint(body: &serde_json::Map<String, serde_json::Value>) -> [u8; 32] {
    Sha256::digest(serde_json::to_vec(body).unwrap_or_default()).into()
}

async fn run(engine: Engine, mut jobs: mpsc::Receiver<Job>) {
    while let Some(first) = jobs.recv().await {
        let mut batch = vec![first];
        while batch.len() < BATCH {
            let Ok(next) = jobs.try_recv() else { break };
            batch.push(next);
        }
        let mut outcome = careful(record(&engine, &batch)).await;
        for round in 1..=PATIENT_ROUNDS {
            if !outcome.as_ref().is_err_and(store::DbError::is_passing) {
                break;
            }
            // Somebody recorded the same key or made the same contact first; once they have committed it is found.
            tokio::time::sleep(Duration::from_millis(10 * round)).await;
            outcome = careful(record(&engine, &batch)).await;
        }
        match outcome {
            Ok(results) => {
                engine.wake.sender.notify_one();
                engine.wake.events.notify_waiters();
                for (job, result) in batch.into_iter().zip(results) {
                    job.answer.send(result).ok();
                }
            }
            Err(error) => {
                tracing::error!(error = %error, messages = batch.len(), "messages could not be recorded");
                for job in batch {
                    job.answer.send(Err(NotEnqueued::NotDurable)).ok();
                }
            }
        }
    }
}

async fn record(
    engine: &Engine,
    batch: &[Job],
) -> store::Result<Vec<Result<Enqueued, NotEnqueued>>> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let wanted: Vec<&Wanted> = batch.iter().map(|job| &job.wanted).collect();
    let (results, events) = record_in(&mut tx, &wanted, now).await?;
    event_log::append(&mut tx, &events).await?;
    tx.commit().await?;
    Ok(results)
}

/// What became of each request, in their order, and what the event log is to say about those that were recorded.
pub(crate) type Recorded = (Vec<Result<Enqueued, NotEnqueued>>, Vec<event_log::New>);

/// Records requests inside a transaction, which appends the events at its end.
pub(crate) async fn record_in(
    tx: &mut store::Tx,
    batch: &[&Wanted],
    now: Timestamp,
) -> store::Result<Recorded> {
    let mut results: Vec<Option<Result<Enqueued, NotEnqueued>>> =
        known_keys(tx, batch, now).await?;
    let new: Vec<usize> = (0..batch.len()).filter(|n| results[*n].is_none()).collect();
    let mut people = People::load(tx, new.iter().map(|n| mention(&batch[*n].checked))).await?;
    let mut holders = holders(tx, &people, new.iter().map(|n| &batch[*n].checked)).await?;
    let mut keys: Vec<Key> = Vec::new();
    let mut in_batch: HashMap<(TenantId, &str), (MessageId, [u8; 32])> = HashMap::new();
    let mut drafts = Vec::new();
    for n in new {
        let job = batch[n];
        if let Some((key, fingerprint)) = &job.key
            && let Some((message, first)) = in_batch.get(&(job.checked.tenant, key.as_str()))
        {
            results[n] = Some(repeated(*message, first == fingerprint));
            continue;
        }
        let Checked {
            tenant,
            number,
            person: _,
            message,
            lane,
            origin,
            author,
            terms,
            needs_window,
            sight,
        } = &job.checked;
        let mut mention = mention(&job.checked);
        let known = people.known(&mention);
        let holder = sight.narrowed_to();
        let begun = known.talk.map(|talk| talk.id);
        if begun.is_some_and(|id| !sight.sees(holders.get(&id).copied().flatten())) {
            results[n] = Some(Err(Refused::Colleagues.into()));
            continue;
        }
        let last_inbound_at = known.talk.and_then(|talk| talk.last_inbound_at);
        if *needs_window && !window::is_open(last_inbound_at, terms.send_at.unwrap_or(now)) {
            results[n] = Some(Err(Refused::WindowClosed {
                closed_at: window::closes_at(last_inbound_at),
                templates: Vec::new(),
            }
            .into()));
            continue;
        }
        // A name that another system has for somebody does not replace the one of their profile.
        let nameless = (known.is_named && mention.person.profile_name.is_some()).then(|| Person {
            profile_name: None,
            ..mention.person.clone()
        });
        if let Some(person) = &nameless {
            mention.person = person;
        }
        let mut message = message.clone();
        // The form in which WhatsApp knows a person whose number can be written in two.
        if let (Some(person), Some(_)) = (&known.as_on_file, &message.to) {
            mention.person = person;
            message.to = person.phone().map(|phone| format!("+{phone}"));
        }
        // Who sees only their own begins conversations of their own.
        let talk = people.talk_of(&mention, holder, now);
        if begun.is_none() {
            holders.insert(talk.id, holder);
        }
        let draft = Draft::new(*tenant, number, talk, message, *lane, *origin, now);
        let Some(mut draft) = draft else {
            results[n] = Some(Err(NotEnqueued::NotDurable));
            continue;
        };
        draft.author = *author;
        draft.terms = terms.clone();
        if let Some((key, fingerprint)) = &job.key {
            in_batch.insert((*tenant, key), (draft.id, *fingerprint));
            keys.push(Key {
                n,
                tenant: tenant.hex(),
                key: key.clone(),
                fingerprint: hex::encode(fingerprint),
                message: draft.id.hex(),
                at: now.0,
            });
        }
        results[n] = Some(Ok(Enqueued {
            message: draft.id,
            repeated: false,
            conversation: Some(talk.id),
        }));
        drafts.push(draft);
    }
    people.write(tx, now).await?;
    write(tx, &drafts, now).await?;
    idempotency::any_tenant_keep(tx, &keys).await?;
    let events: Vec<_> = drafts
        .iter()
        .map(|draft| event_log::of(draft.tenant, "message.queued", draft.event_data(), now))
        .collect();
    let results = results.into_iter();
    let results = results.map(|result| result.unwrap_or(Err(NotEnqueued::NotDurable)));
    Ok((results.collect(), events))
}

/// Who has the conversations into which those write who see only their own.
async fn holders(
    tx: &mut store::Tx,
    people: &People,
    wanted: impl Iterator<Item = &Checked>,
) -> store::Result<HashMap<ConversationId, Option<UserId>>> {
    let known: Vec<_> = wanted
        .filter(|checked| checked.sight != Sight::All)
        .filter_map(|checked| people.known_talk(&mention(checked)))
        .collect();
    let held = conversations::any_tenant_holders_in(tx, &known).await?;
    let held = held.into_iter();
    Ok(held
        .map(|row| (row.id, row.assigned_to.map(UserId)))
        .collect())
}

/// Writes drafts: messages, outbox entries, and what they change in their conversations.
async fn write(tx: &mut store::Tx, drafts: &[Draft], now: Timestamp) -> store::Result<()> {
    let rows: Vec<_> = drafts.iter().map(Draft::message_row).collect();
    messages::any_tenant_add(tx, &rows).await?;
    let sends: Vec<_> = drafts.iter().map(Draft::outbox_row).collect();
    outbox::any_tenant_add(tx, &sends).await?;
    let files: Vec<_> = drafts.iter().filter_map(Draft::file).collect();
    store::media::of_messages::any_tenant_sent(tx, &files).await?;
    // The last draft of each conversation is its last message.
    let mut touches: HashMap<ConversationId, conversations::Touch> = HashMap::new();
    for draft in drafts {
        touches.insert(
            draft.talk.id,
            conversations::Touch {
                id: draft.talk.id.hex(),
                unread: 0,
                message: draft.id.hex(),
                preview: draft.preview.clone(),
                direction: "outbound",
                at: now.0,
                inbound_at: None,
                referral_at: None,
                // What leaves later answers nobody now.
                answered_at: draft.terms.send_at.is_none().then_some(draft.at.0),
            },
        );
    }
    let touches: Vec<_> = touches.into_values().collect();
    conversations::any_tenant_touch(tx, &touches).await
}

async fn known_keys(
    tx: &mut store::Tx,
    batch: &[&Wanted],
    now: Timestamp,
) -> store::Result<Vec<Option<Result<Enqueued, NotEnqueued>>>> {
    let mut results: Vec<Option<Result<Enqueued, NotEnqueued>>> =
        batch.iter().map(|_| None).collect();
    let wanted: Vec<_> = batch
        .iter()
        .enumerate()
        .filter_map(|(n, job)| {
            let (key, _) = job.key.as_ref()?;
            let tenant = job.checked.tenant.hex();
            Some(Key {
                n,
                tenant,
                key: key.clone(),
                fingerprint: String::new(),
                message: String::new(),
                at: now.0,
            })
        })
        .collect();
    for known in idempotency::any_tenant_find(tx, &wanted).await? {
        let Some(n) = usize::try_from(known.n).ok().filter(|n| *n < batch.len()) else {
            continue;
        };
        let same = batch[n]
            .key
            .as_ref()
            .is_some_and(|(_, fingerprint)| fingerprint[..] == known.fingerprint[..]);
        results[n] = Some(repeated(known.message_id, same));
    }
    Ok(results)
}

fn repeated(message: MessageId, same_request: bool) -> Result<Enqueued, NotEnqueued> {
    if same_request {
        Ok(Enqueued {
            message,
            repeated: true,
            conversation: None,
        })
    } else {
        Err(NotEnqueued::KeyReused)
    }
}

fn mention(checked: &Checked) -> Mention<'_> {
    Mention {
        tenant: checked.tenant,
        number: &checked.number,
        person: &checked.person,
        moved_to: None,
    }
}
