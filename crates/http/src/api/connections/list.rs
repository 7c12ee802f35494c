//! `GET /api/v1/connections`.

use axum::Json;
use axum::extract::State;
use store::connections;

use super::view::{self, ConnectionView};
use crate::App;
use crate::auth::{Member, SettingsRead};
use crate::paging::List;
use crate::problem::Result;

/// Lists how the tenant is connected to WhatsApp, newest first, ended ones included. The list has one page.
#[utoipa::path(get, path = "/api/v1/connections", tag = "connections", responses((status = 200, description = "All of them", body = List<ConnectionView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    member: Member<SettingsRead>,
) -> Result<Json<List<ConnectionView>>> {
    let mut views = Vec::new();
    for row in connections::list(&app.engine.db, member.tenant).await? {
        views.push(view::whole(&app.engine, row).await?);
    }
    views.extend(view::shared(&app.engine, member.tenant).await?);
    Ok(Json(List::whole(views)))
}
