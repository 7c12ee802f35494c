//! `POST /api/v1/admin/whatsapp/tenants/{id}/assign-phone`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use engine::shared_account::{AssignError, assign};
use serde::Deserialize;
use utoipa::ToSchema;

use super::PhoneNumberView;
use crate::App;
use crate::auth::{AnyTenant, PlatformWrite};
use crate::problem::{Problem, Result};

/// Which number to assign.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assignment {
    /// Meta's id of the number.
    phone_number_id: String,
    /// As people read it; asked of Meta when not given.
    display_phone_number: Option<String>,
}

/// Assigns a number to a tenant. What was parked for the number is replayed.
#[utoipa::path(post, path = "/api/v1/admin/whatsapp/tenants/{id}/assign-phone", tag = "admin", request_body = Assignment,
    params(("id" = String, Path, description = "ten_…")), responses(
    (status = 200, description = "The number, now the tenant's", body = PhoneNumberView),
    (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Another tenant has the number, or the tenant has another one", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Not a number's id, or unknown to Meta", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn assign_phone(
    State(app): State<App>,
    AnyTenant {
        platform,
        row: tenant,
    }: AnyTenant<PlatformWrite>,
    body: std::result::Result<Json<Assignment>, JsonRejection>,
) -> Result<Json<PhoneNumberView>> {
    let Json(wanted) = body?;
    let display = wanted.display_phone_number.as_deref();
    let number = assign(
        &app.engine,
        tenant.id,
        wanted.phone_number_id.trim(),
        display,
        &platform.caller.who(),
    )
    .await?;
    Ok(Json(PhoneNumberView::of(number, Some(tenant.name))))
}

impl From<AssignError> for Problem {
    fn from(error: AssignError) -> Self {
        let sentence = error.to_string();
        match error {
            AssignError::NoTenant => Self::not_found("tenant"),
            AssignError::Taken { .. } => Self::conflict("number_taken", sentence),
            AssignError::HasAnother(_) => Self::conflict("tenant_has_number", sentence),
            AssignError::IsFallback(_) => Self::conflict("number_is_fallback", sentence),
            AssignError::NoWaba => Self::conflict("no_waba", sentence),
            AssignError::BadId(_) => Self::invalid("phone_number_id", sentence),
            AssignError::Unknown { .. } => Self::invalid("phone_number_id", sentence),
            AssignError::NothingAssigned => {
                Self::new(StatusCode::NOT_FOUND, "no_number", "No number", sentence)
            }
            AssignError::Store(error) => error.into(),
        }
    }
}
