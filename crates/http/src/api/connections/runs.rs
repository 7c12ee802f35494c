//! `GET /api/v1/connections/{id}/runs`.

use axum::Json;
use axum::extract::{Path, State};
use store::connections::{self, runs};

use super::id_of;
use super::view::RunView;
use crate::App;
use crate::auth::{Member, SettingsRead};
use crate::paging::List;
use crate::problem::{Problem, Result};

/// As many as a person reads.
const MOST: i64 = 50;

/// Lists the attempts to make a connection, newest first, the last 50. The list has one page.
#[utoipa::path(get, path = "/api/v1/connections/{id}/runs", tag = "connections", params(("id" = String, Path, description = "conn_…")), responses(
    (status = 200, description = "The attempts", body = List<RunView>),
    (status = 404, description = "No such connection", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn list(
    State(app): State<App>,
    member: Member<SettingsRead>,
    Path(id): Path<String>,
) -> Result<Json<List<RunView>>> {
    let (db, id) = (&app.engine.db, id_of(&id)?);
    connections::get(db, member.tenant, id)
        .await?
        .ok_or_else(|| Problem::not_found("connection"))?;
    let mut views = Vec::new();
    for run in runs::list(db, member.tenant, id, MOST).await? {
        let steps = runs::steps(db, run.id).await?;
        views.push(RunView::of(run, steps));
    }
    Ok(Json(List::whole(views)))
}
