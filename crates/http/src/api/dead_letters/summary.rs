//! `GET /api/v1/dead-letters/summary`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::Timestamp;
use meta::errors;
use serde::Serialize;
use store::dead_letters::{self, COUNTED, Filter, OPEN};
use utoipa::ToSchema;

use super::Narrow;
use crate::App;
use crate::api::messages::RemedyView;
use crate::auth::{InboxRead, Member};
use crate::problem::Result;

/// What did not arrive, by reason.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SummaryView {
    /// How many nobody has dealt with yet, counted up to 1,000.
    open: i64,
    /// How many the filters admit, counted up to 100,000.
    matching: i64,
    /// By reason, most first.
    codes: Vec<CodeView>,
    /// Labels that dead letters have.
    batches: Vec<String>,
}

/// A reason and how many messages have it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CodeView {
    /// `failed`, `expired`, `cancelled`.
    status: String,
    /// Meta's code; 0 where the product itself gave the message up.
    code: i64,
    /// How many.
    count: i64,
    /// When the newest of them died.
    newest_at: String,
    /// Meta's title of the code; null for 0.
    title: Option<&'static str>,
    /// What happened, in plain words; null for 0.
    explanation: Option<&'static str>,
    /// What to do; null when nothing is known to help.
    remedy: Option<RemedyView>,
}

/// As far as a count goes that a person waits for.
const MATCHING: i64 = 100_000;

/// Counts the tenant's messages that did not arrive, by reason.
#[utoipa::path(get, path = "/api/v1/dead-letters/summary", tag = "messages", params(Narrow), responses(
    (status = 200, description = "The counts", body = SummaryView),
    (status = 422, description = "A filter is wrong", body = crate::problem::Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn summary(
    State(app): State<App>,
    member: Member<InboxRead>,
    narrow: std::result::Result<Query<Narrow>, QueryRejection>,
) -> Result<Json<SummaryView>> {
    let Query(narrow) = narrow?;
    let (db, tenant, sight) = (&app.engine.db, member.tenant, member.sight);
    let filter = narrow.filter()?;
    let codes = dead_letters::by_code(db, tenant, sight, &filter).await?;
    Ok(Json(SummaryView {
        open: open(&app, tenant, sight).await?,
        matching: dead_letters::count(db, tenant, sight, &filter, MATCHING).await?,
        codes: codes
            .into_iter()
            .map(|row| {
                let known = (row.code != 0).then(|| errors::lookup(row.code, None));
                CodeView {
                    newest_at: Timestamp(row.newest).rfc3339(),
                    title: known.map(|known| known.meaning),
                    explanation: known.map(|known| known.explanation),
                    remedy: known.and_then(|known| RemedyView::of(known.code)),
                    status: row.status,
                    code: row.code,
                    count: row.count,
                }
            })
            .collect(),
        batches: dead_letters::batches(db, tenant).await?,
    }))
}

/// How many nobody has dealt with yet.
pub(crate) async fn open(
    app: &App,
    tenant: domain::TenantId,
    sight: domain::Sight,
) -> store::Result<i64> {
    let filter = Filter {
        state: Some(OPEN.to_owned()),
        ..Filter::default()
    };
    dead_letters::count(&app.engine.db, tenant, sight, &filter, COUNTED).await
}
