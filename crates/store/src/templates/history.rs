//! What happened to templates.

use domain::{TemplateId, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};
use crate::page::Page;

/// A step to write down.
#[derive(Debug, Clone, Serialize)]
pub struct New {
    id: String,
    template: String,
    at: i64,
    /// `created`, `edited`, `status`, `quality`, `category_announced`, `category`, `components`, `deleted` …
    pub kind: &'static str,
    /// What there was.
    pub before: Option<String>,
    /// What there is.
    pub after: Option<String>,
    /// More of it (JSON).
    pub detail: Option<String>,
    /// `webhook`, `sync`, `person`, `platform`.
    pub source: &'static str,
}

impl New {
    /// A step of a template, now.
    pub fn of(
        template: TemplateId,
        kind: &'static str,
        source: &'static str,
        now: Timestamp,
    ) -> Self {
        Self {
            id: TemplateId::new(now).hex(),
            template: template.hex(),
            at: now.0,
            kind,
            before: None,
            after: None,
            detail: None,
            source,
        }
    }

    /// The same, with what there was and is.
    #[must_use]
    pub fn from_to(mut self, before: Option<&str>, after: Option<&str>) -> Self {
        self.before = before.map(str::to_owned);
        self.after = after.map(str::to_owned);
        self
    }

    /// The same, with more of it.
    #[must_use]
    pub fn with(mut self, detail: &serde_json::Value) -> Self {
        self.detail = (!detail.is_null()).then(|| detail.to_string());
        self
    }
}

/// A step as it is on file.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Step {
    /// Its place.
    pub id: Uuid,
    /// When (µs).
    pub at: i64,
    /// What.
    pub kind: String,
    /// What there was.
    pub before: Option<String>,
    /// What there is.
    pub after: Option<String>,
    /// More of it (JSON).
    pub detail: Option<String>,
    /// Who.
    pub source: String,
}

statements! {
    ADD = Sql::Each {
        sqlite: "INSERT INTO template_history (id, template_id, at, kind, before, after, detail, source) SELECT unhex(value->>'id'), \
            unhex(value->>'template'), value->>'at', value->>'kind', value->>'before', value->>'after', value->>'detail', value->>'source' FROM jsonb_each($1)",
        postgres: "INSERT INTO template_history (id, template_id, at, kind, before, after, detail, source) SELECT id, template, at, kind, before, after, detail, \
            source FROM json_to_recordset($1::json) AS b(id uuid, template uuid, at bigint, kind text, before text, after text, detail text, source text)",
    };
    LIST = Sql::Both("SELECT id, at, kind, before, after, detail, source FROM template_history WHERE template_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    SINCE = Sql::Both("SELECT id, at, kind, before, after, detail, source FROM template_history WHERE template_id = $1 AND kind = $2 AND at > $3 ORDER BY id");
    FORGET = Sql::Both("DELETE FROM template_history WHERE template_id = $1");
}

/// Writes steps down.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_add(tx: &mut Tx, steps: &[New]) -> Result<()> {
    if steps.is_empty() {
        return Ok(());
    }
    tx.run(ADD, vec![batch(steps)?]).await.map(drop)
}

/// A page of what happened to a template, newest first. The template is one that the reader may see.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_list(db: &Db, id: TemplateId, page: Page<TemplateId>) -> Result<Vec<Step>> {
    db.all(LIST, args![id, page.below(), page.limit]).await
}

/// When something of this kind happened to a template after `since`, the first first.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_since(
    db: &Db,
    id: TemplateId,
    kind: &str,
    since: Timestamp,
) -> Result<Vec<Timestamp>> {
    let steps: Vec<Step> = db.all(SINCE, args![id, kind, since]).await?;
    Ok(steps.into_iter().map(|step| Timestamp(step.at)).collect())
}

pub(super) async fn forget(tx: &mut Tx, id: TemplateId) -> Result<()> {
    tx.run(FORGET, args![id]).await.map(drop)
}
