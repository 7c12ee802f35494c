//! The open database: one writer and many readers on SQLite, a pool on PostgreSQL.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, Postgres, Sqlite, SqlitePool};

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
            $crate::db::Value::Text(value) => query.bind(value),
            $crate::db::Value::Blob(value) => query.bind(value),
            $crate::db::Value::Id(value) => query.bind(value),
        })
    };
}
pub(super) use bind;

/// Pages after which SQLite moves the WAL into the file. 20,000 keeps the 99th percentile of commits
/// lower than the default 1,000, at the price of a WAL of about 80 MB.
const WAL_CHECKPOINT_PAGES: &str = "20000";

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
                    .connect_with(sqlite_options(path, 24 * 1024))
                    .await?;
                let read = SqlitePoolOptions::new()
                    .max_connections(4)
                    .connect_with(sqlite_options(path, 2 * 1024).pragma("query_only", "on"))
                    .await?;
                Ok(Self::Sqlite { read, write })
            }
            Address::Postgres(url) => {
                let options = PgConnectOptions::from_str(url)?.statement_cache_capacity(256);
                let pool = PgPoolOptions::new()
                    .max_connections(16)
                    .acquire_timeout(Duration::from_secs(10))
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
        Ok(match self {
            Self::Sqlite { write, .. } => Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
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
            Self::Postgres(pool) => {
                bind!(sqlx::query_as::<Postgres, T>(sql.postgres()), args)
                    .fetch_all(pool)
                    .await?
            }
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
            Self::Postgres(pool) => {
                bind!(sqlx::query_as::<Postgres, T>(sql.postgres()), args)
                    .fetch_optional(pool)
                    .await?
            }
        })
    }

    /// Runs one writing statement in a transaction of its own and says how many rows it touched.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn run(&self, sql: Sql, args: Vec<Value>) -> Result<u64> {
        Ok(match self {
            Self::Sqlite { write, .. } => bind!(sqlx::query::<Sqlite>(sql.sqlite()), args)
                .execute(write)
                .await?
                .rows_affected(),
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
        use sqlx::{Executor as _, SqlSafeStr as _};
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
            Self::Sqlite { read, .. } => drop(sqlx::query("SELECT 1").execute(read).await?),
            Self::Postgres(pool) => drop(sqlx::query("SELECT 1").execute(pool).await?),
        }
        Ok(())
    }

    /// Closes the pools; waits for work under way.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl From<std::io::Error> for DbError {
    fn from(error: std::io::Error) -> Self {
        Self::Driver(sqlx::Error::Io(error))
    }
}
