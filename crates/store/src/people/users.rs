//! Users. An address belongs to one of them.

use domain::{Timestamp, UserId};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, statements};
use crate::page::Page;

/// A user's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct User {
    /// Their id.
    #[sqlx(try_from = "Uuid")]
    pub id: UserId,
    /// Their address, in lower case.
    pub email: String,
    /// What colleagues read.
    pub name: String,
    /// Argon2id in PHC form.
    pub password_hash: String,
    /// The authenticator's secret, sealed; there is one also while it waits for its first code.
    pub totp_secret: Option<Vec<u8>>,
    /// Whether signing in takes a code.
    pub totp_on: bool,
    /// The last 30-second step whose code was used: a code works once.
    pub totp_last_step: i64,
    /// Language of the pages, such as `es`.
    pub language: String,
    /// `system`, `light`, `dark`.
    pub theme: String,
    /// Whether they administer the platform.
    pub platform_admin: bool,
    /// `active` or `disabled`.
    pub status: String,
    /// When they last signed in (µs).
    pub last_sign_in_at: Option<i64>,
    /// When they were added.
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
}

impl User {
    /// A new active user without rights.
    pub fn new(email: &str, name: &str, password_hash: String, now: Timestamp) -> Self {
        Self {
            id: UserId::new(now),
            email: email.to_owned(),
            name: name.to_owned(),
            password_hash,
            totp_secret: None,
            totp_on: false,
            totp_last_step: 0,
            language: "en".to_owned(),
            theme: "system".to_owned(),
            platform_admin: false,
            status: "active".to_owned(),
            last_sign_in_at: None,
            created_at: now,
        }
    }

    /// Whether they may sign in.
    pub fn is_active(&self) -> bool {
        self.status == "active"
    }
}

statements! {
    INSERT = Sql::Both("INSERT INTO users (id, email, name, password_hash, totp_on, totp_last_step, language, theme, platform_admin, status, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING");
    GET = Sql::Both("SELECT id, email, name, password_hash, totp_secret, totp_on, totp_last_step, language, theme, platform_admin, status, last_sign_in_at, created_at \
        FROM users WHERE id = $1");
    BY_EMAIL = Sql::Both("SELECT id, email, name, password_hash, totp_secret, totp_on, totp_last_step, language, theme, platform_admin, status, last_sign_in_at, created_at \
        FROM users WHERE email = $1");
    LIST = Sql::Both("SELECT id, email, name, password_hash, totp_secret, totp_on, totp_last_step, language, theme, platform_admin, status, last_sign_in_at, created_at \
        FROM users WHERE id < $1 ORDER BY id DESC LIMIT $2");
    LOCK = Sql::Each {
        sqlite: "SELECT id, email, name, password_hash, totp_secret, totp_on, totp_last_step, language, theme, platform_admin, status, last_sign_in_at, created_at FROM users WHERE id = $1",
        postgres: "SELECT id, email, name, password_hash, totp_secret, totp_on, totp_last_step, language, theme, platform_admin, status, last_sign_in_at, created_at FROM users WHERE id = $1 FOR UPDATE",
    };
    ADMINS = Sql::Each {
        sqlite: "SELECT id, email, name, password_hash, totp_secret, totp_on, totp_last_step, language, theme, platform_admin, status, last_sign_in_at, created_at \
            FROM users WHERE platform_admin AND status = 'active' ORDER BY id",
        postgres: "SELECT id, email, name, password_hash, totp_secret, totp_on, totp_last_step, language, theme, platform_admin, status, last_sign_in_at, created_at \
            FROM users WHERE platform_admin AND status = 'active' ORDER BY id FOR UPDATE",
    };
    UPDATE = Sql::Both("UPDATE users SET name = $2, password_hash = $3, totp_secret = $4, totp_on = $5, language = $6, theme = $7, \
        platform_admin = $8, status = $9 WHERE id = $1");
    SIGNED_IN = Sql::Both("UPDATE users SET last_sign_in_at = $2 WHERE id = $1");
    USE_STEP = Sql::Both("UPDATE users SET totp_last_step = $2 WHERE id = $1 AND totp_last_step < $2");
}

/// Adds a user. False when the address is taken.
///
/// # Errors
/// When the database refuses.
pub async fn insert(tx: &mut Tx, user: &User) -> Result<bool> {
    let args = args![
        user.id,
        &user.email,
        &user.name,
        &user.password_hash,
        user.totp_on,
        user.totp_last_step,
        &user.language,
        &user.theme,
        user.platform_admin,
        &user.status,
        user.created_at,
    ];
    Ok(tx.run(INSERT, args).await? == 1)
}

/// One user.
///
/// # Errors
/// When the database refuses.
pub async fn get(db: &Db, id: UserId) -> Result<Option<User>> {
    db.first(GET, args![id]).await
}

/// One user, locked against concurrent change until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn lock(tx: &mut Tx, id: UserId) -> Result<Option<User>> {
    tx.first(LOCK, args![id]).await
}

/// The user with an address (in lower case).
///
/// # Errors
/// When the database refuses.
pub async fn by_email(db: &Db, email: &str) -> Result<Option<User>> {
    db.first(BY_EMAIL, args![email]).await
}

/// A page of all users, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(db: &Db, page: Page<UserId>) -> Result<Vec<User>> {
    db.all(LIST, args![page.below(), page.limit]).await
}

/// The platform's active administrators, locked until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn lock_admins(tx: &mut Tx) -> Result<Vec<User>> {
    tx.all(ADMINS, args![]).await
}

/// Writes a changed user back.
///
/// # Errors
/// When the database refuses.
pub async fn update(tx: &mut Tx, user: &User) -> Result<()> {
    let args = args![
        user.id,
        &user.name,
        &user.password_hash,
        user.totp_secret.clone(),
        user.totp_on,
        &user.language,
        &user.theme,
        user.platform_admin,
        &user.status,
    ];
    tx.run(UPDATE, args).await.map(drop)
}

/// Notes a sign-in.
///
/// # Errors
/// When the database refuses.
pub async fn signed_in(tx: &mut Tx, id: UserId, now: Timestamp) -> Result<()> {
    tx.run(SIGNED_IN, args![id, now]).await.map(drop)
}

/// Uses up the code of a 30-second step. False when it, or a later one, was used before.
///
/// # Errors
/// When the database refuses.
pub async fn use_step(tx: &mut Tx, id: UserId, step: i64) -> Result<bool> {
    Ok(tx.run(USE_STEP, args![id, step]).await? == 1)
}
