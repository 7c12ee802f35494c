//! Bringing the schema up to date: two folders with the same file names, applied in order, each
//! recorded with its checksum. PostgreSQL holds an advisory lock meanwhile. SQLite has none: of two
//! processes that migrate one file at the same moment, one may stop with an error and can be started again.

use std::collections::HashSet;

use sqlx::migrate::Migrator;

use super::{Db, Result};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// A migration that has not been applied yet.
#[derive(Debug, Clone)]
pub struct Migration {
    /// Its number.
    pub version: i64,
    /// What its file name says.
    pub description: String,
    /// What it would run.
    pub sql: String,
}

impl Db {
    /// Applies what is missing.
    ///
    /// # Errors
    /// When a migration fails (it is rolled back) or an applied one was changed afterwards.
    pub async fn migrate(&self) -> Result<()> {
        match self {
            Self::Sqlite { write, .. } => SQLITE.run(write).await?,
            Self::Postgres(pool) => POSTGRES.run(pool).await?,
        }
        Ok(())
    }
}

/// What [`Db::migrate`] would apply.
///
/// # Errors
/// When the database cannot be read.
pub async fn pending(db: &Db) -> Result<Vec<Migration>> {
    const APPLIED: &str = "SELECT version FROM _sqlx_migrations WHERE success";
    let applied: std::result::Result<Vec<(i64,)>, sqlx::Error> = match db {
        Db::Sqlite { write, .. } => sqlx::query_as(APPLIED).fetch_all(write).await,
        Db::Postgres(pool) => sqlx::query_as(APPLIED).fetch_all(pool).await,
    };
    let applied: HashSet<i64> = match applied {
        Ok(rows) => rows.into_iter().map(|row| row.0).collect(),
        // A fresh database has no such table.
        Err(sqlx::Error::Database(_)) => HashSet::new(),
        Err(error) => return Err(error.into()),
    };
    let migrator = if db.is_postgres() { &POSTGRES } else { &SQLITE };
    Ok(migrator
        .iter()
        .filter(|migration| !applied.contains(&migration.version))
        .map(|migration| Migration {
            version: migration.version,
            description: migration.description.to_string(),
            sql: migration.sql.as_str().to_owned(),
        })
        .collect())
}
