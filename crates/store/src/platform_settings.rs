//! What was typed of the platform at Meta: values as they are, secrets sealed.

use domain::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use crate::db::{Db, DbError, Result, Sql, Tx, args, statements};
use crate::seal::{Place, SealError, Sealer};

/// A setting's row.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Kept {
    /// Which setting.
    pub name: String,
    /// What was typed, where it is no secret.
    pub value: Option<String>,
    /// The sealed secret.
    pub sealed: Option<Vec<u8>>,
    /// When it was changed last (µs).
    pub changed_at: i64,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Kept({})", self.name)
    }
}

/// A value to keep.
#[derive(Debug, Clone)]
pub enum Typed {
    /// Nothing any more.
    Nothing,
    /// As it is.
    Plain(String),
    /// Sealed.
    Secret(SecretString),
}

statements! {
    ALL = Sql::Both("SELECT name, value, sealed, changed_at FROM platform_settings ORDER BY name");
    SET = Sql::Both("INSERT INTO platform_settings (name, value, sealed, changed_at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (name) DO UPDATE SET value = excluded.value, sealed = excluded.sealed, changed_at = excluded.changed_at");
}

/// Everything that was typed.
///
/// # Errors
/// When the database refuses.
pub async fn all(db: &Db) -> Result<Vec<Kept>> {
    db.all(ALL, args![]).await
}

/// The same within a transaction.
///
/// # Errors
/// When the database refuses.
pub async fn all_within(tx: &mut Tx) -> Result<Vec<Kept>> {
    tx.all(ALL, args![]).await
}

/// Keeps a setting.
///
/// # Errors
/// When it cannot be sealed or the database refuses.
pub async fn set(
    tx: &mut Tx,
    sealer: &Sealer,
    name: &str,
    typed: Typed,
    now: Timestamp,
) -> Result<()> {
    let (value, sealed) = match typed {
        Typed::Nothing => (None, None),
        Typed::Plain(value) => (Some(value), None),
        Typed::Secret(secret) => {
            let sealed = sealer
                .seal(place(name), secret.expose_secret())
                .map_err(|error| DbError::Corrupt(error.to_string()))?;
            (None, Some(sealed))
        }
    };
    tx.run(SET, args![name, value, sealed, now]).await.map(drop)
}

/// Opens a sealed setting.
///
/// # Errors
/// When the key that it was sealed with is not there.
pub fn open(sealer: &Sealer, kept: &Kept) -> Result<Option<SecretString>, SealError> {
    let sealed = kept.sealed.as_deref();
    sealed
        .map(|sealed| sealer.open(place(&kept.name), sealed))
        .transpose()
}

fn place(name: &str) -> Place<'_> {
    Place {
        owner: "platform",
        table: "platform_settings",
        column: "sealed",
        row: name,
    }
}
