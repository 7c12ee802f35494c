//! One measured round: load, then waiting until nothing is left to project, then the books.

use std::rc::Rc;
use std::time::Duration;

use crate::ingest::Ground;
use crate::load::{self, Pace, Source};
use crate::report::Case;

/// What a round tells beyond what it adds to its case.
pub(crate) struct Round {
    /// Items acknowledged **and** projected a second, over the time until nothing was left.
    pub(crate) projected_per_s: f64,
    pub(crate) acked_per_s: f64,
    /// From the first request until nothing was left.
    pub(crate) whole: Duration,
}

/// Runs the load and enters it into the case.
pub(crate) async fn run(
    ground: &Ground,
    case: &mut Case,
    source: Rc<dyn Source>,
    pace: Pace,
    lasts: Duration,
) -> anyhow::Result<Round> {
    let server = &ground.server;
    let before = server.intake().await?;
    let cpu = server.process.cpu()?;
    let mut tally = load::run(server.address, case.connections, source, pace, lasts).await?;
    let after = server.drained().await?;
    let whole = tally.begun.elapsed();

    case.take_load(&tally);
    case.cpu += server.process.cpu()?.saturating_sub(cpu);
    let stored = after.stored - before.stored;
    let projected = after.projected - before.projected;
    case.stored += stored;
    case.lost += tally.acked.saturating_sub(stored);
    case.duplicated += projected.saturating_sub(tally.sent);
    (case.rss_mb, case.peak_rss_mb) = server.process.memory_mb()?;
    if after.parked > before.parked {
        case.note("parked", after.parked - before.parked);
    }
    ground
        .witness
        .borrow_mut()
        .saw(std::mem::take(&mut tally.watched));
    Ok(Round {
        projected_per_s: projected as f64 / whole.as_secs_f64(),
        acked_per_s: tally.acked_per_s(),
        whole,
    })
}
