//! `GET /api/v1/event-sources`.

use axum::Json;
use axum::extract::State;
use store::events::sources;

use super::EventSourceView;
use crate::App;
use crate::auth::{Member, SettingsRead};
use crate::paging::List;
use crate::problem::Result;

/// Lists the addresses at which the tenant's systems report. The list has one page.
#[utoipa::path(get, path = "/api/v1/event-sources", tag = "events", responses((status = 200, description = "All of them", body = List<EventSourceView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    member: Member<SettingsRead>,
) -> Result<Json<List<EventSourceView>>> {
    let rows = sources::list(&app.engine.db, member.tenant).await?;
    Ok(Json(List::whole(
        rows.into_iter()
            .map(|row| EventSourceView::new(&app, row))
            .collect(),
    )))
}
