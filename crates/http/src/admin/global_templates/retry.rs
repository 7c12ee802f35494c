//! `POST /api/v1/admin/global-templates/{id}/rollout/retry`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::global_templates::write;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{id_of, problem};
use crate::App;
use crate::auth::{Platform, PlatformWrite};
use crate::problem::{Problem, Result};

/// How many rows are named at the most.
const MOST_ROWS: usize = 1_000;

/// What to try again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Retry {
    /// These rows.
    rows: Option<Vec<RetryRow>>,
    /// Everything that failed or was rejected.
    #[serde(default)]
    failed: bool,
}

/// A row of the roll-out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetryRow {
    /// The account.
    waba_id: String,
    /// The language.
    language: String,
}

/// What is tried again.
#[derive(Serialize, ToSchema)]
#[schema(as = RolloutRetried)]
pub(crate) struct Retried {
    /// How many templates in accounts; a shared account's counts once.
    count: usize,
}

/// Tries again what failed, was passed over or was rejected. Rows in another state stay as they are.
#[utoipa::path(post, path = "/api/v1/admin/global-templates/{id}/rollout/retry", tag = "admin", request_body = Retry, params(("id" = String, Path, description = "gtp_…")), responses(
    (status = 202, description = "They are tried again", body = Retried),
    (status = 404, description = "No such global template", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Say `failed` or name `rows`", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn retry(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
    Path(id): Path<String>,
    body: std::result::Result<Json<Retry>, JsonRejection>,
) -> Result<(StatusCode, Json<Retried>)> {
    let id = id_of(&id)?;
    let Json(asked) = body?;
    let rows = asked.rows.map(|rows| {
        let named = rows.into_iter().map(|row| (row.waba_id, row.language));
        named.collect::<Vec<_>>()
    });
    let which = match (&rows, asked.failed) {
        (None, true) => None,
        (Some(rows), false) if (1..=MOST_ROWS).contains(&rows.len()) => Some(rows.as_slice()),
        _ => {
            return Err(Problem::invalid(
                "rows",
                "name 1 to 1000 rows, or say `failed` for everything that failed",
            ));
        }
    };
    let count = write::retry(&app.engine, id, which, &platform.caller.who())
        .await?
        .map_err(problem)?;
    Ok((StatusCode::ACCEPTED, Json(Retried { count })))
}
