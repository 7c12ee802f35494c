//! `PUT /api/v1/admin/whatsapp/fallback`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use serde::Deserialize;
use serde_json::json;
use store::audit::{self, Act, Target};
use store::numbers;
use utoipa::ToSchema;

use super::PhoneNumberView;
use crate::App;
use crate::auth::{Platform, PlatformWrite};
use crate::problem::{Problem, Result};

/// Which number tenants without one may send from, where allowed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
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
    platform: Platform<PlatformWrite>,
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
    let mut tx = db.begin().await?;
    numbers::any_tenant_set_fallback(&mut tx, &wanted.phone_number_id).await?;
    let act = Act {
        tenant: None,
        action: "number.set_fallback",
        target: Target {
            kind: "phone_number",
            id: Some(wanted.phone_number_id),
            name: Some(&number.display_phone_number),
        },
        before: Some(json!({ "is_fallback": number.is_fallback })),
        after: Some(json!({ "is_fallback": true })),
    };
    audit::append(&mut tx, &platform.caller.who(), act, app.engine.clock.now()).await?;
    tx.commit().await?;
    Ok(Json(PhoneNumberView::of(
        numbers::PhoneNumber {
            is_fallback: true,
            ..number
        },
        None,
    )))
}
