//! `DELETE /api/v1/admin/whatsapp/tenants/{id}/unassign-phone`.

use axum::Json;
use axum::extract::State;
use engine::shared_account::unassign;

use super::PhoneNumberView;
use crate::App;
use crate::auth::{AnyTenant, PlatformWrite};
use crate::problem::{Problem, Result};

/// Takes a tenant's number back into the pool. Its conversations stay the tenant's.
#[utoipa::path(delete, path = "/api/v1/admin/whatsapp/tenants/{id}/unassign-phone", tag = "admin", params(("id" = String, Path, description = "ten_…")), responses(
    (status = 200, description = "The number, now in the pool", body = PhoneNumberView),
    (status = 404, description = "No such tenant, or it has no number", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn unassign_phone(
    State(app): State<App>,
    AnyTenant {
        platform,
        row: tenant,
    }: AnyTenant<PlatformWrite>,
) -> Result<Json<PhoneNumberView>> {
    let number = unassign(&app.engine, tenant.id, &platform.caller.who()).await?;
    Ok(Json(PhoneNumberView::of(number, None)))
}
