//! The table of a roll-out as people see it: a row for each tenant, account and language.

use domain::{GlobalTemplateId, TenantId};
use uuid::Uuid;

use super::placements::reach;
use crate::db::{Db, Result, Sql, args, statements};

/// A row of the table.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Row {
    /// Whose.
    #[sqlx(try_from = "Uuid")]
    pub tenant_id: TenantId,
    /// Their name.
    pub tenant_name: String,
    /// In which account; none: the tenant has none.
    pub waba_id: Option<String>,
    /// Which language.
    pub language: String,
    /// `queued`, `creating`, `pending`, `approved`, `rejected`, `failed`, `paused`, `disabled`, `skipped`.
    pub shown: String,
    /// The version that is wanted.
    pub version: i64,
    /// The version that Meta has.
    pub done_version: Option<i64>,
    /// Meta's word.
    pub status: Option<String>,
    /// As Meta judged it.
    pub category: Option<String>,
    /// Meta's word.
    pub rejected_reason: Option<String>,
    /// Meta's id.
    pub meta_id: Option<String>,
    /// Its row among the account's templates.
    pub template_id: Option<Uuid>,
    /// When its pause ends by itself (µs).
    pub paused_until: Option<i64>,
    /// For what it waits.
    pub waits_for: Option<String>,
    /// How often Meta was asked.
    pub attempts: i64,
    /// When it is tried next (µs).
    pub next_at: Option<i64>,
    /// Meta's code.
    pub error_code: Option<i64>,
    /// A short word or title.
    pub error_title: Option<String>,
    /// What happened and what to do.
    pub error_what: Option<String>,
    /// When it last changed (µs).
    pub updated_at: Option<i64>,
}

/// How many rows are in a state.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Count {
    /// Of which global template.
    #[sqlx(try_from = "Uuid")]
    pub global_id: GlobalTemplateId,
    /// As in [`Row::shown`].
    pub shown: String,
    /// How many.
    pub count: i64,
}

macro_rules! table {
    () => {
        concat!("WITH reach AS (", reach!(), "), rows AS (SELECT g.id AS global_id, t.id AS tenant_id, t.name AS tenant_name, r.waba_id AS waba_id, COALESCE(r.waba_id, '') AS place, c.language AS language, \
         CASE WHEN p.state IN ('queued', 'creating', 'failed', 'skipped') THEN p.state WHEN p.state IS NULL THEN CASE WHEN r.waba_id IS NULL THEN 'skipped' ELSE 'queued' END \
         WHEN f.deleted_at IS NOT NULL THEN 'failed' WHEN COALESCE(f.status, p.status) = 'APPROVED' THEN 'approved' WHEN COALESCE(f.status, p.status) = 'REJECTED' THEN 'rejected' WHEN COALESCE(f.status, p.status) = 'PAUSED' THEN 'paused' WHEN COALESCE(f.status, p.status) = 'DISABLED' THEN 'disabled' \
         WHEN COALESCE(f.status, p.status) IN ('DELETED', 'PENDING_DELETION', 'ARCHIVED', 'LIMIT_EXCEEDED') THEN 'failed' ELSE 'pending' END AS shown, \
         COALESCE(p.version, g.rolled_out) AS version, p.done_version, COALESCE(f.status, p.status) AS status, COALESCE(f.category, p.category) AS category, COALESCE(f.rejected_reason, p.rejected_reason) AS rejected_reason, p.meta_id, f.id AS template_id, f.paused_until, p.waits_for, COALESCE(p.attempts, 0) AS attempts, \
         CASE WHEN p.state IN ('queued', 'creating') THEN p.next_at END AS next_at, p.error_code, p.error_title, p.error_what, p.updated_at \
         FROM global_templates g JOIN global_template_contents c ON c.global_id = g.id AND c.version = g.rolled_out CROSS JOIN tenants t \
         LEFT JOIN reach r ON r.tenant_id = t.id LEFT JOIN global_placements p ON p.global_id = g.id AND p.waba_id = r.waba_id AND p.language = c.language \
         LEFT JOIN templates f ON f.meta_id = p.meta_id AND f.waba_id = p.waba_id \
         WHERE g.deleted_at IS NULL AND t.status = 'active' AND ($1 OR g.id = $2) \
         AND (g.everyone OR EXISTS (SELECT 1 FROM global_template_tenants x WHERE x.global_id = g.id AND x.tenant_id = t.id))) ")
    };
}

statements! {
    PAGE = Sql::Both(concat!(table!(), "SELECT tenant_id, tenant_name, waba_id, language, shown, version, done_version, status, category, rejected_reason, meta_id, template_id, paused_until, waits_for, attempts, next_at, error_code, \
        error_title, error_what, updated_at FROM rows WHERE (CAST($3 AS TEXT) IS NULL OR shown = $3) AND ($4 OR (tenant_id, place, language) > ($5, $6, $7)) ORDER BY tenant_id, place, language LIMIT $8"));
    COUNTS = Sql::Both(concat!(table!(), "SELECT global_id, shown, COUNT(*) AS count FROM rows GROUP BY global_id, shown"));
}

/// After which row a page begins.
#[derive(Debug, Clone)]
pub struct After {
    /// Whose.
    pub tenant: TenantId,
    /// In which account; empty: none.
    pub place: String,
    /// Which language.
    pub language: String,
}

/// A page of the table.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_page(
    db: &Db,
    global: GlobalTemplateId,
    state: Option<&str>,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<Row>> {
    let args = args![
        false,
        global,
        state.map(str::to_owned),
        after.is_none(),
        after.map(|after| after.tenant),
        after.map(|after| after.place.clone()),
        after.map(|after| after.language.clone()),
        limit,
    ];
    db.all(PAGE, args).await
}

/// How many rows are in which state, of one global template or of all.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_counts(db: &Db, global: Option<GlobalTemplateId>) -> Result<Vec<Count>> {
    db.all(COUNTS, args![global.is_none(), global]).await
}
