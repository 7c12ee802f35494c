//! `DELETE /api/v1/invitations/{id}`.

use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::take_back;
use crate::App;
use crate::auth::{Member, MembersWrite};
use crate::problem::{Problem, Result};

/// Takes an open invitation back: its link stops working.
#[utoipa::path(delete, path = "/api/v1/invitations/{id}", tag = "people", params(("id" = String, Path, description = "inv_…")), responses(
    (status = 204, description = "Its link opens nothing any more"),
    (status = 404, description = "No such open invitation", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn revoke(
    State(app): State<App>,
    member: Member<MembersWrite>,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    take_back(&app, Some(member.tenant), &id, &member.caller).await
}
