//! `GET /api/v1/connections/{id}`.

use axum::Json;
use axum::extract::{Path, State};

use super::id_of;
use super::view::{self, ConnectionView};
use crate::App;
use crate::auth::{Member, SettingsRead};
use crate::problem::{Problem, Result};

/// Shows a connection with its latest run.
#[utoipa::path(get, path = "/api/v1/connections/{id}", tag = "connections", params(("id" = String, Path, description = "conn_…")), responses(
    (status = 200, description = "The connection", body = ConnectionView),
    (status = 404, description = "No such connection", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn show(
    State(app): State<App>,
    member: Member<SettingsRead>,
    Path(id): Path<String>,
) -> Result<Json<ConnectionView>> {
    let view = view::one(&app.engine, member.tenant, id_of(&id)?).await?;
    Ok(Json(view))
}
