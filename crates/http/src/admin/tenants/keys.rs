//! `/api/v1/admin/tenants/{id}/api-keys`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::{ApiKeyId, TenantId, Timestamp};
use engine::keys;
use serde::{Deserialize, Serialize};
use store::api_keys;
use utoipa::ToSchema;

use crate::App;
use crate::auth::{AnyTenant, PlatformAdmin};
use crate::paging::List;
use crate::problem::{Problem, Result};

/// A key to make.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewApiKey {
    /// What it is for.
    name: Option<String>,
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedApiKey {
    /// Its id.
    id: String,
    /// The visible beginning.
    prefix: String,
    /// The whole key. It is shown this once and not kept.
    api_key: String,
}

/// A key as it stands in lists.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiKeyView {
    /// Its id.
    id: String,
    /// What it is for.
    name: String,
    /// The visible beginning.
    prefix: String,
    /// When it was made.
    created_at: String,
    /// When it was last used, to the minute.
    last_used_at: Option<String>,
}

/// Makes an API key for a tenant.
#[utoipa::path(post, path = "/api/v1/admin/tenants/{id}/api-keys", tag = "admin", request_body = Option<NewApiKey>, params(("id" = String, Path, description = "ten_…")), responses(
    (status = 201, description = "The key, shown once", body = CreatedApiKey),
    (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn create(
    State(app): State<App>,
    AnyTenant(tenant): AnyTenant,
    body: std::result::Result<Option<Json<NewApiKey>>, JsonRejection>,
) -> Result<(StatusCode, Json<CreatedApiKey>)> {
    let name = body?
        .and_then(|Json(wanted)| wanted.name)
        .unwrap_or_else(|| "API".to_owned());
    if name.chars().count() > 200 {
        return Err(Problem::invalid("name", "may have at most 200 characters"));
    }
    let key = keys::create(
        &app.engine.db,
        Some(tenant.id),
        &name,
        app.engine.clock.now(),
    )
    .await?;
    Ok((
        StatusCode::CREATED,
        Json(CreatedApiKey {
            id: key.id.to_string(),
            prefix: key.prefix,
            api_key: key.secret,
        }),
    ))
}

/// Lists a tenant's API keys.
#[utoipa::path(get, path = "/api/v1/admin/tenants/{id}/api-keys", tag = "admin", params(("id" = String, Path, description = "ten_…")), responses(
    (status = 200, description = "The keys", body = List<ApiKeyView>),
))]
pub(crate) async fn list(
    State(app): State<App>,
    AnyTenant(tenant): AnyTenant,
) -> Result<Json<List<ApiKeyView>>> {
    let rows = api_keys::list(&app.engine.db, Some(tenant.id)).await?;
    let view = |row: api_keys::ApiKey| ApiKeyView {
        id: row.id.to_string(),
        name: row.name,
        prefix: row.prefix,
        created_at: Timestamp(row.created_at).rfc3339(),
        last_used_at: row.last_used_at.map(|at| Timestamp(at).rfc3339()),
    };
    Ok(Json(List::whole(rows.into_iter().map(view).collect())))
}

/// Revokes a tenant's API key.
#[utoipa::path(delete, path = "/api/v1/admin/tenants/{id}/api-keys/{key}", tag = "admin",
    params(("id" = String, Path, description = "ten_…"), ("key" = String, Path, description = "key_…")), responses(
    (status = 204, description = "The key opens nothing any more"),
    (status = 404, description = "No such key", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn revoke(
    State(app): State<App>,
    _admin: PlatformAdmin,
    Path((tenant, key)): Path<(String, String)>,
) -> Result<StatusCode> {
    let (Ok(tenant), Ok(key)) = (tenant.parse::<TenantId>(), key.parse::<ApiKeyId>()) else {
        return Err(Problem::not_found("API key"));
    };
    if !api_keys::revoke(&app.engine.db, Some(tenant), key, app.engine.clock.now()).await? {
        return Err(Problem::not_found("API key"));
    }
    app.keys.forget(key);
    Ok(StatusCode::NO_CONTENT)
}
