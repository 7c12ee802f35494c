//! `GET /api/v1/events/types`.

use axum::Json;
use axum::extract::State;
use store::events;

use crate::App;
use crate::auth::{Member, SettingsRead};
use crate::paging::List;
use crate::problem::Result;

/// The types of events that were reported so far, by name: what rules may be written for.
#[utoipa::path(get, path = "/api/v1/events/types", tag = "events", responses((status = 200, description = "All of them", body = List<String>)))]
pub(crate) async fn types(
    State(app): State<App>,
    member: Member<SettingsRead>,
) -> Result<Json<List<String>>> {
    let types = events::types(&app.engine.db, member.tenant).await?;
    Ok(Json(List::whole(types)))
}
