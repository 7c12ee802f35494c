//! The open database: one writer and many readers on SQLite, a pool on PostgreSQL.

use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{
    Connection as _, Executor as _, PgPool, Postgres, SqlSafeStr as _, Sqlite, SqlitePool,
    Transaction,
};

use super::checkpoint::Checkpointer;
use super::lost::{CONNECTIONS, outlive};
use super::{Address, DbError, Record, Result, Sql, Tx, Value};

/// An open database. Cloning shares the pools.
#[derive(Debug, Clone)]
pub enum Db {
    /// SQLite in WAL mode.
    Sqlite {
        /// Many readers; each sees the last committed state.
        read: SqlitePool,
        /// The one writer.
        write: SqlitePool,
        /// Whether the writer's commits do not wait for the disk at the moment.
        relaxed: Arc<AtomicBool>,
        /// Keeps the WAL short.
        checkpointer: Arc<Checkpointer>,
    },
    /// PostgreSQL.
    Postgres(PgPool),
}

/// Binds a list of values to a query of either driver.
macro_rules! bind {
    ($query:expr, $args:expr) => {
        $args.into_iter().fold($query, |query, value| match value {
            $crate::db::Value::Bool(value) => query.bind(value),
            $crate::db::Value::Int(value) => query.bind(value),
            $crate::db::Value::Text(value) => query.bind(value.map($crate::db::printable)),
            $crate::db::Value::Blob(value) => query.bind(value),
            $crate::db::Value::Id(value) => query.bind(value),
        })
    };
}
pub(super) use bind;

/// Pages after which a commit itself moves the WAL into the file: a net for the case that the
/// [`Checkpointer`] cannot keep up.
const WAL_CHECKPOINT_PAGES: &str = "60000";

/// The writer's page cache. Measured under a flood of webhooks, with 16 / 12 / 8 MB: 26.9 / 26.0 / 24.7 thousand a
/// second, and a process whose own memory has 73–87 / 63 / 59 MB.
const WRITER_CACHE_KIB: u32 = 12 * 1024;

/// A PostgreSQL connection that was idle for this long is asked whether it is alive before it is used.
const IDLE: Duration = Duration::from_secs(1);

/// Options that every SQLite file of ours is opened with. `synchronous=FULL`: what was committed
/// survives a power cut.
pub(crate) fn sqlite_options(path: &std::path::Path, cache_kib: u32) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(10))
        .foreign_keys(true)
        .pragma("wal_autocheckpoint", WAL_CHECKPOINT_PAGES)
        .pragma("temp_store", "memory")
        .pragma("cache_size", format!("-{cache_kib}"))
        .statement_cache_capacity(256)
}

impl Db {
    /// Opens the database and creates the SQLite file where it is missing. Does not migrate.
    ///
    /// # Errors
    /// When the file or the server cannot be reached.
    pub async fn open(address: &Address) -> Result<Self> {
        match address {
            Address::Sqlite(path) => {
                if let Some(folder) = path
                    .parent()
                    .filter(|folder| !folder.as_os_str().is_empty())
                {
                    std::fs::create_dir_all(folder).map_err(sqlx::Error::Io)?;
                }
                let write = SqlitePoolOptions::new()
                    .max_connections(1)
                    .test_before_acquire(false)
                    // On a full disk or an I/O error SQLite ends the transaction itself, and the driver would
                    // for ever believe that it is still open. Such a connection is replaced. The ping goes
                    // first, because it carries out the rollback of a transaction that was dropped.
                    .after_release(|connection, _| {
                        Box::pin(async move {
                            connection.ping().await?;
                            Ok(!connection.is_in_transaction())
                        })
                    })
                    .connect_with(sqlite_options(path, WRITER_CACHE_KIB))
                    .await?;
                let read = SqlitePoolOptions::new()
                    .max_connections(4)
                    .test_before_acquire(false)
                    .connect_with(sqlite_options(path, 2 * 1024).pragma("query_only", "on"))
                    .await?;
                Ok(Self::Sqlite {
                    read,
                    write,
                    relaxed: Arc::default(),
                    checkpointer: Arc::new(Checkpointer::start(path).await?),
                })
            }
            Address::Postgres(url) => {
                let options = PgConnectOptions::from_str(url)?.statement_cache_capacity(256);
                let pool = PgPoolOptions::new()
                    .max_connections(CONNECTIONS)
                    .acquire_timeout(Duration::from_secs(10))
                    // Asking a connection that was used a moment ago costs each query a round trip.
                    .test_before_acquire(false)
                    .before_acquire(|connection, used| {
                        Box::pin(async move {
                            if used.idle_for >= IDLE {
                                connection.ping().await?;
                            }
                            Ok(true)
                        })
                    })
                    .connect_with(options)
                    .await?;
                Ok(Self::Postgres(pool))
            }
        }
    }

    /// Whether this is PostgreSQL.
    pub const fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Begins a write transaction (`BEGIN IMMEDIATE` on SQLite). Never hold one over a network call.
    ///
    /// # Errors
    /// When no connection can be had.
    pub async fn begin(&self) -> Result<Tx> {
        self.begin_with(false).await
    }

    /// Begins a write transaction whose commit does not wait for the disk. Only for what can be done
    /// again: the projector's position goes with its effects, so what a power cut undoes is projected
    /// anew from the intake log. Any later commit that waits makes this one durable, too.
    ///
    /// # Errors
    /// When no connection can be had.
    pub async fn begin_redoable(&self) -> Result<Tx> {
        self.begin_with(true).await
    }

    async fn begin_with(&self, redoable: bool) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { write, relaxed, .. } => {
                let writer = writer(write, relaxed, redoable).await?;
                Tx::Sqlite(
                    Transaction::begin(writer, Some("BEGIN IMMEDIATE".into_sql_str())).await?,
                )
            }
            Self::Postgres(pool) => {
                let mut tx = outlive!(pool.begin().await)?;
                if redoable {
                    tx.execute("SET LOCAL synchronous_commit = off").await?;
                }
                Tx::Postgres(tx)
            }
        })
    }

    /// Every row of a reading query.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn all<T: Record>(&self, sql: Sql, args: Vec<Value>) -> Result<Vec<T>> {
        Ok(match self {
            Self::Sqlite { read, .. } => {
                bind!(sqlx::query_as::<Sqlite, T>(sql.sqlite()), args)
                    .fetch_all(read)
                    .await?
            }
            Self::Postgres(pool) => outlive!({
                bind!(sqlx::query_as::<Postgres, T>(sql.postgres()), args.clone())
                    .fetch_all(pool)
                    .await
            })?,
        })
    }

    /// The first row of a reading query, if any.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn first<T: Record>(&self, sql: Sql, args: Vec<Value>) -> Result<Option<T>> {
        Ok(match self {
            Self::Sqlite { read, .. } => {
                bind!(sqlx::query_as::<Sqlite, T>(sql.sqlite()), args)
                    .fetch_optional(read)
                    .await?
            }
            Self::Postgres(pool) => outlive!({
                bind!(sqlx::query_as::<Postgres, T>(sql.postgres()), args.clone())
                    .fetch_optional(pool)
                    .await
            })?,
        })
    }

    /// Runs one writing statement in a transaction of its own and says how many rows it touched.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn run(&self, sql: Sql, args: Vec<Value>) -> Result<u64> {
        Ok(match self {
            Self::Sqlite { write, relaxed, .. } => {
                let mut writer = writer(write, relaxed, false).await?;
                bind!(sqlx::query::<Sqlite>(sql.sqlite()), args)
                    .execute(&mut *writer)
                    .await?
                    .rows_affected()
            }
            Self::Postgres(pool) => bind!(sqlx::query::<Postgres>(sql.postgres()), args)
                .execute(pool)
                .await?
                .rows_affected(),
        })
    }

    /// Prepares a statement without running it. The test that replaces the compile-time check.
    ///
    /// # Errors
    /// When the text is not valid on this database.
    pub async fn prepare(&self, sql: Sql) -> Result<()> {
        match self {
            Self::Sqlite { write, .. } => drop(write.prepare(sql.sqlite().into_sql_str()).await?),
            Self::Postgres(pool) => drop(pool.prepare(sql.postgres().into_sql_str()).await?),
        }
        Ok(())
    }

    /// Answers when the database answers. For readiness checks.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<()> {
        match self {
            Self::Sqlite { read, .. } => {
                sqlx::query("SELECT 1").execute(read).await?;
            }
            Self::Postgres(pool) => {
                sqlx::query("SELECT 1").execute(pool).await?;
            }
        }
        Ok(())
    }

    /// Closes the pools; waits for work under way.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { read, write, .. } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// The one writing connection of SQLite, set to wait for the disk at commit or not. Who holds the
/// connection is alone with the flag.
async fn writer(
    write: &SqlitePool,
    relaxed: &AtomicBool,
    redoable: bool,
) -> Result<PoolConnection<Sqlite>> {
    let mut connection = write.acquire().await?;
    if relaxed.load(Ordering::Acquire) != redoable {
        let pragma = if redoable {
            "PRAGMA synchronous = NORMAL"
        } else {
            "PRAGMA synchronous = FULL"
        };
        connection.execute(pragma).await?;
        relaxed.store(redoable, Ordering::Release);
    }
    Ok(connection)
}

impl From<std::io::Error> for DbError {
    fn from(error: std::io::Error) -> Self {
        Self::Driver(sqlx::Error::Io(error))
    }
}
