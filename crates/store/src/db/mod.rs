//! One SQL text, two native drivers.
//!
//! A query is a registered [`Sql`] with `$1…` and a list of [`Value`]s; a row is a struct with
//! `#[derive(sqlx::FromRow)]`. There is no `sqlx::Any`, no ORM and no trait implemented twice. Where
//! the dialects really differ, the statement holds one text for each, side by side.

mod address;
mod batch;
mod checkpoint;
mod lost;
mod migrate;
mod pool;
mod roles;
mod schema;
mod sql;
mod tx;

pub use address::{Address, BadAddress};
pub use batch::batch;
pub(crate) use checkpoint::Checkpointer;
pub use migrate::{Migration, pending};
pub use pool::Db;
pub(crate) use pool::sqlite_options;
pub use roles::Role;
pub use schema::{create_postgres_database, describe};
pub use sql::{Sql, Value};
pub use tx::Tx;

pub(crate) use sql::{args, printable, statements};

/// What can go wrong in the database. The message is for the log; people are told by the layers above.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The driver reported it.
    #[error(transparent)]
    Driver(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("migration failed: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A stored value cannot be read: damage or a bug, never bad input.
    #[error("stored value unreadable: {0}")]
    Corrupt(String),
    /// The program itself failed on what it was doing: a mistake in it, which ended in a panic.
    #[error("the program failed on this; please report it")]
    Fault,
    /// Somebody else wrote the same thing first. Trying again finds what they wrote.
    #[error("somebody else wrote the same thing at the same time")]
    Raced,
}

impl DbError {
    /// Whether the database refused what it was given, rather than being out of reach or busy.
    pub fn is_refusal(&self) -> bool {
        match self {
            // Class 40: rolled back for a deadlock or serialisation; 53–58: resources, shutdown, I/O.
            Self::Driver(sqlx::Error::Database(error)) => match error.code().as_deref() {
                Some(code) if code.len() == 5 => {
                    !matches!(&code[..2], "40" | "53" | "55" | "57" | "58" | "08")
                }
                // SQLite: busy, locked, out of memory, I/O error, corrupt, full, cannot open.
                Some(code) => !matches!(
                    code.parse::<i32>().map(|code| code & 0xff),
                    Ok(5 | 6 | 7 | 10 | 11 | 13 | 14)
                ),
                None => false,
            },
            Self::Driver(sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_))
            | Self::Corrupt(_)
            | Self::Fault => true,
            Self::Driver(_) | Self::Migrate(_) | Self::Raced => false,
        }
    }

    /// Whether the same transaction may well succeed when it is begun again: somebody wrote the same thing first, or
    /// two waited for each other and PostgreSQL ended this one (40P01 deadlock, 40001 serialisation).
    pub fn is_passing(&self) -> bool {
        let rolled_back = match self {
            Self::Driver(sqlx::Error::Database(error)) => {
                matches!(error.code().as_deref(), Some("40P01" | "40001"))
            }
            _ => false,
        };
        rolled_back || self.is_conflict()
    }

    /// Whether a unique key refused the write.
    pub fn is_conflict(&self) -> bool {
        match self {
            Self::Raced => true,
            Self::Driver(sqlx::Error::Database(error)) => error.is_unique_violation(),
            _ => false,
        }
    }
}

/// What store functions return.
pub type Result<T, E = DbError> = std::result::Result<T, E>;

/// A row that either driver can decode; `#[derive(sqlx::FromRow)]` is enough.
pub trait Record:
    for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow>
    + for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>
    + Send
    + Unpin
{
}

impl<T> Record for T where
    T: for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow>
        + for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>
        + Send
        + Unpin
{
}
