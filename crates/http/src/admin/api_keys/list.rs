//! `GET /api/v1/admin/api-keys`.

use axum::Json;
use axum::extract::State;

use crate::App;
use crate::api::api_keys::{ApiKeyView, all};
use crate::auth::{Platform, PlatformWrite};
use crate::paging::List;
use crate::problem::Result;

/// Lists the API keys of the platform, newest first.
#[utoipa::path(get, path = "/api/v1/admin/api-keys", tag = "admin", responses(
    (status = 200, description = "The keys, without their secrets", body = List<ApiKeyView>),
))]
pub(crate) async fn list(
    State(app): State<App>,
    _asked: Platform<PlatformWrite>,
) -> Result<Json<List<ApiKeyView>>> {
    Ok(Json(all(&app, None).await?))
}
