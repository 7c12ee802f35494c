//! Message templates: one row for each language of each account, as Meta last told, and drafts that Meta has not seen.
//!
//! `history` is what happened to them, `books` how current an account's are, `waiting` what of them waits in the outbox.

pub mod books;
pub mod history;
pub mod library;
pub mod pace;
pub mod waiting;

use domain::{TemplateId, TenantId, Timestamp};
use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};

/// A template's row.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow, Serialize)]
pub struct Template {
    /// Its id.
    #[sqlx(try_from = "Uuid")]
    #[serde(serialize_with = "hex")]
    pub id: TemplateId,
    /// The account that it is of.
    pub waba_id: String,
    /// Meta's id; none for what Meta does not have.
    pub meta_id: Option<String>,
    /// By which it is sent.
    pub name: String,
    /// Such as `en_US`.
    pub language: String,
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`.
    pub category: String,
    /// The category before Meta changed it.
    pub previous_category: Option<String>,
    /// The category that Meta announced.
    pub correct_category: Option<String>,
    /// When the announced one comes (µs).
    pub category_changes_at: Option<i64>,
    /// When Meta made it a marketing template (µs).
    pub became_marketing_at: Option<i64>,
    /// When a person said that what waits shall go at the price of marketing (µs).
    pub marketing_accepted_at: Option<i64>,
    /// `NAMED` or `POSITIONAL`.
    pub parameter_format: String,
    /// Its parts, in Meta's form (JSON).
    pub components: String,
    /// Meta's word; [`DRAFT`] is ours.
    pub status: String,
    /// When Meta last told the status, by its own clock (µs).
    pub status_at: i64,
    /// Meta's word for why it was rejected.
    pub rejected_reason: Option<String>,
    /// What Meta says about it (JSON: `reason`, `recommendation`).
    pub rejection: Option<String>,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    pub quality: Option<String>,
    /// When Meta last told the quality, by its own clock (µs).
    pub quality_at: i64,
    /// When the pause ends by itself (µs).
    pub paused_until: Option<i64>,
    /// How long Meta tries to deliver it, in seconds.
    pub ttl_seconds: Option<i64>,
    /// The one of Meta's library that it was made of.
    pub library_name: Option<String>,
    /// On a shared account, whose own it is; none: everybody's there.
    #[serde(serialize_with = "maybe_hex")]
    pub owner_tenant: Option<Uuid>,
    /// The platform's template that it comes of.
    #[serde(serialize_with = "maybe_hex")]
    pub global_id: Option<Uuid>,
    /// Which version of that.
    pub global_version: Option<i64>,
    /// When Meta was last asked to make it (µs).
    pub submitted_at: Option<i64>,
    /// When the row was made (µs).
    pub created_at: i64,
    /// When anything of it last changed (µs).
    pub updated_at: i64,
    /// When it was last found in Meta's list (µs).
    pub synced_at: Option<i64>,
    /// When it was deleted (µs); the name is locked for thirty days.
    pub deleted_at: Option<i64>,
}

/// The status of what Meta has not seen.
pub const DRAFT: &str = "DRAFT";

fn hex<S: Serializer>(id: &TemplateId, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&id.hex())
}

fn maybe_hex<S: Serializer>(id: &Option<Uuid>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_some(&id.map(|id| id.simple().to_string()))
}

impl Template {
    /// One that nothing is known of yet but where it belongs.
    pub fn new(waba_id: &str, name: &str, language: &str, now: Timestamp) -> Self {
        Self {
            id: TemplateId::new(now),
            waba_id: waba_id.to_owned(),
            meta_id: None,
            name: name.to_owned(),
            language: language.to_owned(),
            category: String::new(),
            previous_category: None,
            correct_category: None,
            category_changes_at: None,
            became_marketing_at: None,
            marketing_accepted_at: None,
            parameter_format: "POSITIONAL".to_owned(),
            components: "[]".to_owned(),
            status: DRAFT.to_owned(),
            status_at: 0,
            rejected_reason: None,
            rejection: None,
            quality: None,
            quality_at: 0,
            paused_until: None,
            ttl_seconds: None,
            library_name: None,
            owner_tenant: None,
            global_id: None,
            global_version: None,
            submitted_at: None,
            created_at: now.0,
            updated_at: now.0,
            synced_at: None,
            deleted_at: None,
        }
    }

    /// Whether somebody has still to decide about what waits because Meta made a marketing template of it.
    pub fn awaits_release(&self) -> bool {
        self.became_marketing_at.is_some_and(|at| {
            self.marketing_accepted_at
                .is_none_or(|accepted| accepted < at)
        })
    }

    /// Whether a tenant sees it on an account that it sends from: another tenant's own is not there for it.
    pub fn is_seen_by(&self, tenant: TenantId) -> bool {
        self.owner_tenant
            .is_none_or(|owner| TenantId(owner) == tenant)
    }
}

/// Which templates are wanted; absent members narrow nothing.
#[derive(Debug, Clone, Default)]
pub struct Narrow {
    /// Meta's word, in capitals.
    pub status: Option<String>,
    /// In capitals.
    pub category: Option<String>,
    /// Such as `en_US`.
    pub language: Option<String>,
    /// Exactly this name.
    pub name: Option<String>,
    /// A piece of the name or of the text, in small letters.
    pub words: Option<String>,
}

/// Where a page of templates begins: after this name, language and id.
pub type After = (String, String, TemplateId);

macro_rules! columns {
    () => {
        "t.id, t.waba_id, t.meta_id, t.name, t.language, t.category, t.previous_category, t.correct_category, \
         t.category_changes_at, t.became_marketing_at, t.marketing_accepted_at, t.parameter_format, t.components, t.status, \
         t.status_at, t.rejected_reason, t.rejection, t.quality, t.quality_at, t.paused_until, t.ttl_seconds, t.library_name, \
         t.owner_tenant, t.global_id, t.global_version, t.submitted_at, t.created_at, t.updated_at, t.synced_at, t.deleted_at \
         FROM templates t"
    };
}

/// The accounts from which a tenant sends, and those it owns.
macro_rules! accounts {
    () => {
        "(SELECT n.waba_id FROM phone_numbers n WHERE n.tenant_id = $1 UNION SELECT w.waba_id FROM wabas w WHERE w.tenant_id = $1 \
         UNION SELECT f.waba_id FROM phone_numbers f JOIN tenants o ON o.id = $1 WHERE f.is_fallback AND o.fallback_allowed)"
    };
}

statements! {
    OF_WABA = Sql::Both(concat!("SELECT ", columns!(), " WHERE t.waba_id = $1 AND t.deleted_at IS NULL ORDER BY t.name, t.language"));
    LOCK_WABA = Sql::Each {
        sqlite: concat!("SELECT ", columns!(), " WHERE t.waba_id = $1 AND t.deleted_at IS NULL ORDER BY t.id"),
        postgres: concat!("SELECT ", columns!(), " WHERE t.waba_id = $1 AND t.deleted_at IS NULL ORDER BY t.id FOR UPDATE OF t"),
    };
    OF_NUMBER = Sql::Both(concat!("SELECT ", columns!(), " WHERE t.waba_id = (SELECT waba_id FROM phone_numbers WHERE phone_number_id = $1) \
        AND t.name = $2 AND t.language = $3 AND t.deleted_at IS NULL"));
    LOCK_NAMED = Sql::Each {
        sqlite: concat!("SELECT ", columns!(), " WHERE t.waba_id = $1 AND t.name = $2 AND t.deleted_at IS NULL ORDER BY t.id"),
        postgres: concat!("SELECT ", columns!(), " WHERE t.waba_id = $1 AND t.name = $2 AND t.deleted_at IS NULL ORDER BY t.id FOR UPDATE OF t"),
    };
    LIST = Sql::Both(concat!("SELECT ", columns!(), " WHERE t.waba_id IN ", accounts!(), " AND t.deleted_at IS NULL \
        AND (t.owner_tenant IS NULL OR t.owner_tenant = $1) AND (t.status = $2 OR CAST($2 AS TEXT) IS NULL) \
        AND (t.category = $3 OR CAST($3 AS TEXT) IS NULL) AND (t.language = $4 OR CAST($4 AS TEXT) IS NULL) \
        AND (t.name = $5 OR CAST($5 AS TEXT) IS NULL) \
        AND (lower(t.name || ' ' || t.components) LIKE $6 ESCAPE '!' OR CAST($6 AS TEXT) IS NULL) \
        AND (t.name, t.language, t.id) > ($7, $8, $9) ORDER BY t.name, t.language, t.id LIMIT $10"));
    LIST_SHARED = Sql::Both(concat!("SELECT ", columns!(), " WHERE t.waba_id IN (SELECT w.waba_id FROM wabas w WHERE w.tenant_id IS NULL) \
        AND t.deleted_at IS NULL AND (t.status = $1 OR CAST($1 AS TEXT) IS NULL) \
        AND (lower(t.name || ' ' || t.components) LIKE $2 ESCAPE '!' OR CAST($2 AS TEXT) IS NULL) \
        AND (t.name, t.language, t.id) > ($3, $4, $5) ORDER BY t.name, t.language, t.id LIMIT $6"));
    GET = Sql::Both(concat!("SELECT ", columns!(), " WHERE t.id = $2 AND t.waba_id IN ", accounts!(), " AND (t.owner_tenant IS NULL OR t.owner_tenant = $1)"));
    LOCK = Sql::Each {
        sqlite: concat!("SELECT ", columns!(), " WHERE t.id = $2 AND t.waba_id IN ", accounts!(), " AND (t.owner_tenant IS NULL OR t.owner_tenant = $1)"),
        postgres: concat!("SELECT ", columns!(), " WHERE t.id = $2 AND t.waba_id IN ", accounts!(), " AND (t.owner_tenant IS NULL OR t.owner_tenant = $1) FOR UPDATE OF t"),
    };
    ACCOUNTS = Sql::Both(concat!("SELECT waba_id FROM wabas WHERE waba_id IN ", accounts!(), " ORDER BY waba_id"));
    GET_ANY = Sql::Both(concat!("SELECT ", columns!(), " WHERE t.id = $1"));
    LOCK_ANY = Sql::Each {
        sqlite: concat!("SELECT ", columns!(), " WHERE t.id = $1"),
        postgres: concat!("SELECT ", columns!(), " WHERE t.id = $1 FOR UPDATE OF t"),
    };
    OF_META = Sql::Each {
        sqlite: concat!("SELECT ", columns!(), " WHERE t.meta_id = $1 AND t.deleted_at IS NULL ORDER BY t.id"),
        postgres: concat!("SELECT ", columns!(), " WHERE t.meta_id = $1 AND t.deleted_at IS NULL ORDER BY t.id FOR UPDATE OF t"),
    };
    LOCKED_NAME = Sql::Both("SELECT MAX(deleted_at) AS at FROM templates WHERE waba_id = $1 AND name = $2 AND language = $3 AND deleted_at > $4 \
        AND status NOT IN ('DRAFT', 'PENDING', 'REJECTED')");
    COUNT = Sql::Both("SELECT COUNT(*) AS count, MIN(created_at) AS first FROM templates WHERE waba_id = $1 AND deleted_at IS NULL AND meta_id IS NOT NULL");
    // In the words of the index that was made for it.
    STOPPED = Sql::Both(concat!("SELECT ", columns!(), " WHERE t.deleted_at IS NULL AND (t.status IN ('PAUSED', 'DISABLED', 'REJECTED') \
        OR t.became_marketing_at IS NOT NULL OR t.correct_category IS NOT NULL)"));
    PUT = Sql::Each {
        sqlite: "INSERT INTO templates (id, waba_id, meta_id, name, language, category, previous_category, correct_category, category_changes_at, \
            became_marketing_at, marketing_accepted_at, parameter_format, components, status, status_at, rejected_reason, \
            rejection, quality, quality_at, paused_until, ttl_seconds, library_name, owner_tenant, global_id, global_version, \
            submitted_at, created_at, updated_at, synced_at, deleted_at) SELECT \
            unhex(value->>'id'), value->>'waba_id', value->>'meta_id', value->>'name', value->>'language', value->>'category', \
            value->>'previous_category', value->>'correct_category', value->>'category_changes_at', value->>'became_marketing_at', \
            value->>'marketing_accepted_at', value->>'parameter_format', value->>'components', value->>'status', \
            value->>'status_at', value->>'rejected_reason', value->>'rejection', value->>'quality', value->>'quality_at', \
            value->>'paused_until', value->>'ttl_seconds', value->>'library_name', unhex(value->>'owner_tenant'), \
            unhex(value->>'global_id'), value->>'global_version', value->>'submitted_at', value->>'created_at', \
            value->>'updated_at', value->>'synced_at', value->>'deleted_at' \
            FROM jsonb_each($1) WHERE TRUE ON CONFLICT (id) DO UPDATE SET meta_id = excluded.meta_id, name = excluded.name, language = excluded.language, category = excluded.category, \
            previous_category = excluded.previous_category, correct_category = excluded.correct_category, \
            category_changes_at = excluded.category_changes_at, became_marketing_at = excluded.became_marketing_at, \
            marketing_accepted_at = excluded.marketing_accepted_at, parameter_format = excluded.parameter_format, \
            components = excluded.components, status = excluded.status, status_at = excluded.status_at, \
            rejected_reason = excluded.rejected_reason, rejection = excluded.rejection, quality = excluded.quality, \
            quality_at = excluded.quality_at, paused_until = excluded.paused_until, ttl_seconds = excluded.ttl_seconds, \
            library_name = excluded.library_name, owner_tenant = excluded.owner_tenant, global_id = excluded.global_id, \
            global_version = excluded.global_version, submitted_at = excluded.submitted_at, updated_at = excluded.updated_at, \
            synced_at = excluded.synced_at, deleted_at = excluded.deleted_at",
        postgres: "INSERT INTO templates (id, waba_id, meta_id, name, language, category, previous_category, correct_category, category_changes_at, \
            became_marketing_at, marketing_accepted_at, parameter_format, components, status, status_at, rejected_reason, \
            rejection, quality, quality_at, paused_until, ttl_seconds, library_name, owner_tenant, global_id, global_version, \
            submitted_at, created_at, updated_at, synced_at, deleted_at) SELECT \
            id, waba_id, meta_id, name, language, category, previous_category, correct_category, category_changes_at, \
            became_marketing_at, marketing_accepted_at, parameter_format, components, status, status_at, rejected_reason, \
            rejection, quality, quality_at, paused_until, ttl_seconds, library_name, owner_tenant, global_id, global_version, \
            submitted_at, created_at, updated_at, synced_at, deleted_at \
            FROM json_to_recordset($1::json) AS b(id uuid, waba_id text, meta_id text, name text, language text, category text, previous_category text, \
            correct_category text, category_changes_at bigint, became_marketing_at bigint, marketing_accepted_at bigint, \
            parameter_format text, components text, status text, status_at bigint, rejected_reason text, rejection text, \
            quality text, quality_at bigint, paused_until bigint, ttl_seconds bigint, library_name text, owner_tenant uuid, \
            global_id uuid, global_version bigint, submitted_at bigint, created_at bigint, updated_at bigint, synced_at bigint, \
            deleted_at bigint) \
            ON CONFLICT (id) DO UPDATE SET meta_id = excluded.meta_id, name = excluded.name, language = excluded.language, category = excluded.category, \
            previous_category = excluded.previous_category, correct_category = excluded.correct_category, \
            category_changes_at = excluded.category_changes_at, became_marketing_at = excluded.became_marketing_at, \
            marketing_accepted_at = excluded.marketing_accepted_at, parameter_format = excluded.parameter_format, \
            components = excluded.components, status = excluded.status, status_at = excluded.status_at, \
            rejected_reason = excluded.rejected_reason, rejection = excluded.rejection, quality = excluded.quality, \
            quality_at = excluded.quality_at, paused_until = excluded.paused_until, ttl_seconds = excluded.ttl_seconds, \
            library_name = excluded.library_name, owner_tenant = excluded.owner_tenant, global_id = excluded.global_id, \
            global_version = excluded.global_version, submitted_at = excluded.submitted_at, updated_at = excluded.updated_at, \
            synced_at = excluded.synced_at, deleted_at = excluded.deleted_at",
    };
    FORGET = Sql::Both("DELETE FROM templates WHERE id = $1");
}

/// All of an account that are not deleted.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_of_waba(db: &Db, waba_id: &str) -> Result<Vec<Template>> {
    db.all(OF_WABA, args![waba_id]).await
}

/// All of an account that are not deleted, locked until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_lock_waba(tx: &mut Tx, waba_id: &str) -> Result<Vec<Template>> {
    tx.all(LOCK_WABA, args![waba_id]).await
}

/// All languages of a name that are not deleted, locked until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_lock_named(
    tx: &mut Tx,
    waba_id: &str,
    name: &str,
) -> Result<Vec<Template>> {
    tx.all(LOCK_NAMED, args![waba_id, name]).await
}

/// A page of the templates that a tenant may send or owns, by name and language.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    db: &Db,
    tenant: TenantId,
    narrow: &Narrow,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<Template>> {
    let words = narrow.words.as_deref().map(containing);
    let (name, language, id) = begin(after);
    let args = args![
        tenant,
        narrow.status.clone(),
        narrow.category.clone(),
        narrow.language.clone(),
        narrow.name.clone(),
        words,
        name,
        language,
        id,
        limit,
    ];
    db.all(LIST, args).await
}

/// A page of the templates on accounts that several tenants share, by name and language. Of `narrow` count the status
/// and the words.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_shared(
    db: &Db,
    narrow: &Narrow,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<Template>> {
    let words = narrow.words.as_deref().map(containing);
    let (name, language, id) = begin(after);
    let args = args![narrow.status.clone(), words, name, language, id, limit];
    db.all(LIST_SHARED, args).await
}

fn begin(after: Option<&After>) -> (&str, &str, Uuid) {
    match after {
        Some((name, language, id)) => (name.as_str(), language.as_str(), id.0),
        None => ("", "", Uuid::nil()),
    }
}

fn containing(words: &str) -> String {
    let mut pattern = String::from("%");
    for letter in words.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// One that the tenant may see, deleted or not.
///
/// # Errors
/// When the database refuses.
pub async fn get(db: &Db, tenant: TenantId, id: TemplateId) -> Result<Option<Template>> {
    db.first(GET, args![tenant, id]).await
}

/// One that the tenant may see, locked until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn lock(tx: &mut Tx, tenant: TenantId, id: TemplateId) -> Result<Option<Template>> {
    tx.first(LOCK, args![tenant, id]).await
}

/// The accounts from which a tenant sends, and those it owns.
///
/// # Errors
/// When the database refuses.
pub async fn accounts(db: &Db, tenant: TenantId) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = db.all(ACCOUNTS, args![tenant]).await?;
    Ok(rows.into_iter().map(|(waba_id,)| waba_id).collect())
}

/// One, whoever sees it.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_get(db: &Db, id: TemplateId) -> Result<Option<Template>> {
    db.first(GET_ANY, args![id]).await
}

/// One, whoever sees it, locked until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_lock(tx: &mut Tx, id: TemplateId) -> Result<Option<Template>> {
    tx.first(LOCK_ANY, args![id]).await
}

/// Those that have this id at Meta, locked until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_lock_meta(tx: &mut Tx, meta_id: &str) -> Result<Vec<Template>> {
    tx.all(OF_META, args![meta_id]).await
}

/// When a template of this name and language was last deleted, if that was after `since`.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_deleted(
    db: &Db,
    waba_id: &str,
    name: &str,
    language: &str,
    since: Timestamp,
) -> Result<Option<Timestamp>> {
    let row: Option<(Option<i64>,)> = db
        .first(LOCKED_NAME, args![waba_id, name, language, since])
        .await?;
    Ok(row.and_then(|(at,)| at).map(Timestamp))
}

/// How many templates of an account Meta has.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_count(db: &Db, waba_id: &str) -> Result<i64> {
    let row: Option<(i64, Option<i64>)> = db.first(COUNT, args![waba_id]).await?;
    Ok(row.map_or(0, |(count, _)| count))
}

/// What a number's account has under a name in a language.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_of_number(
    db: &Db,
    phone_number_id: &str,
    name: &str,
    language: &str,
) -> Result<Option<Template>> {
    db.first(OF_NUMBER, args![phone_number_id, name, language])
        .await
}

/// Those of which messages may have to wait, or somebody should know: paused, switched off, rejected, made
/// marketing templates, or announced to be of another category.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_stopped(db: &Db) -> Result<Vec<Template>> {
    db.all(STOPPED, args![]).await
}

/// Adds rows, or writes them back whole. Call [`books::any_tenant_turn`] for each account with it.
///
/// # Errors
/// A conflict when an account has the name in this language already; else when the database refuses.
pub async fn any_tenant_put(tx: &mut Tx, rows: &[Template]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.run(PUT, vec![batch(rows)?]).await.map(drop)
}

/// Removes a draft that came to nothing, with its history.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_forget(tx: &mut Tx, id: TemplateId) -> Result<()> {
    history::forget(tx, id).await?;
    tx.run(FORGET, args![id]).await.map(drop)
}
