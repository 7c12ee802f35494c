//! What Meta was asked about an account's templates lately. A row is written before Meta is asked, so that a crash
//! makes us count too much, never too little.

use domain::{JobId, Timestamp};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, statements};

/// Something that Meta was asked.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Act {
    /// `look`, `create`, `edit` (of what was approved), `correct`.
    pub kind: String,
    /// The template that was edited.
    pub meta_id: Option<String>,
    /// How many calls it took.
    pub calls: i64,
    /// When.
    #[sqlx(try_from = "i64")]
    pub at: Timestamp,
}

statements! {
    INSERT = Sql::Both("INSERT INTO template_acts (id, waba_id, kind, meta_id, calls, at) VALUES ($1, $2, $3, $4, $5, $6)");
    REMOVE = Sql::Both("DELETE FROM template_acts WHERE id = $1");
    FORGET_LAST_EDIT = Sql::Both("DELETE FROM template_acts WHERE id = (SELECT id FROM template_acts WHERE waba_id = $1 AND kind = 'edit' AND meta_id = $2 ORDER BY at DESC, id DESC LIMIT 1)");
    // Creations and calls count for an hour, edits for a month.
    OF_WABA = Sql::Both("SELECT kind, meta_id, calls, at FROM template_acts WHERE waba_id = $1 AND (at > $2 OR (kind = 'edit' AND at > $3)) ORDER BY at");
    TRIM = Sql::Both("DELETE FROM template_acts WHERE at < $1 OR (kind <> 'edit' AND at < $2)");
}

/// Notes an act. Gives what [`remove`] takes.
///
/// # Errors
/// When the database refuses.
pub async fn add(
    tx: &mut Tx,
    waba_id: &str,
    kind: &str,
    meta_id: Option<&str>,
    calls: i64,
    now: Timestamp,
) -> Result<Uuid> {
    let id = Uuid::from(JobId::new(now));
    tx.run(INSERT, args![id, waba_id, kind, meta_id, calls, now])
        .await?;
    Ok(id)
}

/// Takes back an act that Meta refused, so that it does not count.
///
/// # Errors
/// When the database refuses.
pub async fn remove(tx: &mut Tx, id: Uuid) -> Result<()> {
    tx.run(REMOVE, args![id]).await.map(drop)
}

/// Takes back the last edit of a template, which Meta never had.
///
/// # Errors
/// When the database refuses.
pub async fn forget_last_edit(tx: &mut Tx, waba_id: &str, meta_id: &str) -> Result<()> {
    tx.run(FORGET_LAST_EDIT, args![waba_id, meta_id])
        .await
        .map(drop)
}

/// What still counts in an account, the oldest first: all since `hour`, edits since `month`.
///
/// # Errors
/// When the database refuses.
pub async fn of_waba(
    db: &Db,
    waba_id: &str,
    hour: Timestamp,
    month: Timestamp,
) -> Result<Vec<Act>> {
    db.all(OF_WABA, args![waba_id, hour, month]).await
}

/// Removes what does not count any more.
///
/// # Errors
/// When the database refuses.
pub async fn trim(db: &Db, month: Timestamp, hour: Timestamp) -> Result<u64> {
    db.run(TRIM, args![month, hour]).await
}
