//! `PATCH /api/v1/contacts/{id}`: what a person has asked of the business.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use serde::Deserialize;
use serde_json::json;
use store::audit::{self, Act, Target};
use store::contacts;
use utoipa::ToSchema;

use super::ContactView;
use crate::App;
use crate::auth::{ContactsWrite, OwnContact};
use crate::problem::{Problem, Result};

/// What changes of a contact.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactChange {
    /// Whether the person asked not to be written to. Notifications then leave them out, unless a rule says that its
    /// messages go to everybody; an answer in their conversation can still be written.
    opted_out: bool,
}

/// Changes a contact.
#[utoipa::path(patch, path = "/api/v1/contacts/{id}", tag = "contacts", request_body = ContactChange,
    params(("id" = String, Path, description = "con_…")), responses(
    (status = 200, description = "The contact afterwards", body = ContactView),
    (status = 404, description = "No such contact", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Something else than `opted_out`, or no boolean", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn update(
    State(app): State<App>,
    own: OwnContact<ContactsWrite>,
    body: std::result::Result<Json<ContactChange>, JsonRejection>,
) -> Result<Json<ContactView>> {
    let OwnContact { member, mut row } = own;
    let Json(body) = body?;
    if body.opted_out == row.opted_out_at.is_some() {
        return Ok(Json(row.into()));
    }
    let now = app.engine.clock.now();
    let since = body.opted_out.then_some(now);
    let id = row.id.to_string();
    let act = Act {
        tenant: Some(member.tenant),
        action: if body.opted_out {
            "contact.opt_out"
        } else {
            "contact.opt_in"
        },
        target: Target {
            kind: "contact",
            id: Some(id),
            name: row.name.as_deref(),
        },
        before: Some(json!({ "opted_out": !body.opted_out })),
        after: Some(json!({ "opted_out": body.opted_out })),
    };
    let mut tx = app.engine.db.begin().await?;
    if !contacts::opt_out(&mut tx, member.tenant, row.id, since, now).await? {
        return Err(Problem::not_found("contact"));
    }
    audit::append(&mut tx, &member.caller.who(), act, now).await?;
    tx.commit().await?;
    row.opted_out_at = since.map(|at| at.0);
    Ok(Json(row.into()))
}
