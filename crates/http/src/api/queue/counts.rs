//! `GET /api/v1/queue/counts`: what waits for somebody, for badges.

use axum::Json;
use axum::extract::State;
use domain::{MessageId, Sight};
use serde::Serialize;
use store::messages;
use store::outbox::look;
use store::page::Page;
use utoipa::ToSchema;

use crate::App;
use crate::api::dead_letters::summary;
use crate::auth::{InboxRead, Member};
use crate::problem::Result;

/// What waits for somebody.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WaitingView {
    /// Messages that failed or expired and that nobody has dealt with; counted up to 1,000.
    dead_letters: i64,
    /// Sends of unknown outcome that need a decision; counted up to 200.
    uncertain: usize,
}

/// Counts what waits for somebody.
#[utoipa::path(get, path = "/api/v1/queue/counts", tag = "queue", responses((status = 200, description = "The counts", body = WaitingView)))]
pub(crate) async fn counts(
    State(app): State<App>,
    member: Member<InboxRead>,
) -> Result<Json<WaitingView>> {
    let (db, tenant, sight) = (&app.engine.db, member.tenant, member.sight);
    let page = Page::<MessageId>::new(None, store::page::MAX_LIMIT);
    let doubtful = look::in_doubt(db, tenant, false, page).await?;
    let uncertain = match sight {
        Sight::All => doubtful.len(),
        Sight::Own { .. } => {
            let ids: Vec<_> = doubtful.iter().map(|row| row.id).collect();
            messages::by_ids(db, tenant, sight, &ids).await?.len()
        }
    };
    Ok(Json(WaitingView {
        dead_letters: summary::open(&app, tenant, sight).await?,
        uncertain,
    }))
}
