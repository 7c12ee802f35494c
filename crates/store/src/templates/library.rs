//! Kinds of the values that templates out of Meta's library take.

use domain::Timestamp;

use crate::db::{Db, Result, Sql, Tx, args, statements};

/// Of one template of the library in one language.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Types {
    /// Its name in the library.
    pub name: String,
    /// Such as `en_US`.
    pub language: String,
    /// Meta's words (`NUMBER`, `AMOUNT` …) in the order of the values, as a JSON list.
    pub types: String,
}

statements! {
    PUT = Sql::Both("INSERT INTO library_types (name, language, types, read_at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (name, language) DO UPDATE SET types = excluded.types, read_at = excluded.read_at");
    OF_WABA = Sql::Both("SELECT l.name, l.language, l.types FROM library_types l WHERE EXISTS (SELECT 1 FROM templates t WHERE t.waba_id = $1 \
        AND t.library_name = l.name AND t.language = l.language AND t.deleted_at IS NULL)");
    MISSING = Sql::Both("SELECT DISTINCT t.library_name, t.language FROM templates t LEFT JOIN library_types l ON l.name = t.library_name AND l.language = t.language \
        WHERE t.waba_id = $1 AND t.library_name IS NOT NULL AND t.deleted_at IS NULL AND l.name IS NULL ORDER BY t.library_name, t.language");
}

/// Keeps what the library says.
///
/// # Errors
/// When the database refuses.
pub async fn put(tx: &mut Tx, types: &Types, now: Timestamp) -> Result<()> {
    let args = args![
        types.name.as_str(),
        types.language.as_str(),
        types.types.as_str(),
        now
    ];
    tx.run(PUT, args).await.map(drop)
}

/// What is known of an account's templates.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_of_waba(db: &Db, waba_id: &str) -> Result<Vec<Types>> {
    db.all(OF_WABA, args![waba_id]).await
}

/// Names and languages of an account's templates out of the library of which nothing is known.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_missing(db: &Db, waba_id: &str) -> Result<Vec<(String, String)>> {
    db.all(MISSING, args![waba_id]).await
}
