//! A write transaction of either driver.

use sqlx::{Postgres, Sqlite, Transaction};

use super::pool::bind;
use super::{DbError, Record, Result, Sql, Value};

/// A transaction that has not ended. Dropping it rolls back.
#[derive(Debug)]
pub enum Tx {
    /// On SQLite's one writer.
    Sqlite(Transaction<'static, Sqlite>),
    /// On a PostgreSQL connection.
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    /// Every row.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn all<T: Record>(&mut self, sql: Sql, args: Vec<Value>) -> Result<Vec<T>> {
        Ok(match self {
            Self::Sqlite(tx) => {
                bind!(sqlx::query_as::<Sqlite, T>(sql.sqlite()), args)
                    .fetch_all(&mut **tx)
                    .await?
            }
            Self::Postgres(tx) => {
                bind!(sqlx::query_as::<Postgres, T>(sql.postgres()), args)
                    .fetch_all(&mut **tx)
                    .await?
            }
        })
    }

    /// Every row of a statement that yields them as one JSON text: an array of arrays, in the order of `T`'s fields.
    /// For hot paths: on SQLite a row through the driver costs about 8 µs, because each value is copied and each
    /// row crosses a channel.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn gathered<T: serde::de::DeserializeOwned>(
        &mut self,
        sql: Sql,
        args: Vec<Value>,
    ) -> Result<Vec<T>> {
        let Some((rows,)) = self.first::<(Option<String>,)>(sql, args).await? else {
            return Ok(Vec::new());
        };
        serde_json::from_str(rows.as_deref().unwrap_or("[]"))
            .map_err(|error| DbError::Corrupt(format!("rows gathered as JSON: {error}")))
    }

    /// The first row, if any.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn first<T: Record>(&mut self, sql: Sql, args: Vec<Value>) -> Result<Option<T>> {
        Ok(match self {
            Self::Sqlite(tx) => {
                bind!(sqlx::query_as::<Sqlite, T>(sql.sqlite()), args)
                    .fetch_optional(&mut **tx)
                    .await?
            }
            Self::Postgres(tx) => {
                bind!(sqlx::query_as::<Postgres, T>(sql.postgres()), args)
                    .fetch_optional(&mut **tx)
                    .await?
            }
        })
    }

    /// Runs a writing statement and says how many rows it touched.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn run(&mut self, sql: Sql, args: Vec<Value>) -> Result<u64> {
        Ok(match self {
            Self::Sqlite(tx) => bind!(sqlx::query::<Sqlite>(sql.sqlite()), args)
                .execute(&mut **tx)
                .await?
                .rows_affected(),
            Self::Postgres(tx) => bind!(sqlx::query::<Postgres>(sql.postgres()), args)
                .execute(&mut **tx)
                .await?
                .rows_affected(),
        })
    }

    /// Makes it durable.
    ///
    /// # Errors
    /// When the database refuses; then nothing of it happened.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Undoes it now instead of when it is dropped.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn rollback(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.rollback().await?,
            Self::Postgres(tx) => tx.rollback().await?,
        }
        Ok(())
    }
}
