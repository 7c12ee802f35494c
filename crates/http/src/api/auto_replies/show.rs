//! `GET /api/v1/auto-replies`.

use axum::Json;
use axum::extract::State;

use super::AutoReplies;
use crate::App;
use crate::auth::{Member, SettingsRead};
use crate::problem::{Problem, Result};

/// Shows the tenant's automatic replies.
#[utoipa::path(get, path = "/api/v1/auto-replies", tag = "automation", responses((status = 200, description = "What is set", body = AutoReplies)))]
pub(crate) async fn show(
    State(app): State<App>,
    member: Member<SettingsRead>,
) -> Result<Json<AutoReplies>> {
    let tenant = store::tenants::get(&app.engine.db, member.tenant)
        .await?
        .ok_or_else(|| Problem::not_found("tenant"))?;
    Ok(Json(AutoReplies {
        welcome: tenant.welcome_text,
    }))
}
