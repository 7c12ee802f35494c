//! Putting the parts together and keeping them running.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use axum::serve::ListenerExt as _;
use domain::Clock;
use engine::events::Events;
use engine::inbound::{Intake, projector};
use engine::inbox::presence::Presence;
use engine::keys::Keys;
use engine::media::Media;
use engine::notify::EventIntake;
use engine::outbound::Enqueuer;
use engine::platform::{self, Platform};
use engine::workers::keep_running;
use engine::{Engine, Parts, Wake, shared_account};
use meta::graph::GraphClient;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use store::Db;
use store::webhook_log::WebhookLog;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use trunkline_http::{App, AppParts, Health, Web};

use crate::config::Settings;

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Role {
    /// Takes requests and works.
    All,
    /// Takes requests only.
    Web,
    /// Works only; answers health checks.
    Worker,
}

/// A running server.
pub struct Server {
    /// The product, for tests that step it.
    pub engine: Engine,
    /// Where people reach it.
    pub public_url: String,
    /// Where it listens.
    pub address: SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// How long a stop waits for sends under way.
const GRACE: Duration = Duration::from_secs(35);

/// Opens the database (migrated), the intake log and the way to Meta.
///
/// # Errors
/// When one of them cannot be opened.
pub async fn open(settings: &Settings, clock: Clock) -> anyhow::Result<Engine> {
    let db = Db::open(&settings.database)
        .await
        .with_context(|| format!("opening the database {:?}", settings.database))?;
    db.migrate()
        .await
        .context("bringing the schema up to date")?;
    let log = WebhookLog::open(&db, &settings.database, settings.intake_path.as_deref())
        .await
        .context("opening the intake log")?;
    let engine = Engine::new(Parts {
        db,
        address: settings.database.clone(),
        log,
        clock,
        sealer: settings.sealer.clone(),
        mailer: settings.mailer.clone(),
        graph: GraphClient::new(
            http_client(settings.graph_timeout)?,
            settings.graph_url.clone(),
            settings.platform.version().to_owned(),
        ),
        platform: Platform::new(settings.platform.clone()),
        inbound: settings.inbound.clone(),
        outbound: settings.outbound.clone(),
        media: Media::open(settings.media.clone()).context("opening the file store")?,
        wake: Wake::default(),
    });
    // What is typed later is taken up by itself.
    let written = settings.platform.app_secret.as_ref();
    engine.graph.prove_with(written);
    platform::load(&engine)
        .await
        .context("reading the platform's settings")?;
    let known = engine.platform.now();
    if let Some(waba_id) = &known.waba_id {
        let token = known.system_user_token.as_ref();
        shared_account::register_waba(&engine, waba_id, "Shared account", token).await?;
    }
    Ok(engine)
}

/// Starts serving on a listener.
///
/// # Errors
/// When the books of the intake cannot be read.
pub async fn start(
    settings: &Settings,
    engine: Engine,
    listener: TcpListener,
    role: Role,
) -> anyhow::Result<Server> {
    let stop = CancellationToken::new();
    let tasks = TaskTracker::new();
    let address = listener.local_addr()?;
    let public_url = settings
        .public_url
        .clone()
        .unwrap_or_else(|| format!("http://{address}"));
    engine.platform.reached_at(&public_url);
    let enqueuer = Enqueuer::start(&engine);
    let app = App::new(AppParts {
        intake: Intake::open(&engine)
            .await
            .context("reading the books of the intake")?,
        templates: enqueuer.templates(),
        enqueuer,
        event_intake: EventIntake::start(&engine),
        events: Events::start(&engine, stop.clone()),
        keys: Keys::default(),
        web: Web {
            public_url: public_url.clone(),
            behind_proxy: settings.behind_proxy,
            support_contact: settings.support_contact.clone(),
        },
        health: Health::since(engine.clock.now()),
        presence: Presence::start(stop.clone()),
        metrics: metrics_handle()?,
        stop: stop.clone(),
        engine: engine.clone(),
    });
    tasks.spawn(platform::follow(engine.clone(), stop.clone()));
    tasks.spawn(tidy_metrics(metrics_handle()?, stop.clone()));
    if role != Role::Web {
        engine.start_workers(&tasks, &stop);
    } else {
        let (engine, until) = (engine.clone(), stop.clone());
        tasks.spawn(async move {
            let follow = || projector::follow_until(engine.clone(), until.clone());
            keep_running("follower", &until, follow).await;
        });
    }
    let router = if role == Role::Worker {
        trunkline_http::worker_router(app)
    } else {
        trunkline_http::router(app)
    };
    let listener = listener.tap_io(|stream| {
        // Answers are small and wanted at once. A socket that refuses is served all the same.
        stream.set_nodelay(true).ok();
    });
    let ended = stop.clone();
    tasks.spawn(async move {
        if let Err(error) = axum::serve(
            listener,
            router.into_make_service_with_connect_info::<SocketAddr>(),
        )
        .with_graceful_shutdown(ended.cancelled_owned())
        .await
        {
            tracing::error!(error = %error, "the listener ended");
        }
    });
    Ok(Server {
        engine,
        public_url,
        address,
        stop,
        tasks,
    })
}

impl Server {
    /// `http://host:port`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends it: no new requests, sends under way finish, outcomes are recorded.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(GRACE, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("stopped before everything under way had ended");
        }
        self.engine.log.close().await;
        self.engine.db.close().await;
    }
}

/// Resolves when the process is asked to end. It listens from the call on, so that whoever asks while the
/// program is still starting is heard as well.
///
/// # Errors
/// When the system gives no more signal handlers.
pub fn asked_to_end() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Samples of summaries pile up until they are folded: by a scrape, or by this where nobody scrapes.
async fn tidy_metrics(handle: PrometheusHandle, stop: CancellationToken) {
    while stop
        .run_until_cancelled(tokio::time::sleep(Duration::from_secs(5)))
        .await
        .is_some()
    {
        handle.run_upkeep();
    }
}

/// One client for all calls to Meta.
pub(crate) fn http_client(timeout: Duration) -> anyhow::Result<reqwest::Client> {
    // A second installation in one process (tests) is refused; the first one stands.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    reqwest::Client::builder()
        .timeout(timeout)
        .connect_timeout(Duration::from_secs(10))
        .pool_max_idle_per_host(512)
        .tcp_nodelay(true)
        // The file store's client brings HTTP/2 into the program; sends are many small calls side by side, for
        // which connections of their own are measured and known.
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("trunkline/", env!("CARGO_PKG_VERSION")))
        .build()
        .context("building the HTTP client")
}

fn metrics_handle() -> anyhow::Result<PrometheusHandle> {
    // A process has one recorder, however many servers start in it at once (tests).
    static HANDLE: Mutex<Option<PrometheusHandle>> = Mutex::new(None);
    let mut handle = HANDLE.lock().unwrap_or_else(PoisonError::into_inner);
    if handle.is_none() {
        let recorder = PrometheusBuilder::new().install_recorder();
        *handle = Some(recorder.context("installing the metrics recorder")?);
    }
    handle.clone().context("the metrics recorder is gone")
}
