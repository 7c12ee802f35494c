//! The product at work. The listing is the pipeline: `inbound` takes what Meta posts and projects it,
//! `outbound` sends what people, systems and automation ask for, `shared_account` gives numbers to
//! tenants, `inbox` is what people do with conversations, `notify` makes messages of other
//! systems' events, `events` tells everybody what happened.

mod config;
pub mod events;
pub mod global_templates;
pub mod health;
pub mod housekeeping;
pub mod inbound;
pub mod inbox;
pub mod jobs;
pub mod keys;
pub mod mail;
pub mod media;
pub mod notify;
pub mod onboarding;
pub mod outbound;
mod own_thread;
pub mod people;
pub mod platform;
pub mod search;
pub mod setup;
pub mod shared_account;
pub mod templates;
pub mod texts;
pub mod workers;

use std::sync::Arc;

use domain::Clock;
use meta::graph::GraphClient;
use store::seal::Sealer;
use store::webhook_log::WebhookLog;
use store::{Address, Db};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use config::{InboundConfig, OutboundConfig};

/// What every part of the engine works with. Cloning shares it.
#[derive(Clone)]
pub struct Engine(Arc<Parts>);

/// The parts that an engine is made of; all are passed in.
pub struct Parts {
    /// The database.
    pub db: Db,
    /// Its address, for the roles that one process holds at a time.
    pub address: Address,
    /// The intake log.
    pub log: WebhookLog,
    /// The time.
    pub clock: Clock,
    /// Opens and seals secrets.
    pub sealer: Sealer,
    /// The way to people's mailboxes.
    pub mailer: mail::Mailer,
    /// The way to Meta.
    pub graph: GraphClient,
    /// The platform's app there.
    pub platform: platform::Platform,
    /// Settings of the way in.
    pub inbound: InboundConfig,
    /// Settings of the way out.
    pub outbound: OutboundConfig,
    /// The files.
    pub media: media::Media,
    /// Wakes the workers.
    pub wake: Wake,
}

/// Bells that are rung when there is work. Polling is the net below them.
#[derive(Debug, Default)]
pub struct Wake {
    /// The intake log has grown.
    pub projector: tokio::sync::Notify,
    /// How many posts were made durable since the installation began, as far as this process knows.
    pub appended: std::sync::atomic::AtomicI64,
    /// How many posts the projector has finished since the installation began.
    pub finished: tokio::sync::watch::Sender<i64>,
    /// The outbox has grown.
    pub sender: tokio::sync::Notify,
    /// The event log has grown.
    pub events: tokio::sync::Notify,
    /// Events of other systems wait for the rules.
    pub notify: tokio::sync::Notify,
    /// A job was added.
    pub jobs: tokio::sync::Notify,
    /// Grows with every change of templates that this process makes.
    pub templates: std::sync::atomic::AtomicU64,
    /// Something may be to be told to somebody, or a token to be looked at.
    pub health: tokio::sync::Notify,
    /// Accounts whose token Meta has refused.
    pub suspects: health::tokens::Suspects,
}

impl std::ops::Deref for Engine {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Wake {
    /// Posts that are durable and not yet projected, as far as this process knows.
    pub fn backlog(&self) -> i64 {
        let appended = self.appended.load(std::sync::atomic::Ordering::Acquire);
        (appended - *self.finished.borrow()).max(0)
    }

    /// Waits until what is durable now is projected, at most this long. False when it is not.
    pub async fn caught_up(&self, patience: std::time::Duration) -> bool {
        let appended = self.appended.load(std::sync::atomic::Ordering::Acquire);
        let mut finished = self.finished.subscribe();
        let all = finished.wait_for(|finished| *finished >= appended);
        matches!(tokio::time::timeout(patience, all).await, Ok(Ok(_)))
    }
}

impl Engine {
    /// An engine of these parts. Nothing runs yet.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Starts the workers: projector, sender, jobs, files, housekeeping, the indexer. They end when `stop` is cancelled.
    pub fn start_workers(&self, tasks: &TaskTracker, stop: &CancellationToken) {
        let (engine, until) = (self.clone(), stop.clone());
        tasks.spawn(async move {
            let projector = engine.clone();
            own_thread::run(&engine.db, "projector", || async move {
                let work = || inbound::projector::run(projector.clone(), until.clone());
                workers::keep_running("projector", &until, work).await;
            })
            .await;
        });
        let more = tasks.clone();
        self.keep(tasks, stop, "sender", move |engine, stop| {
            outbound::sender::run(engine, more.clone(), stop)
        });
        self.keep(tasks, stop, "jobs", jobs::run);
        self.keep(tasks, stop, "housekeeping", housekeeping::run);
        self.keep(tasks, stop, "media", media::run);
        self.keep(tasks, stop, "snooze", inbox::snooze::run);
        self.keep(tasks, stop, "indexer", search::indexer::run);
        self.keep(tasks, stop, "health", health::run);
        self.keep(tasks, stop, "notify", notify::run);
        self.keep(tasks, stop, "templates", templates::run);
    }

    fn keep<F: Future<Output = ()> + Send>(
        &self,
        tasks: &TaskTracker,
        stop: &CancellationToken,
        name: &'static str,
        work: impl Fn(Self, CancellationToken) -> F + Send + Sync + 'static,
    ) {
        let (engine, stop) = (self.clone(), stop.clone());
        tasks.spawn(async move {
            workers::keep_running(name, &stop, || work(engine.clone(), stop.clone())).await;
        });
    }
}
