//! `GET /api/v1/api-keys`.

use axum::Json;
use axum::extract::State;

use super::{ApiKeyView, all};
use crate::App;
use crate::auth::{KeysWrite, Member};
use crate::paging::List;
use crate::problem::Result;

/// Lists the API keys of the tenant, newest first.
#[utoipa::path(get, path = "/api/v1/api-keys", tag = "api keys", responses(
    (status = 200, description = "The keys, without their secrets", body = List<ApiKeyView>),
))]
pub(crate) async fn list(
    State(app): State<App>,
    asked: Member<KeysWrite>,
) -> Result<Json<List<ApiKeyView>>> {
    Ok(Json(all(&app, Some(asked.tenant)).await?))
}
