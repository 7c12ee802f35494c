//! Signed-in browsers. The cookie's secret has 256 random bits; what is kept is its SHA-256.

use domain::{SessionId, Timestamp, UserId};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, statements};

/// A session's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Session {
    /// Its id.
    #[sqlx(try_from = "Uuid")]
    pub id: SessionId,
    /// Whose.
    #[sqlx(try_from = "Uuid")]
    pub user_id: UserId,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
    /// Where it signed in from.
    pub ip: Option<String>,
    /// When.
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    #[sqlx(try_from = "i64")]
    pub last_seen_at: Timestamp,
    /// When it ends by itself.
    #[sqlx(try_from = "i64")]
    pub expires_at: Timestamp,
}

/// What a request by cookie needs to know, in one row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct SignedIn {
    /// The session.
    #[sqlx(try_from = "Uuid")]
    pub id: SessionId,
    /// The user.
    #[sqlx(try_from = "Uuid")]
    pub user_id: UserId,
    /// Their name.
    pub name: String,
    /// Whether they administer the platform.
    pub platform_admin: bool,
    /// When the session was last used, to the minute.
    #[sqlx(try_from = "i64")]
    pub last_seen_at: Timestamp,
    /// When it ends by itself.
    #[sqlx(try_from = "i64")]
    pub expires_at: Timestamp,
}

statements! {
    INSERT = Sql::Both("INSERT INTO sessions (id, user_id, hash, user_agent, ip, created_at, last_seen_at, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $6, $7)");
    BY_HASH = Sql::Both("SELECT s.id, s.user_id, u.name, u.platform_admin, s.last_seen_at, s.expires_at \
        FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.hash = $1 AND s.expires_at > $2 AND u.status = 'active'");
    OF_USER = Sql::Both("SELECT id, user_id, user_agent, ip, created_at, last_seen_at, expires_at FROM sessions \
        WHERE user_id = $1 AND expires_at > $2 ORDER BY last_seen_at DESC, id DESC");
    SEEN = Sql::Both("UPDATE sessions SET last_seen_at = $2, expires_at = $3 WHERE id = $1");
    END = Sql::Both("DELETE FROM sessions WHERE user_id = $1 AND id = $2");
    END_BY_HASH = Sql::Both("DELETE FROM sessions WHERE hash = $1");
    END_OTHERS = Sql::Both("DELETE FROM sessions WHERE user_id = $1 AND id <> $2");
    TRIM = Sql::Both("DELETE FROM sessions WHERE expires_at <= $1");
}

/// Begins a session.
///
/// # Errors
/// When the database refuses.
pub async fn insert(tx: &mut Tx, session: &Session, hash: Vec<u8>) -> Result<()> {
    let args = args![
        session.id,
        session.user_id,
        hash,
        session.user_agent.clone(),
        session.ip.clone(),
        session.created_at,
        session.expires_at,
    ];
    tx.run(INSERT, args).await.map(drop)
}

/// The live session of a cookie, with its active user.
///
/// # Errors
/// When the database refuses.
pub async fn by_hash(db: &Db, hash: Vec<u8>, now: Timestamp) -> Result<Option<SignedIn>> {
    db.first(BY_HASH, args![hash, now]).await
}

/// A user's live sessions, the last used first.
///
/// # Errors
/// When the database refuses.
pub async fn of_user(db: &Db, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
    db.all(OF_USER, args![user, now]).await
}

/// Notes that a session was used and moves its end.
///
/// # Errors
/// When the database refuses.
pub async fn seen(db: &Db, id: SessionId, now: Timestamp, expires_at: Timestamp) -> Result<()> {
    db.run(SEEN, args![id, now, expires_at]).await.map(drop)
}

/// Ends a session of a user. False when there is none such.
///
/// # Errors
/// When the database refuses.
pub async fn end(tx: &mut Tx, user: UserId, id: SessionId) -> Result<bool> {
    Ok(tx.run(END, args![user, id]).await? == 1)
}

/// Ends the session of a cookie, if there is one.
///
/// # Errors
/// When the database refuses.
pub async fn end_by_hash(tx: &mut Tx, hash: Vec<u8>) -> Result<()> {
    tx.run(END_BY_HASH, args![hash]).await.map(drop)
}

/// Ends all sessions of a user but one (all, when it is none of theirs).
///
/// # Errors
/// When the database refuses.
pub async fn end_others(tx: &mut Tx, user: UserId, kept: Option<SessionId>) -> Result<u64> {
    let kept = kept.map_or(Uuid::nil(), Uuid::from);
    tx.run(END_OTHERS, args![user, kept]).await
}

/// Removes what has ended by itself.
///
/// # Errors
/// When the database refuses.
pub async fn trim(db: &Db, now: Timestamp) -> Result<u64> {
    db.run(TRIM, args![now]).await
}
