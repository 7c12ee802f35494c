//! `GET /api/v1/admin/intake`.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use store::{outbox, parked, projector};
use utoipa::ToSchema;

use crate::App;
use crate::auth::{Platform, PlatformRead};
use crate::problem::Result;

/// Counts of webhook items since the installation began.
#[derive(Serialize, ToSchema)]
pub(crate) struct IntakeView {
    /// POSTs that were answered with 200.
    received: i64,
    /// Items that are durable: projected + parked + duplicates, and one for each POST of the backlog.
    stored: i64,
    /// Items that took effect.
    projected: i64,
    /// Items that are parked.
    parked: i64,
    /// Items that had been seen before.
    duplicates: i64,
    /// POSTs that are durable and not yet projected.
    backlog: i64,
    /// How long the oldest of them has waited.
    oldest_backlog_ms: i64,
    /// What is parked, by reason.
    parked_by_reason: BTreeMap<String, i64>,
    /// What waits in the outbox, by state.
    outbox: BTreeMap<String, i64>,
}

/// Shows how the intake stands.
#[utoipa::path(get, path = "/api/v1/admin/intake", tag = "admin", responses((status = 200, description = "The counts", body = IntakeView)))]
pub(crate) async fn show(
    State(app): State<App>,
    _platform: Platform<PlatformRead>,
) -> Result<Json<IntakeView>> {
    Ok(Json(counts(&app).await?))
}

/// How the intake stands.
pub(crate) async fn counts(app: &App) -> Result<IntakeView> {
    let engine = &app.engine;
    let books = projector::read(&engine.db).await?;
    let backlog = engine.log.backlog(books.position).await?;
    let oldest = backlog
        .oldest
        .map_or(0, |at| engine.clock.now().since(at).as_millis());
    let parked_by_reason = parked::any_tenant_tally(&engine.db).await?;
    let outbox = outbox::any_tenant_tally(&engine.db).await?;
    Ok(IntakeView {
        received: books.posts + backlog.posts,
        stored: books.projected + books.parked + books.duplicates + backlog.posts,
        projected: books.projected,
        parked: books.parked,
        duplicates: books.duplicates,
        backlog: backlog.posts,
        oldest_backlog_ms: i64::try_from(oldest).unwrap_or(i64::MAX),
        parked_by_reason: parked_by_reason
            .into_iter()
            .map(|row| (row.reason, row.count))
            .collect(),
        outbox: outbox
            .into_iter()
            .map(|row| (row.state, row.count))
            .collect(),
    })
}
