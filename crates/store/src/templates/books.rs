//! How current the templates of an account are.

use domain::Timestamp;

use crate::db::{Db, Result, Sql, Tx, args, statements};

/// What is known about an account's templates as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Book {
    /// How often they changed.
    pub version: i64,
    /// When Meta's whole list was last held against them (µs).
    pub synced_at: Option<i64>,
    /// Why that did not work the last time.
    pub problem: Option<String>,
}

statements! {
    GET = Sql::Both("SELECT version, synced_at, problem FROM template_books WHERE waba_id = $1");
    TURN = Sql::Both("INSERT INTO template_books (waba_id, version) VALUES ($1, 1) ON CONFLICT (waba_id) DO UPDATE SET version = template_books.version + 1");
    SYNCED = Sql::Both("INSERT INTO template_books (waba_id, version, synced_at) VALUES ($1, 1, $2) ON CONFLICT (waba_id) DO UPDATE SET synced_at = excluded.synced_at, problem = NULL");
    FAILED = Sql::Both("INSERT INTO template_books (waba_id, version, problem) VALUES ($1, 1, $2) ON CONFLICT (waba_id) DO UPDATE SET problem = excluded.problem");
    DUE = Sql::Both("SELECT w.waba_id FROM wabas w LEFT JOIN template_books b ON b.waba_id = w.waba_id WHERE w.access_token IS NOT NULL \
        AND NOT EXISTS (SELECT 1 FROM connections c JOIN onboarding_runs r ON r.connection_id = c.id WHERE c.waba_id = w.waba_id AND r.state IN ('running', 'waiting')) \
        AND coalesce(b.synced_at, 0) <= $1 ORDER BY coalesce(b.synced_at, 0), w.waba_id LIMIT $2");
}

/// An account's book; an empty one where nothing is known.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_get(db: &Db, waba_id: &str) -> Result<Book> {
    Ok(db.first(GET, args![waba_id]).await?.unwrap_or_default())
}

/// Something of an account's templates changes: whoever remembers them reads them again.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_turn(tx: &mut Tx, waba_id: &str) -> Result<()> {
    tx.run(TURN, args![waba_id]).await.map(drop)
}

/// Meta's whole list, as it was then, is on file.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_synced(tx: &mut Tx, waba_id: &str, at: Timestamp) -> Result<()> {
    tx.run(SYNCED, args![waba_id, at]).await.map(drop)
}

/// Meta's list could not be read.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_failed(db: &Db, waba_id: &str, why: &str) -> Result<()> {
    db.run(FAILED, args![waba_id, why]).await.map(drop)
}

/// Accounts with a token whose list was last read at that time or before, those longest ago first. One that is being
/// connected is left alone: reading its list is a step of that.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_due(db: &Db, before: Timestamp, limit: i64) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = db.all(DUE, args![before, limit]).await?;
    Ok(rows.into_iter().map(|(waba_id,)| waba_id).collect())
}
