//! `POST /api/v1/connections/{id}/disconnect`.

use axum::Json;
use axum::extract::{Path, State};
use domain::{ConnectionId, TenantId};
use engine::onboarding;

use super::id_of;
use super::view::{self, ConnectionView};
use crate::App;
use crate::auth::{Member, SettingsWrite};
use crate::problem::{Problem, Result};

/// Ends a connection: nothing is sent any more, what was queued fails, the token is destroyed, and a line of credit is
/// taken back. Conversations and messages stay, and are found again when the account is connected again.
#[utoipa::path(post, path = "/api/v1/connections/{id}/disconnect", tag = "connections", params(("id" = String, Path, description = "conn_…")), responses(
    (status = 200, description = "The connection, ended", body = ConnectionView),
    (status = 404, description = "No such connection", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "A number of the platform's own account (`shared_number`)", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn disconnect(
    State(app): State<App>,
    member: Member<SettingsWrite>,
    Path(id): Path<String>,
) -> Result<Json<ConnectionView>> {
    let id = id_of(&id)?;
    not_shared(&app, member.tenant, id).await?;
    let who = member.caller.who();
    onboarding::disconnect(&app.engine, member.tenant, id, "disconnected here", &who).await?;
    let view = view::one(&app.engine, member.tenant, id).await?;
    Ok(Json(view))
}

/// A number of the platform's own account is taken back by its administrators.
async fn not_shared(app: &App, tenant: TenantId, id: ConnectionId) -> Result<()> {
    let is_shared = id == ConnectionId::from(uuid::Uuid::from(tenant))
        && view::shared(&app.engine, tenant).await?.is_some();
    if is_shared {
        return Err(Problem::conflict(
            "shared_number",
            "this number belongs to the platform's own account; ask its support to take it back",
        ));
    }
    Ok(())
}
