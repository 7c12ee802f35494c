//! `POST /api/v1/connections/{id}/resume`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::{ConnectionId, TenantId};
use engine::onboarding::{self, Resume, SignUp};
use secrecy::SecretString;
use serde::Deserialize;
use store::audit::Who;
use store::connections;
use utoipa::ToSchema;

use super::id_of;
use super::view::{self, ConnectionView};
use crate::App;
use crate::auth::{Member, SettingsWrite};
use crate::problem::{Problem, Result};

/// What helps to go on.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Resumed {
    /// A fresh code of Embedded Signup, where the access has to be given again.
    code: Option<String>,
    /// The number's PIN, where it has one of its own (`pin_mismatch`).
    pin: Option<String>,
    /// A number of the connection that is to be registered, also where the last run was about another.
    phone_number_id: Option<String>,
}

/// Goes on where the last run stopped; with a fresh code, from the beginning.
#[utoipa::path(post, path = "/api/v1/connections/{id}/resume", tag = "connections", request_body = Resumed, params(("id" = String, Path, description = "conn_…")), responses(
    (status = 202, description = "The connection, with its run", body = ConnectionView),
    (status = 404, description = "No such connection", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It is at work (`at_work`), or needs a fresh code (`code_needed`)", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A value is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn resume(
    State(app): State<App>,
    member: Member<SettingsWrite>,
    Path(id): Path<String>,
    body: std::result::Result<Json<Resumed>, JsonRejection>,
) -> Result<(StatusCode, Json<ConnectionView>)> {
    let id = id_of(&id)?;
    let row = connections::get(&app.engine.db, member.tenant, id).await?;
    row.ok_or_else(|| Problem::not_found("connection"))?;
    let Json(given) = body?;
    go_on(&app, member.tenant, id, given, &member.caller.who()).await
}

/// Goes on, for whoever may.
pub(crate) async fn go_on(
    app: &App,
    tenant: TenantId,
    id: ConnectionId,
    given: Resumed,
    who: &Who,
) -> Result<(StatusCode, Json<ConnectionView>)> {
    if given.code.is_some() && (given.pin.is_some() || given.phone_number_id.is_some()) {
        let said = "begins anew; it cannot be given with pin or phone_number_id";
        return Err(Problem::invalid("code", said));
    }
    match given.code {
        Some(code) => {
            let row = connections::get(&app.engine.db, tenant, id).await?;
            let row = row.ok_or_else(|| Problem::not_found("connection"))?;
            let wanted = SignUp {
                code: SecretString::from(code),
                waba_id: row.waba_id,
                phone_number_id: None,
                business_id: None,
                coexistence: row.coexistence,
                setup_link: None,
            };
            onboarding::embedded_signup(&app.engine, tenant, wanted, Some(id), who).await?;
        }
        None => {
            let wanted = Resume {
                pin: given.pin.map(SecretString::from),
                phone_number_id: given.phone_number_id,
            };
            onboarding::resume(&app.engine, tenant, id, wanted, who).await?;
        }
    }
    let view = view::one(&app.engine, tenant, id).await?;
    Ok((StatusCode::ACCEPTED, Json(view)))
}
