//! `GET /api/v1/invitations`.

use axum::Json;
use axum::extract::State;
use store::people::invitations;

use super::InvitationView;
use crate::App;
use crate::auth::{Member, MembersRead};
use crate::paging::List;
use crate::problem::Result;

/// Lists the tenant's open invitations, newest first.
#[utoipa::path(get, path = "/api/v1/invitations", tag = "people", responses(
    (status = 200, description = "The invitations, without their links", body = List<InvitationView>),
))]
pub(crate) async fn list(
    State(app): State<App>,
    member: Member<MembersRead>,
) -> Result<Json<List<InvitationView>>> {
    let now = app.engine.clock.now();
    let rows = invitations::open(&app.engine.db, Some(member.tenant), now).await?;
    Ok(Json(List::whole(
        rows.into_iter().map(InvitationView::from).collect(),
    )))
}
