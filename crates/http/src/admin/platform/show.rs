//! `GET /api/v1/admin/platform`.

use axum::Json;
use axum::extract::State;

use super::{PlatformView, view};
use crate::App;
use crate::auth::{Platform, PlatformRead};

/// What the platform is at Meta, and where each setting comes from. Secrets are masked.
#[utoipa::path(get, path = "/api/v1/admin/platform", tag = "admin", responses((status = 200, description = "All settings", body = PlatformView)))]
pub(crate) async fn show(
    State(app): State<App>,
    _platform: Platform<PlatformRead>,
) -> Json<PlatformView> {
    Json(view(&app.engine))
}
