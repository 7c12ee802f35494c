//! `POST /api/v1/admin/tenants`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use serde::Deserialize;
use store::tenants::{self, Tenant};
use store::{audit, event_log};
use utoipa::ToSchema;

use super::update::check_name;
use super::{TenantView, changed, event};
use crate::App;
use crate::auth::{Platform, PlatformWrite};
use crate::problem::{Problem, Result};

/// A tenant to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTenant {
    /// The business's name, 1 to 200 characters.
    name: String,
    /// Language code such as `es`; `en` when not given.
    language: Option<String>,
}

/// Adds a tenant.
#[utoipa::path(post, path = "/api/v1/admin/tenants", tag = "admin", request_body = NewTenant, responses(
    (status = 201, description = "The tenant", body = TenantView),
    (status = 422, description = "The name is empty or too long", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn create(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
    body: std::result::Result<Json<NewTenant>, JsonRejection>,
) -> Result<(StatusCode, Json<TenantView>)> {
    let Json(wanted) = body?;
    let name = check_name(&wanted.name)?;
    let tenant = Tenant::new(
        name,
        wanted.language.as_deref().unwrap_or("en"),
        app.engine.clock.now(),
    );
    let view = TenantView::from(tenant.clone());
    let mut tx = app.engine.db.begin().await?;
    tenants::insert(&mut tx, &tenant).await?;
    let act = changed("tenant.create", &tenant, None, &view);
    audit::append(&mut tx, &platform.caller.who(), act, tenant.created_at).await?;
    let event = event("tenant.created", tenant.id, tenant.created_at);
    event_log::append(&mut tx, &[event]).await?;
    tx.commit().await?;
    app.engine.wake.events.notify_waiters();
    Ok((StatusCode::CREATED, Json(view)))
}
