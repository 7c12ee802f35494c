//! Webhooks at an offered rate, whatever the server does: what Meta's side feels, and how old the backlog gets.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use crate::ingest::Ground;
use crate::load::{self, Pace};
use crate::options::Options;
use crate::report::Case;
use crate::seed::{self, Stock};

const LOOK_EVERY: Duration = Duration::from_millis(100);

/// One round of `options.offered` events a second, one a POST.
pub(crate) async fn measure(
    ground: &Ground,
    options: &Options,
    connections: usize,
) -> anyhow::Result<Case> {
    let name = format!("{} events/s offered", options.offered);
    let seconds = options.seconds.max(10);
    let mut case = Case::new(
        "ingest",
        &name,
        options.database_name(),
        connections,
        seconds as f64,
    );
    let items = options.offered * seconds + connections as u64;
    seed::sow(&ground.server, &ground.traffic, items).await?;
    let stock = {
        let mut traffic = ground.traffic.borrow_mut();
        Rc::new(Stock::new((0..items).map(|_| traffic.next(1))))
    };
    let before = ground.server.intake().await?;
    let cpu = ground.server.process.cpu()?;
    let oldest_ms = Cell::new(0);
    let pace = Pace::PostsPerSecond(options.offered as f64);
    let running = load::run(
        ground.server.address,
        connections,
        stock,
        pace,
        Duration::from_secs(seconds),
    );
    let tally = tokio::select! {
        tally = running => tally?,
        watched = watch(ground, &oldest_ms) => return Err(watched),
    };
    let after = ground.server.drained().await?;
    case.take_load(&tally);
    case.cpu = ground.server.process.cpu()?.saturating_sub(cpu);
    case.stored = after.stored - before.stored;
    let projected = after.projected - before.projected;
    case.lost = tally.acked.saturating_sub(case.stored);
    case.duplicated = projected.saturating_sub(tally.sent);
    case.rate_per_s = projected as f64 / tally.begun.elapsed().as_secs_f64();
    (case.rss_mb, case.peak_rss_mb) = ground.server.process.memory_mb()?;
    case.note("oldest_backlog_ms", oldest_ms.get());
    Ok(case)
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
