//! What each version of a global template says in each language. Never changed once written.

use domain::{GlobalTemplateId, Timestamp};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, statements};

/// A version in one language.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Content {
    /// Of which global template.
    #[sqlx(try_from = "Uuid")]
    pub global_id: GlobalTemplateId,
    /// Counts from 1.
    pub version: i64,
    /// Such as `es`.
    pub language: String,
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`.
    pub category: String,
    /// `POSITIONAL` or `NAMED`.
    pub parameter_format: String,
    /// JSON, as Meta takes it.
    pub components: String,
    /// How long a message may wait for its delivery.
    pub ttl_seconds: Option<i64>,
    /// The members by which Meta makes it from its library (JSON), in place of components.
    pub library: Option<String>,
    /// Who wrote it.
    pub created_by: String,
    /// When.
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
}

statements! {
    INSERT = Sql::Both("INSERT INTO global_template_contents (global_id, version, language, category, parameter_format, components, ttl_seconds, library, created_by, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
    OF_GLOBAL = Sql::Both("SELECT global_id, version, language, category, parameter_format, components, ttl_seconds, library, created_by, created_at \
        FROM global_template_contents WHERE global_id = $1 ORDER BY version DESC, language");
    OF_WABA = Sql::Both("SELECT c.global_id, c.version, c.language, c.category, c.parameter_format, c.components, c.ttl_seconds, c.library, c.created_by, c.created_at \
        FROM global_placements p JOIN global_template_contents c ON c.global_id = p.global_id AND c.language = p.language \
        WHERE p.waba_id = $1 AND p.state IN ('queued', 'creating')");
    LANGUAGES = Sql::Both("SELECT g.id, c.language FROM global_templates g JOIN global_template_contents c ON c.global_id = g.id AND c.version = g.version \
        WHERE g.deleted_at IS NULL ORDER BY g.id, c.language");
}

/// Adds one.
///
/// # Errors
/// When the database refuses.
pub async fn insert(tx: &mut Tx, row: &Content) -> Result<()> {
    let args = args![
        row.global_id,
        row.version,
        &row.language,
        &row.category,
        &row.parameter_format,
        &row.components,
        row.ttl_seconds,
        row.library.clone(),
        &row.created_by,
        row.created_at,
    ];
    tx.run(INSERT, args).await.map(drop)
}

/// All of a global template's, the newest version first.
///
/// # Errors
/// When the database refuses.
pub async fn of_global(db: &Db, id: GlobalTemplateId) -> Result<Vec<Content>> {
    db.all(OF_GLOBAL, args![id]).await
}

/// All versions of what an account is still to get, in the language that it is to get.
///
/// # Errors
/// When the database refuses.
pub async fn of_waba(db: &Db, waba_id: &str) -> Result<Vec<Content>> {
    db.all(OF_WABA, args![waba_id]).await
}

/// The languages of each global template's newest version.
///
/// # Errors
/// When the database refuses.
pub async fn languages(db: &Db) -> Result<Vec<(GlobalTemplateId, String)>> {
    let rows: Vec<(Uuid, String)> = db.all(LANGUAGES, args![]).await?;
    Ok(rows
        .into_iter()
        .map(|(id, language)| (GlobalTemplateId(id), language))
        .collect())
}
