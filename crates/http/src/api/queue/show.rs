//! `GET /api/v1/queue`.

use axum::Json;
use axum::extract::State;
use engine::outbound::queue::overview;
use store::outbox::holds;

use super::view::QueueOverview;
use crate::App;
use crate::auth::{InboxRead, Member};
use crate::problem::Result;

/// Shows what the tenant has in the queue: by number, its pace, what is held and why; and the labels last used.
#[utoipa::path(get, path = "/api/v1/queue", tag = "queue", responses((status = 200, description = "The queue", body = QueueOverview)))]
pub(crate) async fn show(
    State(app): State<App>,
    member: Member<InboxRead>,
) -> Result<Json<QueueOverview>> {
    let overview = overview(&app.engine, Some(member.tenant)).await?;
    let held = holds::of_tenant(&app.engine.db, member.tenant).await?;
    Ok(Json(QueueOverview::of(overview, &held)))
}
