//! `POST /api/v1/admin/intake/parked/replay` and `…/parked/{id}/replay`.

use axum::Json;
use axum::extract::{Path, State};
use domain::ParkedId;
use engine::inbound::replay::{Replayed, replay, replay_one};
use serde::Serialize;
use store::audit::{self, Act, Target};
use utoipa::ToSchema;

use crate::App;
use crate::auth::{Platform, PlatformWrite};
use crate::problem::{Problem, Result};

/// What a replay did.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReplayView {
    /// Parked rows that found their place.
    settled: i64,
    /// Parked rows that stay.
    remaining: i64,
}

impl From<Replayed> for ReplayView {
    fn from(done: Replayed) -> Self {
        Self {
            settled: done.settled,
            remaining: done.remaining,
        }
    }
}

/// Gives everything that is parked another try.
#[utoipa::path(post, path = "/api/v1/admin/intake/parked/replay", tag = "admin", responses((status = 200, description = "What was done", body = ReplayView)))]
pub(crate) async fn all(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
) -> Result<Json<ReplayView>> {
    let done = ReplayView::from(replay(&app.engine, None).await?);
    note(&app, &platform, None, &done).await?;
    Ok(Json(done))
}

/// Gives one parked thing another try.
#[utoipa::path(post, path = "/api/v1/admin/intake/parked/{id}/replay", tag = "admin", params(("id" = String, Path, description = "prk_…")), responses(
    (status = 200, description = "What was done", body = ReplayView),
    (status = 404, description = "Nothing such is parked", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn one(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
    Path(id): Path<String>,
) -> Result<Json<ReplayView>> {
    let id: ParkedId = id.parse().map_err(|_| Problem::not_found("parked item"))?;
    let done = replay_one(&app.engine, id)
        .await?
        .ok_or_else(|| Problem::not_found("parked item"))?;
    let done = ReplayView::from(done);
    note(&app, &platform, Some(id), &done).await?;
    Ok(Json(done))
}

async fn note(
    app: &App,
    platform: &Platform<PlatformWrite>,
    id: Option<ParkedId>,
    done: &ReplayView,
) -> Result<()> {
    let act = Act {
        tenant: None,
        action: "intake.replay",
        target: Target {
            kind: "parked",
            id: id.map(|id| id.to_string()),
            name: None,
        },
        before: None,
        after: serde_json::to_value(done).ok(),
    };
    let mut tx = app.engine.db.begin().await?;
    audit::append(&mut tx, &platform.caller.who(), act, app.engine.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}
