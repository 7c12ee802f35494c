//! `/api/v1/admin/tenants/{id}/api-keys`.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::access::Scopes;

use crate::App;
use crate::api::api_keys::{ApiKeyView, CreatedApiKey, NewApiKey, all, end_key, make};
use crate::auth::{AnyTenant, PlatformRead, PlatformWrite};
use crate::given::Perhaps;
use crate::paging::List;
use crate::problem::{Problem, Result};

/// Makes an API key for a tenant.
#[utoipa::path(post, path = "/api/v1/admin/tenants/{id}/api-keys", tag = "admin", request_body = Option<NewApiKey>, params(("id" = String, Path, description = "ten_…")), responses(
    (status = 201, description = "The key, shown once", body = CreatedApiKey),
    (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn create(
    State(app): State<App>,
    any: AnyTenant<PlatformWrite>,
    Perhaps(body): Perhaps<NewApiKey>,
) -> Result<(StatusCode, Json<CreatedApiKey>)> {
    let wanted = body.unwrap_or_default();
    let allowed = Scopes::of_tenant();
    let key = make(
        &app,
        Some(any.row.id),
        wanted,
        allowed,
        &any.platform.caller,
    )
    .await?;
    Ok((StatusCode::CREATED, Json(key)))
}

/// Lists a tenant's API keys.
#[utoipa::path(get, path = "/api/v1/admin/tenants/{id}/api-keys", tag = "admin", params(("id" = String, Path, description = "ten_…")), responses(
    (status = 200, description = "The keys, without their secrets", body = List<ApiKeyView>),
))]
pub(crate) async fn list(
    State(app): State<App>,
    any: AnyTenant<PlatformRead>,
) -> Result<Json<List<ApiKeyView>>> {
    Ok(Json(all(&app, Some(any.row.id)).await?))
}

/// Revokes a tenant's API key.
#[utoipa::path(delete, path = "/api/v1/admin/tenants/{id}/api-keys/{key}", tag = "admin",
    params(("id" = String, Path, description = "ten_…"), ("key" = String, Path, description = "key_…")), responses(
    (status = 204, description = "The key opens nothing any more"),
    (status = 404, description = "No such key", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn revoke(
    State(app): State<App>,
    any: AnyTenant<PlatformWrite>,
    Path((_tenant, key)): Path<(String, String)>,
) -> Result<StatusCode> {
    end_key(&app, Some(any.row.id), &key, &any.platform.caller).await
}
