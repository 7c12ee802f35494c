//! `GET /api/v1/settings`.

use axum::Json;
use axum::extract::State;
use store::tenants;

use super::{SettingsView, view};
use crate::App;
use crate::auth::{Member, SettingsRead};
use crate::problem::{Problem, Result};

/// Shows the tenant's settings.
#[utoipa::path(get, path = "/api/v1/settings", tag = "settings", responses((status = 200, description = "The settings", body = SettingsView)))]
pub(crate) async fn show(
    State(app): State<App>,
    member: Member<SettingsRead>,
) -> Result<Json<SettingsView>> {
    let tenant = tenants::get(&app.engine.db, member.tenant).await?;
    let tenant = tenant.ok_or_else(|| Problem::not_found("tenant"))?;
    Ok(Json(view(&app, tenant).await?))
}
