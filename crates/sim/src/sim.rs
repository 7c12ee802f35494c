//! The simulator as a value: shared by its HTTP side and by tests in the same process.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::calls::{CallRecord, Calls};
use crate::chance::Chance;
use crate::clock::Clock;
use crate::config::SimConfig;
use crate::control::inbound::{self, InboundRequest};
use crate::faults::Faults;
use crate::seed::Seed;
use crate::timeline::Timeline;
use crate::webhook::Webhooks;
use crate::world::{OutboundRecord, OutboundSummary, World};
use crate::{phones, server, templates};

/// What every part of the simulator sees.
pub(crate) struct Shared {
    pub(crate) config: SimConfig,
    pub(crate) chance: Chance,
    pub(crate) clock: Clock,
    pub(crate) timeline: Timeline,
    pub(crate) webhooks: Webhooks,
    pub(crate) calls: Calls,
    pub(crate) http: reqwest::Client,
    /// Counts Graph calls, for the draws of faults and traces.
    pub(crate) draws: AtomicU64,
    world: Mutex<World>,
    faults: RwLock<Arc<Faults>>,
    base_url: RwLock<String>,
}

impl Shared {
    /// The world; never hold the guard across an await.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn faults(&self) -> Arc<Faults> {
        Arc::clone(&self.faults.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn replace_faults(&self, faults: Faults) {
        *self.faults.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(faults);
        self.webhooks.bell.notify_one();
    }

    pub(crate) fn base_url(&self) -> String {
        self.base_url
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn set_base_url(&self, url: String) {
        *self
            .base_url
            .write()
            .unwrap_or_else(PoisonError::into_inner) = url;
    }

    pub(crate) fn next_draw(&self) -> u64 {
        self.draws.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn set_callback_url(&self, url: Option<String>) {
        self.world().callback_url = url;
        self.webhooks.bell.notify_one();
    }

    pub(crate) fn move_clock(&self, speed: Option<f64>, advance_ms: u64) {
        if let Some(speed) = speed {
            self.clock.set_speed(speed);
        }
        self.clock.advance(advance_ms);
        self.timeline.changed.notify_one();
    }

    pub(crate) fn reset(self: &Arc<Self>) {
        self.timeline.clear();
        self.webhooks.reset();
        self.calls.clear();
        self.replace_faults(Faults::default());
        self.world().forget_messages();
        templates::resume(self);
        phones::start(self);
    }
}

/// Meta, the phones behind it, and the means to make them misbehave. Clones share one world.
#[derive(Clone)]
pub struct Sim {
    shared: Arc<Shared>,
}

impl Sim {
    /// Builds a world from `seed`; nothing happens until [`Sim::serve`].
    ///
    /// # Panics
    /// When the HTTP client for webhooks cannot be built (no TLS provider).
    #[must_use]
    pub fn new(config: SimConfig, seed: Seed) -> Self {
        // Somebody else may have installed a provider already: then theirs serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(config.webhook_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent("facebookexternalua")
            .build()
            .expect("an HTTP client with the ring provider can be built");
        let shared = Shared {
            chance: Chance::new(config.seed),
            clock: Clock::new(config.speed),
            timeline: Timeline::default(),
            webhooks: Webhooks::default(),
            calls: Calls::default(),
            http,
            draws: AtomicU64::new(0),
            world: Mutex::new(World::new(&config, seed)),
            faults: RwLock::default(),
            base_url: RwLock::new(config.public_url.clone().unwrap_or_default()),
            config,
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Answers on `listener`, delivers webhooks and plays the phones, until `shutdown`.
    pub async fn serve(self, listener: TcpListener, shutdown: CancellationToken) {
        server::serve(self.shared, listener, shutdown).await;
    }

    /// Where webhooks go from now on; those that wait leave at once.
    pub fn set_callback_url(&self, url: &str) {
        self.shared.set_callback_url(Some(url.to_owned()));
    }

    /// The settings it was started with.
    #[must_use]
    pub fn config(&self) -> &SimConfig {
        &self.shared.config
    }

    /// Virtual now, in milliseconds since the epoch.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        self.shared.clock.now_ms()
    }

    /// Moves the virtual clock forward, in milliseconds; everything due by then happens.
    pub fn advance_ms(&self, milliseconds: u64) {
        self.shared.move_clock(None, milliseconds);
    }

    /// Changes the pace of the virtual clock.
    pub fn set_speed(&self, speed: f64) {
        self.shared.move_clock(Some(speed), 0);
    }

    /// Messages accepted since the last reset, oldest first.
    #[must_use]
    pub fn outbound(&self) -> Vec<OutboundRecord> {
        let world = self.shared.world();
        world
            .messages
            .all_outbound()
            .map(|outbound| world.messages.record(outbound))
            .collect()
    }

    /// Counts over the messages accepted since the last reset.
    #[must_use]
    pub fn outbound_summary(&self) -> OutboundSummary {
        self.shared.world().messages.summary()
    }

    /// The last 1,000 Graph calls, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<CallRecord> {
        self.shared.calls.since(0)
    }

    /// Webhooks not yet acknowledged: queued, in flight, or waiting for a retry.
    #[must_use]
    pub fn pending_webhooks(&self) -> usize {
        self.shared.webhooks.pending() + self.shared.timeline.waiting_webhooks()
    }

    /// A customer writes; gives the message id.
    ///
    /// # Errors
    /// A sentence when the number is unknown or the message has no type or content.
    pub fn inbound(&self, request: InboundRequest) -> Result<String, String> {
        inbound::receive(&self.shared, request)
    }

    /// The faults in force.
    #[must_use]
    pub fn faults(&self) -> Faults {
        Faults::clone(&self.shared.faults())
    }

    /// Replaces the faults.
    pub fn set_faults(&self, faults: Faults) {
        self.shared.replace_faults(faults);
    }

    /// Forgets messages, faults, calls and queues; what exists (numbers, customers, templates, media) stays.
    pub fn reset(&self) {
        self.shared.reset();
    }
}
