//! `GET /api/v1/admin/global-templates/{id}/rollout`.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use domain::{TemplateId, Timestamp};
use serde::{Deserialize, Serialize};
use store::global_templates;
use store::global_templates::rollout::{self, After, Row};
use utoipa::{IntoParams, ToSchema};

use super::{id_of, view};
use crate::App;
use crate::auth::{Platform, PlatformRead};
use crate::problem::{Problem, Result};

const STATES: [&str; 9] = [
    "queued", "creating", "pending", "approved", "rejected", "failed", "paused", "disabled",
    "skipped",
];

/// Which rows.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WantedRows {
    /// `queued`, `creating`, `pending`, `approved`, `rejected`, `failed`, `paused`, `disabled`, `skipped`.
    state: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// How many rows: 1 to 200, 50 when not given.
    limit: Option<i64>,
}

/// A page of the roll-out.
#[derive(Serialize, ToSchema)]
pub(crate) struct Rollout {
    /// The rows, by tenant.
    data: Vec<RolloutRow>,
    /// Give this as `cursor` to get the next page; null on the last one.
    next: Option<String>,
    /// All rows in each state, and `total`.
    counts: BTreeMap<String, i64>,
}

/// A global template in one tenant's account and one language. Tenants of the platform's own account share one
/// template, and each has a row.
#[derive(Serialize, ToSchema)]
pub(crate) struct RolloutRow {
    /// `ten_…`
    tenant_id: String,
    /// Their name.
    tenant_name: String,
    /// The account; null: the tenant has none yet.
    waba_id: Option<String>,
    /// The language.
    language: String,
    /// The version that the account is to have.
    version: i64,
    /// The version that Meta has; null: none.
    version_there: Option<i64>,
    /// `queued`, `creating`, `pending`, `approved`, `rejected`, `failed`, `paused`, `disabled`, `skipped`.
    state: String,
    /// While it is queued: `creation_limit`, `edit_limit`, `call_limit`, `review`, `rate`, `access`, `trouble`.
    waits_for: Option<String>,
    /// As Meta judged it.
    category: Option<String>,
    /// Meta's word for why it rejected it, such as `INVALID_FORMAT`.
    rejected_reason: Option<String>,
    /// Why it was rejected, failed, or was passed over.
    error: Option<RolloutError>,
    /// Meta's id.
    meta_id: Option<String>,
    /// `tpl_…`, where the template is on file.
    template_id: Option<String>,
    /// When its pause ends by itself; null while it is paused: somebody has to let it go.
    paused_until: Option<String>,
    /// How often Meta was asked.
    attempts: i64,
    /// When it is tried next.
    next_attempt_at: Option<String>,
    /// When it last changed.
    updated_at: Option<String>,
}

/// What is wrong with a row.
#[derive(Serialize, ToSchema)]
pub(crate) struct RolloutError {
    /// Meta's code, the more precise one; null where Meta was not asked.
    code: Option<i64>,
    /// A short word or Meta's title.
    title: String,
    /// What happened and what to do.
    what: String,
}

/// Shows where a global template stands in each tenant's account.
#[utoipa::path(get, path = "/api/v1/admin/global-templates/{id}/rollout", tag = "admin", params(("id" = String, Path, description = "gtp_…"), WantedRows), responses(
    (status = 200, description = "A page, with the counts of all", body = Rollout),
    (status = 404, description = "No such global template", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A value is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn rollout(
    State(app): State<App>,
    _platform: Platform<PlatformRead>,
    Path(id): Path<String>,
    wanted: std::result::Result<Query<WantedRows>, QueryRejection>,
) -> Result<Json<Rollout>> {
    let id = id_of(&id)?;
    let Query(wanted) = wanted?;
    let db = &app.engine.db;
    global_templates::get(db, id)
        .await?
        .ok_or_else(|| Problem::not_found("global template"))?;
    if let Some(state) = &wanted.state
        && !STATES.contains(&state.as_str())
    {
        let problem = format!("must be one of {}", STATES.join(", "));
        return Err(Problem::invalid("state", problem));
    }
    let limit = wanted.limit.unwrap_or(50);
    if !(1..=store::page::MAX_LIMIT).contains(&limit) {
        return Err(Problem::invalid("limit", "must be 1 to 200"));
    }
    let after = wanted.cursor.as_deref().filter(|text| !text.is_empty());
    let after = after
        .map(|text| {
            read_cursor(text)
                .ok_or_else(|| Problem::invalid("cursor", "is not one that this list gave"))
        })
        .transpose()?;
    let counts = rollout::any_tenant_counts(db, Some(id)).await?;
    let rows =
        rollout::any_tenant_page(db, id, wanted.state.as_deref(), after.as_ref(), limit).await?;
    let full = i64::try_from(rows.len()).is_ok_and(|count| count >= limit);
    Ok(Json(Rollout {
        next: rows.last().filter(|_| full).map(cursor),
        data: rows.into_iter().map(row).collect(),
        counts: view::tallied(&counts, id),
    }))
}

fn cursor(row: &Row) -> String {
    let place = row.waba_id.as_deref().unwrap_or_default();
    format!("{}.{place}.{}", row.tenant_id, row.language)
}

fn read_cursor(text: &str) -> Option<After> {
    let mut parts = text.splitn(3, '.');
    Some(After {
        tenant: parts.next()?.parse().ok()?,
        place: parts.next()?.to_owned(),
        language: parts.next()?.to_owned(),
    })
}

fn row(row: Row) -> RolloutRow {
    let time = |at: Option<i64>| at.map(|at| Timestamp(at).rfc3339());
    RolloutRow {
        error: error(&row),
        tenant_id: row.tenant_id.to_string(),
        tenant_name: row.tenant_name,
        waba_id: row.waba_id,
        language: row.language,
        version: row.version,
        version_there: row.done_version,
        state: row.shown,
        waits_for: row.waits_for,
        category: row.category,
        meta_id: row.meta_id,
        template_id: row.template_id.map(|id| TemplateId(id).to_string()),
        paused_until: time(row.paused_until),
        rejected_reason: row.rejected_reason,
        attempts: row.attempts,
        next_attempt_at: time(row.next_at),
        updated_at: time(row.updated_at),
    }
}

fn error(row: &Row) -> Option<RolloutError> {
    if let (Some(title), Some(what)) = (&row.error_title, &row.error_what) {
        return Some(RolloutError {
            code: row.error_code,
            title: title.clone(),
            what: what.clone(),
        });
    }
    let (title, what) = match row.shown.as_str() {
        "skipped" if row.waba_id.is_none() => (
            "no_account",
            "The tenant has no WhatsApp account yet. It gets the template as soon as a number is connected or assigned."
                .to_owned(),
        ),
        "rejected" => (
            "rejected",
            rejected(row.rejected_reason.as_deref().unwrap_or("NONE")),
        ),
        "disabled" => (
            "disabled",
            "WhatsApp has disabled the template in this account because of low quality. Make a new one with another text."
                .to_owned(),
        ),
        "paused" if row.paused_until.is_some() => (
            "paused",
            "WhatsApp has paused the template in this account because of low quality; the pause ends by itself."
                .to_owned(),
        ),
        "paused" => (
            "paused",
            "WhatsApp has paused the template in this account until somebody lets it go again: on an account that several share you, else its tenant."
                .to_owned(),
        ),
        "failed" => (
            "gone",
            "The template was deleted or archived in this account. Try again to make it anew.".to_owned(),
        ),
        _ => return None,
    };
    Some(RolloutError {
        code: None,
        title: title.to_owned(),
        what,
    })
}

/// What Meta's word for a rejection asks for (page "templates/template-review").
fn rejected(reason: &str) -> String {
    let what = match reason {
        "ABUSIVE_CONTENT" => "the text may be taken as abusive; write it in another way",
        "INCORRECT_CATEGORY" => {
            "the text does not fit its category; make one of the right category"
        }
        "INVALID_FORMAT" => {
            "its variables or their form are not in order; mend the text in a new version"
        }
        "PROMOTIONAL" => "the text advertises; make it a marketing template",
        "SCAM" => "WhatsApp takes the text for fraud; write it in another way",
        "TAG_CONTENT_MISMATCH" => "language or category do not fit the text; check both",
        _ => "WhatsApp gives no reason; change the text in a new version, or try again",
    };
    format!("WhatsApp rejected it ({reason}): {what}.")
}
