//! `POST /api/v1/templates/{id}/release`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use engine::templates::act::{self, Decision, Side};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::id_of;
use crate::App;
use crate::auth::{Member, TemplatesWrite};
use crate::problem::{Problem, Result};

/// What becomes of the messages that wait because Meta made a marketing template of theirs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choice {
    /// `send`: they go at the price of marketing. `cancel`: they never go.
    action: String,
}

impl Choice {
    pub(crate) fn decision(&self) -> Result<Decision> {
        match self.action.as_str() {
            "send" => Ok(Decision::Send),
            "cancel" => Ok(Decision::Cancel),
            _ => Err(Problem::invalid("action", "must be send or cancel")),
        }
    }
}

/// What was decided.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Decided {
    /// About how many messages.
    pub(crate) messages: u64,
}

/// Decides about messages that wait because Meta made a marketing template of theirs.
#[utoipa::path(post, path = "/api/v1/templates/{id}/release", tag = "templates", request_body = Choice,
    params(("id" = String, Path, description = "tpl_…")), responses(
    (status = 200, description = "About how many messages", body = Decided),
    (status = 404, description = "No such template", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Nothing waits for a decision, or it is not this tenant's to take", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "The action is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn release(
    State(app): State<App>,
    member: Member<TemplatesWrite>,
    Path(id): Path<String>,
    body: std::result::Result<Json<Choice>, JsonRejection>,
) -> Result<Json<Decided>> {
    let Json(body) = body?;
    let decision = body.decision()?;
    let who = member.caller.who();
    let messages = act::release(
        &app.engine,
        Side::Tenant(member.tenant),
        &who,
        id_of(&id)?,
        decision,
    )
    .await?;
    Ok(Json(Decided { messages }))
}
