//! `GET /api/v1/admin/users`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::UserId;
use store::people::users;

use super::{UserOfPlatform, view};
use crate::App;
use crate::auth::{Platform, PlatformPeople};
use crate::paging::{List, Wanted};
use crate::problem::Result;

/// Lists everybody who can sign in, newest first.
#[utoipa::path(get, path = "/api/v1/admin/users", tag = "admin", params(Wanted), responses(
    (status = 200, description = "A page", body = List<UserOfPlatform>),
))]
pub(crate) async fn list(
    State(app): State<App>,
    _platform: Platform<PlatformPeople>,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<List<UserOfPlatform>>> {
    let Query(wanted) = wanted?;
    let page = wanted.page::<UserId>()?;
    let rows = users::list(&app.engine.db, page).await?;
    let ids: List<UserId> = List::of(
        rows.clone(),
        page.limit,
        |row| row.id.to_string(),
        |row| row.id,
    );
    let mut data = Vec::with_capacity(rows.len());
    for row in rows {
        data.push(view(&app, row).await?);
    }
    Ok(Json(List {
        data,
        next: ids.next,
    }))
}
