//! `POST /api/v1/templates/sync`.

use axum::extract::State;
use axum::http::StatusCode;
use engine::templates::{SYNC, lane};
use store::{jobs, templates};

use crate::App;
use crate::auth::{Member, TemplatesWrite};
use crate::problem::{Problem, Result};

/// Has Meta's list read again for every account that the tenant sends from. That happens by itself every quarter of an
/// hour, and changes come by webhook at once.
#[utoipa::path(post, path = "/api/v1/templates/sync", tag = "templates", responses(
    (status = 202, description = "It is read in a moment"),
    (status = 409, description = "No number, so no account", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn sync(
    State(app): State<App>,
    member: Member<TemplatesWrite>,
) -> Result<StatusCode> {
    let engine = &app.engine;
    let accounts = templates::accounts(&engine.db, member.tenant).await?;
    if accounts.is_empty() {
        return Err(engine::shared_account::Unreached::NoNumber.into());
    }
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    for waba_id in &accounts {
        jobs::add_once(&mut tx, SYNC, &lane(waba_id), waba_id, now, now).await?;
    }
    tx.commit().await?;
    engine.wake.jobs.notify_one();
    Ok(StatusCode::ACCEPTED)
}
