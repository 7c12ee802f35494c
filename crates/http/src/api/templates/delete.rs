//! `DELETE /api/v1/templates/{id}`.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use engine::templates::act::{self, Extent};
use serde::Deserialize;
use utoipa::IntoParams;

use super::id_of;
use crate::App;
use crate::auth::{Member, TemplatesWrite};
use crate::problem::{Problem, Result};

/// How much goes.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct HowMuch {
    /// All languages of the name.
    all_languages: bool,
    /// With the messages that wait to be sent with it, which are cancelled; else the template stays while there are any.
    cancel_waiting: bool,
}

/// Deletes a template in its language. The name of one that was approved is locked for thirty days.
#[utoipa::path(delete, path = "/api/v1/templates/{id}", tag = "templates",
    params(("id" = String, Path, description = "tpl_…"), HowMuch), responses(
    (status = 204, description = "It is deleted"),
    (status = 404, description = "No such template", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Not this tenant's to delete, switched off by Meta, or messages wait to be sent with it (`messages_wait`)", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "WhatsApp refused", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "WhatsApp did not answer", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn delete(
    State(app): State<App>,
    member: Member<TemplatesWrite>,
    Path(id): Path<String>,
    how: std::result::Result<Query<HowMuch>, QueryRejection>,
) -> Result<StatusCode> {
    let Query(how) = how?;
    let who = member.caller.who();
    act::delete(
        &app.engine,
        member.tenant,
        &who,
        id_of(&id)?,
        Extent {
            all_languages: how.all_languages,
            cancel_waiting: how.cancel_waiting,
        },
    )
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
