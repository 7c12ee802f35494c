//! `DELETE /api/v1/event-sources/{id}`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::EventSourceId;
use engine::notify::sources;

use crate::App;
use crate::auth::{Member, NotificationsWrite};
use crate::problem::{Problem, Result};

/// Removes an address: what is posted there from now on is refused. What it reported stays.
#[utoipa::path(delete, path = "/api/v1/event-sources/{id}", tag = "events", params(("id" = String, Path, description = "src_…")), responses(
    (status = 204, description = "It is gone"),
    (status = 404, description = "No such source", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn delete(
    State(app): State<App>,
    member: Member<NotificationsWrite>,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let missing = || Problem::not_found("event source");
    let id: EventSourceId = id.parse().map_err(|_| missing())?;
    if sources::delete(&app.engine, member.tenant, id, &member.caller.who()).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(missing())
    }
}
