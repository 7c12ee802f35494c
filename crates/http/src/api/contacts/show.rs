//! `GET /api/v1/contacts/{id}`.

use axum::Json;

use super::ContactView;
use crate::auth::{ContactsRead, OwnContact};
use crate::problem::Problem;

/// Shows one contact.
#[utoipa::path(get, path = "/api/v1/contacts/{id}", tag = "contacts", params(("id" = String, Path, description = "con_…")), responses(
    (status = 200, description = "The contact", body = ContactView),
    (status = 404, description = "No such contact", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn show(own: OwnContact<ContactsRead>) -> Json<ContactView> {
    Json(own.row.into())
}
