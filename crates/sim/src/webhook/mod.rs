//! Webhooks: what happened, put into Meta's envelope, signed, and delivered until somebody says 2xx.

pub(crate) mod body;
mod deliver;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::{Notify, oneshot};

pub(crate) use deliver::{omit, run};

use crate::sim::Shared;
use crate::timeline::Event;

/// How many errors are remembered.
const ERRORS: usize = 20;

/// One thing that happened, before it is put into an envelope.
pub(crate) struct Update {
    pub(crate) waba_id: String,
    pub(crate) phone_number_id: Option<String>,
    pub(crate) field: String,
    pub(crate) value: Value,
    /// Told to the app under this id, whatever it hears of the account: the partner's business, for what concerns the
    /// partnership itself.
    pub(crate) business_id: Option<String>,
    /// Told how the first attempt ended.
    pub(crate) first: Option<oneshot::Sender<FirstAttempt>>,
}

impl Update {
    /// An update of an account.
    pub(crate) fn of_account(waba_id: &str, field: &str, value: Value) -> Self {
        Self {
            waba_id: waba_id.to_owned(),
            phone_number_id: None,
            field: field.to_owned(),
            value,
            business_id: None,
            first: None,
        }
    }

    /// An `account_update` about the partnership with the app's business.
    pub(crate) fn of_partner(shared: &Shared, waba_id: &str, value: Value) -> Self {
        Self {
            business_id: Some(shared.config.business_id.clone()),
            ..Self::of_account(waba_id, "account_update", value)
        }
    }
}

/// A signed body on its way.
pub(crate) struct Delivery {
    pub(crate) body: Bytes,
    waba_id: String,
    phone_number_id: Option<String>,
    field: String,
    created_ms: u64,
    attempts: u32,
    epoch: u64,
    /// A repetition asked for by a fault is not repeated again.
    copy: bool,
    first: Vec<oneshot::Sender<FirstAttempt>>,
}

/// How a first attempt ended: the receiver's status, or why there was none.
#[derive(Debug, Clone)]
pub(crate) enum FirstAttempt {
    Answered(u16),
    Failed(String),
}

enum Item {
    Update(Box<Update>),
    Delivery(Box<Delivery>),
}

/// The queue and its counters.
#[derive(Default)]
pub(crate) struct Webhooks {
    queue: Mutex<VecDeque<Item>>,
    /// Rings when there may be something to deliver.
    pub(crate) bell: Notify,
    in_flight: AtomicUsize,
    delivered: AtomicU64,
    failed: AtomicU64,
    dropped: AtomicU64,
    unsubscribed: AtomicU64,
    taken: AtomicU64,
    epoch: AtomicU64,
    errors: Mutex<VecDeque<String>>,
}

impl Webhooks {
    fn queue(&self) -> MutexGuard<'_, VecDeque<Item>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, item: Item) {
        self.queue().push_back(item);
        self.bell.notify_one();
    }

    pub(crate) fn push_update(&self, update: Box<Update>) {
        self.push(Item::Update(update));
    }

    pub(crate) fn push_delivery(&self, delivery: Box<Delivery>) {
        self.push(Item::Delivery(delivery));
    }

    /// Queued and in flight; what waits for a retry is in the timeline.
    pub(crate) fn pending(&self) -> usize {
        let queue = self.queue();
        queue.len() + self.in_flight.load(Ordering::SeqCst)
    }

    pub(crate) fn reset(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.queue().clear();
        for counter in [
            &self.delivered,
            &self.failed,
            &self.dropped,
            &self.unsubscribed,
        ] {
            counter.store(0, Ordering::Relaxed);
        }
        self.errors
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    fn note_error(&self, error: String) {
        let mut errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        if errors.len() == ERRORS {
            errors.pop_front();
        }
        errors.push_back(error);
    }

    /// The numbers of `GET /_sim/webhooks`, `waiting` being those in the timeline and `coming_statuses`
    /// the steps that accepted messages have yet to take.
    pub(crate) fn report(&self, waiting: usize, coming_statuses: usize) -> Value {
        let errors: Vec<String> = {
            let errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
            errors.iter().cloned().collect()
        };
        json!({
            "queued": self.queue().len(),
            "in_flight": self.in_flight.load(Ordering::SeqCst),
            "waiting": waiting,
            "pending": self.pending() + waiting,
            "coming_statuses": coming_statuses,
            "delivered": self.delivered.load(Ordering::Relaxed),
            "failed_attempts": self.failed.load(Ordering::Relaxed),
            "dropped": self.dropped.load(Ordering::Relaxed),
            "unsubscribed": self.unsubscribed.load(Ordering::Relaxed),
            "last_errors": errors,
        })
    }
}

impl Shared {
    /// Something happened: its webhook joins the queue, if the app hears of such things.
    pub(crate) fn emit(&self, update: Update) {
        let hears = {
            let world = self.world();
            let subscribed = update.business_id.is_some()
                || world
                    .wabas
                    .get(&update.waba_id)
                    .is_some_and(|waba| waba.subscribed);
            let field = world
                .fields
                .as_ref()
                .is_none_or(|fields| fields.contains(&update.field));
            subscribed && field
        };
        if !hears {
            self.webhooks.unsubscribed.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let delay_ms = self.faults().webhook_delay_ms;
        if delay_ms == 0 {
            self.webhooks.push_update(Box::new(update));
        } else {
            let virtual_delay = (delay_ms as f64 * self.clock.speed()) as u64;
            self.timeline.schedule(
                self.clock.now_ms() + virtual_delay,
                Event::Enqueue(Box::new(update)),
            );
        }
    }

    /// A body that a test wrote, delivered as if it were Meta's; tells how the first attempt ended.
    pub(crate) fn deliver_raw(self: &Arc<Self>, body: Bytes) -> oneshot::Receiver<FirstAttempt> {
        let (sender, receiver) = oneshot::channel();
        let body = match std::str::from_utf8(&body) {
            Ok(text) if !text.is_ascii() => Bytes::from(crate::signature::ascii_escape(text)),
            _ => body,
        };
        self.webhooks.push_delivery(Box::new(Delivery {
            body,
            waba_id: String::new(),
            phone_number_id: None,
            field: String::new(),
            created_ms: self.clock.now_ms(),
            attempts: 0,
            epoch: self.webhooks.epoch.load(Ordering::SeqCst),
            copy: true,
            first: vec![sender],
        }));
        receiver
    }
}
