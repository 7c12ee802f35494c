//! `GET /api/v1/notification-rules`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use store::notification_rules;

use super::RuleView;
use crate::App;
use crate::auth::{Member, SettingsRead};
use crate::paging::{List, Wanted};
use crate::problem::Result;

/// Lists the tenant's rules, newest first.
#[utoipa::path(get, path = "/api/v1/notification-rules", tag = "notifications", params(Wanted), responses((status = 200, description = "A page", body = List<RuleView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    member: Member<SettingsRead>,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<List<RuleView>>> {
    let page = wanted?.page()?;
    let rows = notification_rules::list(&app.engine.db, member.tenant, page).await?;
    let view = |row| RuleView::new(row, Vec::new());
    Ok(Json(List::of(
        rows,
        page.limit,
        |row| row.id.to_string(),
        view,
    )))
}
