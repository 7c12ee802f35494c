//! Wrong guesses at sign-in, by subject: an account's address, or where the guesses come from.

use domain::Timestamp;

use crate::db::{Db, Result, Sql, args, statements};

/// Wrong guesses of one subject.
#[derive(Debug, Clone, Copy, Default, sqlx::FromRow)]
pub struct Guesses {
    /// How many in a row.
    pub failures: i64,
    /// When the last one was (µs).
    pub last_at: i64,
}

statements! {
    GET = Sql::Both("SELECT failures, last_at FROM sign_in_failures WHERE subject = $1");
    // Counted before the password is looked at, so that guesses sent at the same moment count each.
    COUNT = Sql::Both("INSERT INTO sign_in_failures (subject, failures, last_at) VALUES ($1, 1, $2) \
        ON CONFLICT (subject) DO UPDATE SET failures = CASE WHEN sign_in_failures.last_at < $3 THEN 1 ELSE sign_in_failures.failures + 1 END, last_at = $2");
    FORGET = Sql::Both("DELETE FROM sign_in_failures WHERE subject = $1");
    UNCOUNT = Sql::Both("UPDATE sign_in_failures SET failures = failures - 1 WHERE subject = $1 AND failures > 0");
    TRIM = Sql::Both("DELETE FROM sign_in_failures WHERE last_at < $1");
}

/// The wrong guesses of a subject.
///
/// # Errors
/// When the database refuses.
pub async fn get(db: &Db, subject: &str) -> Result<Guesses> {
    Ok(db.first(GET, args![subject]).await?.unwrap_or_default())
}

/// Counts a guess; those from before `since` are forgotten.
///
/// # Errors
/// When the database refuses.
pub async fn count(db: &Db, subject: &str, now: Timestamp, since: Timestamp) -> Result<()> {
    db.run(COUNT, args![subject, now, since]).await.map(drop)
}

/// A right guess: the subject starts anew.
///
/// # Errors
/// When the database refuses.
pub async fn forget(db: &Db, subject: &str) -> Result<()> {
    db.run(FORGET, args![subject]).await.map(drop)
}

/// Takes one guess back: it was right, which says nothing about the ones before it.
///
/// # Errors
/// When the database refuses.
pub async fn uncount(db: &Db, subject: &str) -> Result<()> {
    db.run(UNCOUNT, args![subject]).await.map(drop)
}

/// Removes subjects whose last guess is older than `before`.
///
/// # Errors
/// When the database refuses.
pub async fn trim(db: &Db, before: Timestamp) -> Result<u64> {
    db.run(TRIM, args![before]).await
}
