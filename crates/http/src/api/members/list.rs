//! `GET /api/v1/members`.

use axum::Json;
use axum::extract::State;
use store::people::members;

use super::MemberView;
use crate::App;
use crate::auth::{InboxRead, Member};
use crate::paging::List;
use crate::problem::Result;

/// Lists who belongs to the tenant, by name.
#[utoipa::path(get, path = "/api/v1/members", tag = "people", responses(
    (status = 200, description = "The members", body = List<MemberView>),
))]
pub(crate) async fn list(
    State(app): State<App>,
    member: Member<InboxRead>,
) -> Result<Json<List<MemberView>>> {
    let rows = members::list(&app.engine.db, member.tenant).await?;
    Ok(Json(List::whole(
        rows.into_iter().map(MemberView::from).collect(),
    )))
}
