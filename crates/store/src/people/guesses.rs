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
    // Allowed and counted in one statement, before the password is looked at: of guesses that are sent at the
    // same moment no more pass than of guesses one after the other. The wait doubles from 15 s to 16 minutes.
    COUNT = Sql::Both("INSERT INTO sign_in_failures (subject, failures, last_at) VALUES ($1, 1, $2) \
        ON CONFLICT (subject) DO UPDATE SET last_at = $2, \
        failures = CASE WHEN sign_in_failures.last_at < $3 THEN 1 ELSE sign_in_failures.failures + 1 END \
        WHERE sign_in_failures.last_at < $3 OR sign_in_failures.failures < $4 OR sign_in_failures.last_at + 15000000 * \
        (1 << CAST(CASE WHEN sign_in_failures.failures - $4 > 6 THEN 6 ELSE sign_in_failures.failures - $4 END AS INTEGER)) <= $2");
    FORGET = Sql::Both("DELETE FROM sign_in_failures WHERE subject = $1");
    UNCOUNT = Sql::Both("UPDATE sign_in_failures SET failures = CASE WHEN failures > 5 THEN failures - 5 ELSE 0 END WHERE subject = $1");
    TRIM = Sql::Both("DELETE FROM sign_in_failures WHERE last_at < $1");
}

/// The wrong guesses of a subject.
///
/// # Errors
/// When the database refuses.
pub async fn get(db: &Db, subject: &str) -> Result<Guesses> {
    Ok(db.first(GET, args![subject]).await?.unwrap_or_default())
}

/// Counts a guess, unless its subject has to wait: then false, and nothing is counted. `free` guesses need no
/// wait; those from before `since` are forgotten.
///
/// # Errors
/// When the database refuses.
pub async fn count(
    db: &Db,
    subject: &str,
    free: i64,
    now: Timestamp,
    since: Timestamp,
) -> Result<bool> {
    Ok(db.run(COUNT, args![subject, now, since, free]).await? == 1)
}

/// How long after the last guess the next one may come, when `failures` were wrong and `free` are free.
pub fn wait(failures: i64, free: i64) -> std::time::Duration {
    let over = u32::try_from(failures - free).unwrap_or(0).min(6);
    std::time::Duration::from_secs(15 << over)
}

/// A right guess: the subject starts anew.
///
/// # Errors
/// When the database refuses.
pub async fn forget(db: &Db, subject: &str) -> Result<()> {
    db.run(FORGET, args![subject]).await.map(drop)
}

/// A right guess takes five wrong ones back: where many people sign in, somebody always mistypes.
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
