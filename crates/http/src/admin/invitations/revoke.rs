//! `DELETE /api/v1/admin/invitations/{id}`.

use axum::extract::{Path, State};
use axum::http::StatusCode;

use crate::App;
use crate::api::invitations::take_back;
use crate::auth::{Platform, PlatformPeople};
use crate::problem::{Problem, Result};

/// Takes any open invitation back.
#[utoipa::path(delete, path = "/api/v1/admin/invitations/{id}", tag = "admin", params(("id" = String, Path, description = "inv_…")), responses(
    (status = 204, description = "Its link opens nothing any more"),
    (status = 404, description = "No such open invitation", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn revoke(
    State(app): State<App>,
    platform: Platform<PlatformPeople>,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    take_back(&app, None, &id, &platform.caller).await
}
