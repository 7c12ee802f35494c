//! `GET /api/v1/admin/invitations`.

use axum::Json;
use axum::extract::State;
use store::people::invitations;

use crate::App;
use crate::api::invitations::InvitationView;
use crate::auth::{Platform, PlatformPeople};
use crate::paging::List;
use crate::problem::Result;

/// Lists the newest open invitations of the whole installation, 200 at the most.
#[utoipa::path(get, path = "/api/v1/admin/invitations", tag = "admin", responses(
    (status = 200, description = "The invitations, without their links", body = List<InvitationView>),
))]
pub(crate) async fn list(
    State(app): State<App>,
    _platform: Platform<PlatformPeople>,
) -> Result<Json<List<InvitationView>>> {
    let now = app.engine.clock.now();
    let rows = invitations::any_tenant_open(&app.engine.db, now).await?;
    Ok(Json(List::whole(
        rows.into_iter().map(InvitationView::from).collect(),
    )))
}
