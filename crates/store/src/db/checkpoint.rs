//! Moving SQLite's WAL into the file, beside the writer instead of inside one of its commits.
//!
//! A commit that finds 20,000 pages in the WAL would copy and sync them all before it returns, which
//! stalls everything behind it for a tenth of a second. Here a connection of its own copies while the
//! writer goes on, and stops it only for the few pages that came meanwhile.

use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::{Connection as _, SqliteConnection};
use tokio::task::AbortHandle;

use super::Result;
use super::pool::sqlite_options;

/// Pages in the WAL from which on it is worth the work at once: about 80 MB.
const PAGES: i64 = 20_000;
/// Pages from which on it is worth the work once a [`WHILE`]: the sync of many at once would hold up the
/// sync of the intake log, and with it Meta's 200.
const FEW_PAGES: i64 = 2_000;
/// How long few pages may wait for more.
const WHILE: Duration = Duration::from_millis(600);
/// Beginning the WAL anew keeps writers out while it waits for readers: no longer than this.
const PATIENCE: Duration = Duration::from_millis(50);
/// How often the WAL is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Checkpoints until it is dropped.
#[derive(Debug)]
pub struct Checkpointer(AbortHandle);

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Checkpointer {
    pub(crate) async fn start(path: &Path) -> Result<Self> {
        let options = sqlite_options(path, 512).busy_timeout(PATIENCE);
        let connection = SqliteConnection::connect_with(&options).await?;
        Ok(Self(tokio::spawn(run(connection)).abort_handle()))
    }

    /// Stops at once; what was not moved stays in the WAL.
    pub(crate) fn stop(&self) {
        self.0.abort();
    }
}

async fn run(mut connection: SqliteConnection) {
    let mut last = Instant::now();
    loop {
        tokio::time::sleep(LOOK).await;
        if let Err(error) = look(&mut connection, &mut last).await {
            tracing::warn!(error = %error, "the write-ahead log could not be moved into the database; it will be tried again");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

async fn look(connection: &mut SqliteConnection, last: &mut Instant) -> sqlx::Result<()> {
    let (_, pages, moved) = pragma(connection, "PRAGMA wal_checkpoint(NOOP)").await?;
    let waiting = pages - moved;
    if pages >= PAGES && waiting > 0 || waiting >= FEW_PAGES && last.elapsed() >= WHILE {
        // Most of it without holding anybody up, then the rest so that the WAL begins again.
        let begun = Instant::now();
        let (_, pages, moved) = pragma(connection, "PRAGMA wal_checkpoint(PASSIVE)").await?;
        let passive = begun.elapsed();
        // Where a reader still needs old pages, beginning anew would only keep writers waiting.
        if moved == pages {
            pragma(connection, "PRAGMA wal_checkpoint(RESTART)").await?;
        }
        *last = Instant::now();
        tracing::debug!(
            pages,
            passive_us = passive.as_micros(),
            took_us = begun.elapsed().as_micros(),
            "checkpointed"
        );
    }
    Ok(())
}

/// (busy, pages in the WAL, pages moved)
async fn pragma(
    connection: &mut SqliteConnection,
    text: &'static str,
) -> sqlx::Result<(i64, i64, i64)> {
    sqlx::query_as(text).fetch_one(connection).await
}
