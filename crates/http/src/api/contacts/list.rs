//! `GET /api/v1/contacts`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::ContactId;
use store::contacts;

use super::ContactView;
use crate::App;
use crate::auth::{ContactsRead, Member};
use crate::paging::{List, Wanted};
use crate::problem::Result;

/// Lists the tenant's contacts, newest first.
#[utoipa::path(get, path = "/api/v1/contacts", tag = "contacts", params(Wanted), responses(
    (status = 200, description = "A page", body = List<ContactView>),
))]
pub(crate) async fn list(
    State(app): State<App>,
    member: Member<ContactsRead>,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<List<ContactView>>> {
    let Query(wanted) = wanted?;
    let page = wanted.page::<ContactId>()?;
    let rows = contacts::list(&app.engine.db, member.tenant, member.sight, page).await?;
    Ok(Json(List::of(
        rows,
        page.limit,
        |row| row.id.to_string(),
        ContactView::from,
    )))
}
