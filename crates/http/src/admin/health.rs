//! `GET /api/v1/admin/health`: how the installation is, on one page.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use domain::Timestamp;
use engine::search::indexer;
use engine::shared_account::{self, Reach};
use serde::Serialize;
use store::{dead_letters, jobs, numbers, outbox, wabas};
use tokio::sync::Mutex;
use utoipa::ToSchema;

use super::intake::show::{IntakeView, counts};
use crate::App;
use crate::auth::{Platform, PlatformRead};
use crate::problem::Result;

/// A page that is looked at all the time must not use up the calls that Meta allows.
const ASK_META_AGAIN: Duration = Duration::from_secs(30);

/// What the health page remembers between two looks.
#[derive(Debug)]
pub struct Health {
    started: Timestamp,
    asked: Mutex<Option<(Timestamp, Reach)>>,
}

impl Health {
    /// Of a program that started then.
    pub fn since(started: Timestamp) -> Self {
        Self {
            started,
            asked: Mutex::default(),
        }
    }

    async fn reach(&self, app: &App) -> Result<Reach> {
        // Held while Meta is asked: whoever looks meanwhile waits for the same answer.
        let mut asked = self.asked.lock().await;
        let now = app.engine.clock.now();
        if let Some((at, reach)) = &*asked
            && now.since(*at) < ASK_META_AGAIN
        {
            return Ok(reach.clone());
        }
        let reach = shared_account::reach(&app.engine).await?;
        *asked = Some((now, reach.clone()));
        Ok(reach)
    }
}

/// How the installation is.
#[derive(Serialize, ToSchema)]
pub(crate) struct InstallationView {
    /// The program's version.
    version: &'static str,
    /// `sqlite` or `postgres`.
    database: &'static str,
    /// How long this process has run, in seconds.
    uptime_s: u64,
    /// The way in.
    intake: IntakeView,
    /// The way out.
    outbox: OutboxView,
    /// The way to Meta, asked at most every 30 seconds.
    meta: MetaView,
    /// Background jobs.
    jobs: JobsView,
    /// The full-text index.
    search: SearchView,
    /// Open streams of events of this process.
    streams: usize,
    /// The platform's accounts.
    wabas: Vec<WabaView>,
}

/// What waits to be sent.
#[derive(Serialize, ToSchema)]
pub(crate) struct OutboxView {
    /// Messages that wait for their turn or are on their way.
    queued: i64,
    /// Messages of unknown outcome.
    uncertain: i64,
    /// How long the oldest of the waiting has waited.
    oldest_ms: i64,
    /// Messages that failed or expired and that nobody has dealt with.
    dead_letters: i64,
}

/// Whether Meta answers.
#[derive(Serialize, ToSchema)]
pub(crate) struct MetaView {
    /// Whether every token worked.
    reachable: bool,
    /// What happened or what to do; null when all is well.
    detail: Option<String>,
}

/// Background jobs.
#[derive(Serialize, ToSchema)]
pub(crate) struct JobsView {
    /// Waiting or running.
    waiting: i64,
    /// Given up after many tries.
    dead: i64,
}

/// The full-text index, which follows the messages.
#[derive(Serialize, ToSchema)]
pub(crate) struct SearchView {
    /// How long the oldest message has waited that came since and is not found yet; one to two seconds are ordinary.
    lag_ms: i64,
    /// Whether everything older is found; after an update or a rebuild that takes a while.
    complete: bool,
}

/// A WABA and its numbers.
#[derive(Serialize, ToSchema)]
pub(crate) struct WabaView {
    /// Meta's id.
    waba_id: String,
    /// Its name.
    name: String,
    /// How many numbers it has.
    numbers_used: usize,
    /// How many it may have: as Meta last told, else what it documents for a verified portfolio.
    numbers_limit: Option<i64>,
}

/// Shows how the installation is.
#[utoipa::path(get, path = "/api/v1/admin/health", tag = "admin", responses((status = 200, description = "How it is", body = InstallationView)))]
pub(crate) async fn show(
    State(app): State<App>,
    _platform: Platform<PlatformRead>,
) -> Result<Json<InstallationView>> {
    let db = &app.engine.db;
    let meta = match app.health.reach(&app).await? {
        Reach::Answered { .. } => MetaView {
            reachable: true,
            detail: None,
        },
        Reach::NoToken => MetaView {
            reachable: false,
            detail: Some("no token is known; set meta.waba_id and meta.system_user_token".into()),
        },
        Reach::Failed { why } => MetaView {
            reachable: false,
            detail: Some(why),
        },
    };
    let all = numbers::any_tenant_list(db).await?;
    let used = |waba: &str| all.iter().filter(|row| row.waba_id == waba).count();
    let wabas = wabas::any_tenant_list(db).await?;
    let wabas = wabas.into_iter().map(|waba| WabaView {
        numbers_used: used(&waba.waba_id),
        numbers_limit: Some(
            [waba.numbers_limit, waba.portfolio_numbers_limit]
                .into_iter()
                .flatten()
                .min()
                .unwrap_or(meta::limits::PHONE_NUMBERS_PER_PORTFOLIO),
        ),
        waba_id: waba.waba_id,
        name: waba.name,
    });
    let now = app.engine.clock.now();
    Ok(Json(InstallationView {
        version: env!("CARGO_PKG_VERSION"),
        database: if db.is_postgres() {
            "postgres"
        } else {
            "sqlite"
        },
        uptime_s: now.since(app.health.started).as_secs(),
        intake: counts(&app).await?,
        outbox: outbox_view(
            &outbox::any_tenant_tally(db).await?,
            dead_letters::any_tenant_open(db).await?,
            now,
        ),
        meta,
        jobs: jobs_view(&jobs::tally(db).await?),
        search: search_view(indexer::lag(&app.engine).await?),
        streams: app.events.listeners(),
        wabas: wabas.collect(),
    }))
}

fn outbox_view(tally: &[outbox::Tally], dead_letters: i64, now: Timestamp) -> OutboxView {
    let (uncertain, waiting): (Vec<_>, Vec<_>) =
        tally.iter().partition(|row| row.state == "uncertain");
    let oldest = waiting.iter().map(|row| row.oldest).min();
    let waited = oldest.map_or(0, |at| now.since(Timestamp(at)).as_millis());
    OutboxView {
        queued: waiting.iter().map(|row| row.count).sum(),
        uncertain: uncertain.iter().map(|row| row.count).sum(),
        oldest_ms: i64::try_from(waited).unwrap_or(i64::MAX),
        dead_letters,
    }
}

fn search_view(lag: indexer::Lag) -> SearchView {
    SearchView {
        lag_ms: i64::try_from(lag.lag.as_millis()).unwrap_or(i64::MAX),
        complete: lag.is_complete,
    }
}

fn jobs_view(tally: &[jobs::Tally]) -> JobsView {
    let (dead, waiting): (Vec<_>, Vec<_>) = tally.iter().partition(|row| row.state == "dead");
    JobsView {
        waiting: waiting.iter().map(|row| row.count).sum(),
        dead: dead.iter().map(|row| row.count).sum(),
    }
}
