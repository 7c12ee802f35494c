//! `POST /api/v1/queue/pause` and `POST /api/v1/queue/resume`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use engine::outbound::queue;
use serde::{Deserialize, Serialize};
use store::numbers;
use store::pauses::Scope;
use utoipa::ToSchema;

use crate::App;
use crate::auth::{Member, SettingsWrite};
use crate::problem::{Problem, Result};

/// What to pause or resume: a number, a label, or everything when neither is given.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Part {
    /// One of your numbers.
    phone_number_id: Option<String>,
    /// A label.
    batch: Option<String>,
    /// Why, for colleagues; at most 200 characters.
    reason: Option<String>,
}

/// Whether anything changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Changed {
    /// False when it stood so already.
    pub(crate) changed: bool,
}

/// The longest reason.
const LONGEST: usize = 200;

/// A reason as it is kept.
pub(crate) fn reason(text: Option<&str>) -> Result<Option<&str>> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    if text.is_some_and(|text| text.chars().count() > LONGEST) {
        return Err(Problem::invalid("reason", "must be at most 200 characters"));
    }
    Ok(text)
}

/// A label as senders give it.
pub(crate) fn label(batch: String) -> Result<String> {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    if (1..=64).contains(&batch.len()) && batch.bytes().all(fine) {
        Ok(batch)
    } else {
        Err(Problem::invalid(
            "batch",
            "must be 1 to 64 letters, digits, dots, dashes or underscores",
        ))
    }
}

async fn scope(app: &App, tenant: domain::TenantId, part: &Part) -> Result<Scope> {
    match (part.phone_number_id.clone(), part.batch.clone()) {
        (Some(_), Some(_)) => Err(Problem::invalid(
            "batch",
            "cannot stand beside phone_number_id: pause one of them at a time",
        )),
        (Some(number), None) => {
            let own = numbers::of_tenant(&app.engine.db, tenant).await?;
            if own.iter().all(|row| row.phone_number_id != number) {
                return Err(Problem::not_found("number of yours"));
            }
            Ok(Scope::Number(tenant, number))
        }
        (None, Some(batch)) => Ok(Scope::Batch(tenant, label(batch)?)),
        (None, None) => Ok(Scope::Tenant(tenant)),
    }
}

/// Pauses sending: what has not left waits until somebody resumes, and so does what comes after.
#[utoipa::path(post, path = "/api/v1/queue/pause", tag = "queue", request_body = Part, responses(
    (status = 200, description = "It is paused", body = Changed),
    (status = 404, description = "No such number of the tenant", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A value is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn pause(
    State(app): State<App>,
    member: Member<SettingsWrite>,
    body: std::result::Result<Json<Part>, JsonRejection>,
) -> Result<Json<Changed>> {
    let Json(part) = body?;
    let why = reason(part.reason.as_deref())?;
    let scope = scope(&app, member.tenant, &part).await?;
    let changed = queue::pause(&app.engine, &scope, &member.caller.who(), why).await?;
    Ok(Json(Changed { changed }))
}

/// Resumes what the tenant has paused. What the platform has paused stays so.
#[utoipa::path(post, path = "/api/v1/queue/resume", tag = "queue", request_body = Part, responses(
    (status = 200, description = "It goes on", body = Changed),
    (status = 404, description = "No such number of the tenant", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A value is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn resume(
    State(app): State<App>,
    member: Member<SettingsWrite>,
    body: std::result::Result<Json<Part>, JsonRejection>,
) -> Result<Json<Changed>> {
    let Json(part) = body?;
    let scope = scope(&app, member.tenant, &part).await?;
    let changed = queue::resume(&app.engine, &scope, &member.caller.who()).await?;
    Ok(Json(Changed { changed }))
}
