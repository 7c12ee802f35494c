//! API keys in `Authorization: Bearer …`.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use domain::TenantId;
use engine::keys::Principal;

use crate::App;
use crate::problem::{Problem, Result};

/// The request speaks for the platform's administration.
pub(crate) struct PlatformAdmin;

/// The request speaks for one tenant.
pub(crate) struct TenantMember(pub(crate) TenantId);

/// The key that a request presents.
pub(crate) fn presented(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, key)| key.trim())
}

async fn principal(parts: &Parts, app: &App) -> Result<Principal> {
    let key = presented(&parts.headers).ok_or_else(|| {
        Problem::unauthorized("send your API key as `Authorization: Bearer <key>`")
    })?;
    let now = app.engine.clock.now();
    let found = app.keys.recognise(&app.engine.db, key, now).await?;
    found.ok_or_else(|| Problem::unauthorized("this API key is not known here, or was revoked"))
}

impl FromRequestParts<App> for PlatformAdmin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        match principal(parts, app).await? {
            Principal::Platform => Ok(Self),
            Principal::Tenant(_) => Err(Problem::forbidden(
                "this is for the platform's administration; the key is a tenant's",
            )),
        }
    }
}

impl FromRequestParts<App> for TenantMember {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        match principal(parts, app).await? {
            Principal::Tenant(tenant) => Ok(Self(tenant)),
            Principal::Platform => Err(Problem::forbidden(
                "this belongs to a tenant; use one of the tenant's API keys",
            )),
        }
    }
}
