//! The intake log: what Meta posted, byte for byte, durable before the 200.
//!
//! It is a store of its own — on SQLite a file beside the main one, so that a long projection never
//! stands between Meta and its answer; on PostgreSQL a table. A row is a *frame*: the posts of one
//! group commit. Three verbs: append a batch durably, read after a cursor (what was just appended comes from memory),
//! trim.

mod frame;
mod recent;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex as Lock, PoisonError};

use bytes::Bytes;
use domain::Timestamp;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{Connection as _, PgPool, SqliteConnection, SqlitePool};
use tokio::sync::Mutex;

use crate::db::{Address, Checkpointer, Db, DbError, Result};

pub use frame::{NewFrame, Post};
use recent::Recent;

/// How a frame is found again: frames count up from 1.
pub type Position = i64;

/// What is read at once, by who says no more than how many frames: dozens of them may have 4 MB each.
const PORTION_BYTES: usize = 4 << 20;

/// How much is read at once: it ends with the frame that reaches either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Portion {
    /// Frames.
    pub frames: usize,
    /// Bytes of frames, as [`Frame::size`] counts them.
    pub bytes: usize,
}

/// The open log.
#[derive(Debug, Clone)]
pub struct WebhookLog {
    home: Home,
    /// Of this process.
    recent: Arc<Lock<Recent>>,
}

#[derive(Debug, Clone)]
enum Home {
    File {
        read: SqlitePool,
        /// Not a pool: that would ask its only connection twice an append whether it is alive.
        write: Arc<Mutex<Option<SqliteConnection>>>,
        checkpointer: Arc<Checkpointer>,
    },
    Table(PgPool),
}

/// One frame, read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Where it stands in the log.
    pub position: Position,
    /// The posts in it, in the order of their arrival.
    pub posts: Vec<Post>,
}

impl Frame {
    /// How many bytes it takes in the log.
    #[must_use]
    pub fn size(&self) -> usize {
        self.posts.iter().map(Post::size).sum()
    }

    fn decode(position: Position, bytes: Bytes) -> Result<Self> {
        let posts = frame::decode(bytes)?;
        Ok(Self { position, posts })
    }
}

/// How much waits behind a cursor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Posts that are durable and not yet projected.
    pub posts: i64,
    /// When the oldest of them came.
    pub oldest: Option<Timestamp>,
}

const CREATE_SQLITE: &str = "CREATE TABLE IF NOT EXISTS webhook_log (position INTEGER PRIMARY KEY AUTOINCREMENT, \
     posts INTEGER NOT NULL, received_at INTEGER NOT NULL, frame BLOB NOT NULL) STRICT";
const CREATE_POSTGRES: &str = "CREATE TABLE IF NOT EXISTS webhook_log (position BIGINT GENERATED ALWAYS AS IDENTITY \
     PRIMARY KEY, posts BIGINT NOT NULL, received_at BIGINT NOT NULL, frame BYTEA NOT NULL)";
// Without RETURNING: a row would be handed out before the statement has committed, and that the commit
// then failed (a full disk) or never came (a crash) nobody would hear.
const APPEND_SQLITE: &str =
    "INSERT INTO webhook_log (posts, received_at, frame) VALUES ($1, $2, $3)";
// Several nodes may append at once. Without the lock a later position could become visible before an
// earlier one, and a projector that had moved past it would lose a frame. The lock lives until commit.
const APPEND_POSTGRES: &str = "INSERT INTO webhook_log (posts, received_at, frame) \
     SELECT $1, $2, $3 FROM (SELECT pg_advisory_xact_lock(7741001)) AS in_order RETURNING position";
// Neither database reads the bytes of a frame to tell how many they are.
const LENGTHS: &str = "SELECT position, CAST(length(frame) AS BIGINT) FROM webhook_log WHERE position > $1 \
     ORDER BY position LIMIT $2";
const READ: &str = "SELECT position, frame FROM webhook_log WHERE position > $1 AND position <= $2 ORDER BY position";
const NEXT_TIME: &str =
    "SELECT position, received_at FROM webhook_log WHERE position >= $1 ORDER BY position LIMIT 1";
const FIRST: &str = "SELECT CAST(COALESCE(MIN(position), 1) AS BIGINT) FROM webhook_log";
const BACKLOG: &str = "SELECT CAST(COALESCE(SUM(posts), 0) AS BIGINT), MIN(received_at) FROM webhook_log WHERE position > $1";
const TRIM: &str = "DELETE FROM webhook_log WHERE position <= $1 AND received_at < $2";
const FLOOR_INSERT: &str = "INSERT INTO sqlite_sequence (name, seq) SELECT 'webhook_log', $1 \
     WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'webhook_log')";
const FLOOR_RAISE: &str =
    "UPDATE sqlite_sequence SET seq = $1 WHERE name = 'webhook_log' AND seq < $1";
const FLOOR_POSTGRES: &str = "SELECT setval(pg_get_serial_sequence('webhook_log', 'position'), $1) \
     WHERE $1 > (SELECT COALESCE(MAX(position), 0) FROM webhook_log) AND $1 > 0 \
     AND $1 > (SELECT COALESCE(last_value, 0) FROM pg_sequences WHERE sequencename = 'webhook_log_position_seq')";
const LAST: &str = "SELECT CAST(COALESCE(MAX(position), 0) AS BIGINT) FROM webhook_log";

/// Runs one text on whichever home the log has.
macro_rules! at_home {
    ($pool:expr, $file:ident, $pool_name:ident => $run:expr) => {
        match $pool {
            Home::File {
                $file: $pool_name, ..
            } => $run,
            Home::Table($pool_name) => $run,
        }
    };
}

impl WebhookLog {
    /// Opens the log that belongs to a database, creating it where it is missing. `path` is the file
    /// for SQLite; without it the log stands beside the database as `<database>.intake`.
    ///
    /// # Errors
    /// When the file or table cannot be made.
    pub async fn open(db: &Db, address: &Address, path: Option<&Path>) -> Result<Self> {
        let home = match (address, db) {
            (Address::Sqlite(database), _) => {
                let path = path.map_or_else(|| beside(database), Path::to_path_buf);
                let options = crate::db::sqlite_options(&path, 1024);
                let mut write = SqliteConnection::connect_with(&options).await?;
                sqlx::query(CREATE_SQLITE).execute(&mut write).await?;
                let read = SqlitePoolOptions::new()
                    .max_connections(1)
                    .test_before_acquire(false)
                    .connect_with(options)
                    .await?;
                Home::File {
                    read,
                    write: Arc::new(Mutex::new(Some(write))),
                    checkpointer: Arc::new(Checkpointer::start(&path).await?),
                }
            }
            (Address::Postgres(_), Db::Postgres(pool)) => {
                sqlx::query(CREATE_POSTGRES).execute(pool).await?;
                Home::Table(pool.clone())
            }
            (Address::Postgres(_), Db::Sqlite { .. }) => {
                return Err(DbError::Corrupt(
                    "the intake log's address is not that of the database".into(),
                ));
            }
        };
        Ok(Self {
            home,
            recent: Arc::default(),
        })
    }

    /// Appends one frame and returns when it is durable: on disk, not in a cache.
    ///
    /// # Errors
    /// When it could not be made durable; then Meta must not be told 200.
    pub async fn append(&self, frame: NewFrame) -> Result<Position> {
        let (count, at) = (
            i64::try_from(frame.posts()).unwrap_or(i64::MAX),
            frame.first_at().0,
        );
        let bytes = frame.into_bytes();
        let position = match &self.home {
            Home::File { write, .. } => sqlx::query(APPEND_SQLITE)
                .bind(count)
                .bind(at)
                .bind(bytes.as_ref())
                .execute(open(&mut *write.lock().await)?)
                .await?
                .last_insert_rowid(),
            Home::Table(pool) => {
                // The driver reads on to the end of the implicit transaction before it gives the row.
                let (position,): (i64,) = sqlx::query_as(APPEND_POSTGRES)
                    .bind(count)
                    .bind(at)
                    .bind(bytes.as_ref())
                    .fetch_one(pool)
                    .await?;
                position
            }
        };
        self.recent().keep(position, bytes);
        Ok(position)
    }

    fn recent(&self) -> std::sync::MutexGuard<'_, Recent> {
        // Nothing that is done under the lock can end in between.
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A portion of the frames after a position, oldest first, and whether it knows of no more; for who goes on after
    /// them and does not ask again. What this process has just appended comes from memory; what found no room there
    /// is not known until it is read from the log.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn take_after(
        &self,
        position: Position,
        portion: Portion,
    ) -> Result<(Vec<Frame>, bool)> {
        let (recent, is_all) = {
            let mut recent = self.recent();
            (recent.take(position, portion), recent.is_empty())
        };
        if recent.is_empty() {
            return self.read_portion(position, portion).await;
        }
        let frames = recent
            .into_iter()
            .map(|(position, bytes)| Frame::decode(position, bytes));
        Ok((frames.collect::<Result<_>>()?, is_all))
    }

    /// Up to `limit` frames after a position, oldest first; they end with the one that reaches 4 MB. None only where
    /// none are left.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn read_after(&self, position: Position, limit: usize) -> Result<Vec<Frame>> {
        let portion = Portion {
            frames: limit,
            bytes: PORTION_BYTES,
        };
        let (frames, _) = self.read_portion(position, portion).await?;
        Ok(frames)
    }

    /// What lies in the log after a position, and whether it is all.
    async fn read_portion(
        &self,
        mut after: Position,
        portion: Portion,
    ) -> Result<(Vec<Frame>, bool)> {
        let most = i64::try_from(portion.frames).unwrap_or(i64::MAX);
        loop {
            let lengths: Vec<(i64, i64)> = at_home!(&self.home, read, pool => sqlx::query_as(LENGTHS).bind(after).bind(most).fetch_all(pool).await?);
            let Some((newest, _)) = lengths.last() else {
                return Ok((Vec::new(), true));
            };
            let mut room = i64::try_from(portion.bytes).unwrap_or(i64::MAX);
            let last = lengths.iter().find(|(_, length)| {
                room -= length;
                room <= 0
            });
            let last = last.map_or(*newest, |(position, _)| *position);
            let rows: Vec<(i64, Vec<u8>)> = at_home!(&self.home, read, pool => sqlx::query_as(READ).bind(after).bind(last).fetch_all(pool).await?);
            if rows.is_empty() {
                // All of them were trimmed between the two statements.
                after = last;
                continue;
            }
            let frames: Result<_> = rows
                .into_iter()
                .map(|(position, bytes)| Frame::decode(position, bytes.into()))
                .collect();
            return Ok((frames?, last == *newest && lengths.len() < portion.frames));
        }
    }

    /// The position after which frames of this time and later stand. Times hardly ever run backwards along the
    /// positions, so it is found by halving.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn position_before(&self, time: Timestamp) -> Result<Position> {
        let (first,): (i64,) =
            at_home!(&self.home, read, pool => sqlx::query_as(FIRST).fetch_one(pool).await?);
        let (mut low, mut high) = (first, self.last().await? + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            let next: Option<(i64, i64)> = at_home!(&self.home, read, pool => sqlx::query_as(NEXT_TIME).bind(middle).fetch_optional(pool).await?);
            match next {
                Some((position, at)) if at < time.0 => low = position + 1,
                _ => high = middle,
            }
        }
        Ok(low - 1)
    }

    /// What waits behind a position.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn backlog(&self, position: Position) -> Result<Backlog> {
        let (posts, oldest): (i64, Option<i64>) = at_home!(&self.home, read, pool => sqlx::query_as(BACKLOG).bind(position).fetch_one(pool).await?);
        Ok(Backlog {
            posts,
            oldest: oldest.map(Timestamp),
        })
    }

    /// The position of the newest frame; 0 when there is none.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn last(&self) -> Result<Position> {
        let (position,): (i64,) =
            at_home!(&self.home, read, pool => sqlx::query_as(LAST).fetch_one(pool).await?);
        Ok(position)
    }

    /// Removes frames that are projected (at or before `position`) and older than `before`.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub async fn trim(&self, position: Position, before: Timestamp) -> Result<u64> {
        Ok(match &self.home {
            Home::File { write, .. } => sqlx::query(TRIM)
                .bind(position)
                .bind(before.0)
                .execute(open(&mut *write.lock().await)?)
                .await?
                .rows_affected(),
            Home::Table(pool) => sqlx::query(TRIM)
                .bind(position)
                .bind(before.0)
                .execute(pool)
                .await?
                .rows_affected(),
        })
    }

    /// Makes positions go on after `position`. A log that was lost, or is older than the database beside
    /// it, would otherwise give positions that the projector has passed, and their posts would be lost.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub async fn begin_after(&self, position: Position) -> Result<()> {
        match &self.home {
            Home::File { write, .. } => {
                for text in [FLOOR_INSERT, FLOOR_RAISE] {
                    sqlx::query(text)
                        .bind(position)
                        .execute(open(&mut *write.lock().await)?)
                        .await?;
                }
            }
            Home::Table(pool) => {
                sqlx::query(FLOOR_POSTGRES)
                    .bind(position)
                    .execute(pool)
                    .await?;
            }
        }
        Ok(())
    }

    /// Closes the log.
    pub async fn close(&self) {
        if let Home::File {
            read,
            write,
            checkpointer,
        } = &self.home
        {
            checkpointer.stop();
            read.close().await;
            if let Some(connection) = write.lock().await.take()
                && let Err(error) = connection.close().await
            {
                tracing::warn!(error = %error, "the intake log did not close cleanly; what was acknowledged is on disk");
            }
        }
    }
}

fn open(connection: &mut Option<SqliteConnection>) -> Result<&mut SqliteConnection> {
    connection
        .as_mut()
        .ok_or(DbError::Driver(sqlx::Error::PoolClosed))
}

fn beside(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".intake");
    PathBuf::from(path)
}
