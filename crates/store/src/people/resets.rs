//! Links that set a new password. Each works once, for a short time.

use domain::{Timestamp, UserId};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, statements};

statements! {
    INSERT = Sql::Both("INSERT INTO password_resets (hash, user_id, expires_at, created_at) VALUES ($1, $2, $3, $4)");
    PEEK = Sql::Both("SELECT user_id FROM password_resets WHERE hash = $1 AND expires_at > $2");
    TAKE = Sql::Both("DELETE FROM password_resets WHERE hash = $1 AND expires_at > $2 RETURNING user_id");
    FORGET = Sql::Both("DELETE FROM password_resets WHERE user_id = $1");
    TRIM = Sql::Both("DELETE FROM password_resets WHERE expires_at <= $1");
}

/// Adds a link; older ones of the user stop working.
///
/// # Errors
/// When the database refuses.
pub async fn insert(
    tx: &mut Tx,
    user: UserId,
    hash: Vec<u8>,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    tx.run(FORGET, args![user]).await?;
    tx.run(INSERT, args![hash, user, expires_at, now])
        .await
        .map(drop)
}

/// Whose password a link sets.
///
/// # Errors
/// When the database refuses.
pub async fn peek(db: &Db, hash: Vec<u8>, now: Timestamp) -> Result<Option<UserId>> {
    let row: Option<(Uuid,)> = db.first(PEEK, args![hash, now]).await?;
    Ok(row.map(|(id,)| UserId(id)))
}

/// Uses a link up.
///
/// # Errors
/// When the database refuses.
pub async fn take(tx: &mut Tx, hash: Vec<u8>, now: Timestamp) -> Result<Option<UserId>> {
    let row: Option<(Uuid,)> = tx.first(TAKE, args![hash, now]).await?;
    Ok(row.map(|(id,)| UserId(id)))
}

/// Makes a user's links useless.
///
/// # Errors
/// When the database refuses.
pub async fn forget(tx: &mut Tx, user: UserId) -> Result<()> {
    tx.run(FORGET, args![user]).await.map(drop)
}

/// Removes what has ended by itself.
///
/// # Errors
/// When the database refuses.
pub async fn trim(db: &Db, now: Timestamp) -> Result<u64> {
    db.run(TRIM, args![now]).await
}
