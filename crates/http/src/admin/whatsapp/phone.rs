//! `GET /api/v1/admin/whatsapp/tenants/{id}/phone`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use store::numbers;

use super::PhoneNumberView;
use crate::App;
use crate::auth::{AnyTenant, PlatformRead};
use crate::problem::{Problem, Result};

/// Shows a tenant's number.
#[utoipa::path(get, path = "/api/v1/admin/whatsapp/tenants/{id}/phone", tag = "admin", params(("id" = String, Path, description = "ten_…")), responses(
    (status = 200, description = "The number", body = PhoneNumberView),
    (status = 404, description = "No such tenant (`not_found`), or it has no number (`no_number`)", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn phone(
    State(app): State<App>,
    AnyTenant { row: tenant, .. }: AnyTenant<PlatformRead>,
) -> Result<Json<PhoneNumberView>> {
    let number = numbers::of_tenant(&app.engine.db, tenant.id)
        .await?
        .into_iter()
        .next();
    number
        .map(|row| Json(PhoneNumberView::of(row, Some(tenant.name))))
        .ok_or_else(|| {
            Problem::new(
                StatusCode::NOT_FOUND,
                "no_number",
                "No number",
                "this tenant has no number assigned",
            )
        })
}
