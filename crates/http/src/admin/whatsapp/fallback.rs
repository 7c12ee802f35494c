//! `PUT /api/v1/admin/whatsapp/fallback`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use serde::Deserialize;
use store::numbers;
use utoipa::ToSchema;

use super::PhoneNumberView;
use crate::App;
use crate::auth::PlatformAdmin;
use crate::problem::{Problem, Result};

/// Which number tenants without one may send from, where allowed.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Fallback {
    /// A number of the pool.
    phone_number_id: String,
}

/// Sets the platform's fallback number.
#[utoipa::path(put, path = "/api/v1/admin/whatsapp/fallback", tag = "admin", request_body = Fallback, responses(
    (status = 200, description = "The number", body = PhoneNumberView),
    (status = 404, description = "No such number", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The number is a tenant's", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn set_fallback(
    State(app): State<App>,
    _admin: PlatformAdmin,
    body: std::result::Result<Json<Fallback>, JsonRejection>,
) -> Result<Json<PhoneNumberView>> {
    let Json(wanted) = body?;
    let db = &app.engine.db;
    let number = numbers::any_tenant_get(db, &wanted.phone_number_id)
        .await?
        .ok_or_else(|| Problem::not_found("number"))?;
    if number.tenant_id.is_some() {
        return Err(Problem::conflict(
            "number_taken",
            "the fallback must be a number of the pool; this one is a tenant's",
        ));
    }
    numbers::any_tenant_set_fallback(db, &wanted.phone_number_id).await?;
    Ok(Json(PhoneNumberView::of(
        numbers::PhoneNumber {
            is_fallback: true,
            ..number
        },
        None,
    )))
}
