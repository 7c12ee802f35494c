//! Moving SQLite's WAL into the file, beside the writer instead of inside one of its commits.
//!
//! A commit that finds 20,000 pages in the WAL would copy and sync them all before it returns, which
//! stalls everything behind it for a tenth of a second. Here a connection of its own copies while the
//! writer goes on, and stops it only for the few pages that came meanwhile.

use std::path::Path;
use std::time::Duration;

use sqlx::{Connection as _, SqliteConnection};
use tokio::task::AbortHandle;

use super::Result;
use super::pool::sqlite_options;

/// Pages in the WAL from which on it is worth the work: about 80 MB.
const PAGES: i64 = 20_000;
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
        let connection = SqliteConnection::connect_with(&sqlite_options(path, 512)).await?;
        Ok(Self(tokio::spawn(run(connection)).abort_handle()))
    }

    /// Stops at once; what was not moved stays in the WAL.
    pub(crate) fn stop(&self) {
        self.0.abort();
    }
}

async fn run(mut connection: SqliteConnection) {
    loop {
        tokio::time::sleep(LOOK).await;
        if let Err(error) = look(&mut connection).await {
            tracing::warn!(error = %error, "the write-ahead log could not be moved into the database; it will be tried again");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

async fn look(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    let (_, pages, _) = pragma(connection, "PRAGMA wal_checkpoint(NOOP)").await?;
    if pages >= PAGES {
        // Most of it without holding anybody up, then the rest so that the WAL begins again.
        let begun = std::time::Instant::now();
        pragma(connection, "PRAGMA wal_checkpoint(PASSIVE)").await?;
        let passive = begun.elapsed();
        pragma(connection, "PRAGMA wal_checkpoint(RESTART)").await?;
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
