//! Webhooks at an offered rate, whatever the server does: what Meta's side feels, and how old the backlog gets.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use crate::ingest::Ground;
use crate::load::Pace;
use crate::options::Options;
use crate::report::Case;
use crate::round;
use crate::seed::{self, Stock};

const LOOK_EVERY: Duration = Duration::from_millis(100);
const SHORTEST_SECONDS: u64 = 10;

/// An open loop that is ready to run.
pub(crate) struct OpenLoop {
    case: Case,
    stock: Rc<Stock>,
    seconds: u64,
    offered: u64,
}

impl OpenLoop {
    /// Seeds what its statuses concern and makes its requests.
    pub(crate) async fn prepare(ground: &Ground, options: &Options) -> anyhow::Result<Self> {
        let seconds = options.seconds.max(SHORTEST_SECONDS);
        let connections = options.connections.unwrap_or(64);
        let name = format!("{} events/s offered", options.offered);
        let case = Case::new(
            "ingest",
            &name,
            options.database_name(),
            connections,
            seconds as f64,
        );
        let items = options.offered * seconds + connections as u64;
        seed::sow(&ground.server, &ground.traffic, items).await?;
        let mut traffic = ground.traffic.borrow_mut();
        let stock = Rc::new(Stock::new((0..items).map(|_| traffic.next(1))));
        Ok(Self {
            case,
            stock,
            seconds,
            offered: options.offered,
        })
    }

    /// One round of single events.
    pub(crate) async fn measure(mut self, ground: &Ground) -> anyhow::Result<Case> {
        let oldest_ms = Cell::new(0);
        let pace = Pace::PostsPerSecond(self.offered as f64);
        let running = round::run(
            ground,
            &mut self.case,
            self.stock,
            pace,
            Duration::from_secs(self.seconds),
        );
        let round = tokio::select! {
            round = running => round?,
            silence = watch(ground, &oldest_ms) => return Err(silence),
        };
        self.case.rate_per_s = round.projected_per_s;
        self.case.note("oldest_backlog_ms", oldest_ms.get());
        Ok(self.case)
    }
}

/// Looks at the backlog until it is dropped; returns only when the server does not answer.
async fn watch(ground: &Ground, oldest_ms: &Cell<u64>) -> anyhow::Error {
    loop {
        match ground.server.intake().await {
            Ok(intake) => oldest_ms.set(oldest_ms.get().max(intake.oldest_backlog_ms)),
            Err(error) => return error,
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
