//! Roles that one process holds at a time: projecting the intake log, and sending.
//!
//! The lock lives in something that dies with the process: a file lock beside a SQLite database, a
//! session's advisory lock on PostgreSQL. So after a crash the next process takes over at once, and
//! what the dead one left under way is known to be orphaned.

use std::fs::File;
use std::path::{Path, PathBuf};

use sqlx::{Connection as _, PgConnection};

use super::{Address, Result};

/// A role that is held. Dropping it, or dying, gives it up.
#[derive(Debug)]
pub struct Role {
    held: Held,
}

#[derive(Debug)]
enum Held {
    File { _lock: File },
    Session(Box<PgConnection>),
}

impl Role {
    /// Tries to take the role `name`; `None` while another process holds it.
    ///
    /// # Errors
    /// When the lock file or the server cannot be reached.
    pub async fn try_take(address: &Address, name: &str) -> Result<Option<Self>> {
        match address {
            Address::Sqlite(path) => {
                let lock = File::options()
                    .create(true)
                    .truncate(false)
                    .write(true)
                    .open(lock_path(path, name))?;
                match lock.try_lock() {
                    Ok(()) => Ok(Some(Self {
                        held: Held::File { _lock: lock },
                    })),
                    Err(std::fs::TryLockError::WouldBlock) => Ok(None),
                    Err(std::fs::TryLockError::Error(error)) => Err(error.into()),
                }
            }
            Address::Postgres(url) => {
                let mut session = PgConnection::connect(url).await?;
                let (taken,): (bool,) = sqlx::query_as(
                    "SELECT pg_try_advisory_lock(hashtext(current_database()), hashtext($1))",
                )
                .bind(name)
                .fetch_one(&mut session)
                .await?;
                Ok(taken.then(|| Self {
                    held: Held::Session(Box::new(session)),
                }))
            }
        }
    }

    /// Whether the role is still held: a PostgreSQL session may have been cut.
    pub async fn still_held(&mut self) -> bool {
        match &mut self.held {
            Held::File { .. } => true,
            Held::Session(session) => session.ping().await.is_ok(),
        }
    }
}

fn lock_path(database: &Path, name: &str) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(format!(".{name}.lock"));
    PathBuf::from(path)
}
