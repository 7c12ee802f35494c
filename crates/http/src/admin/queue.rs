//! `/api/v1/admin/queue`: the queues of all numbers, and the platform's own pauses.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use domain::TenantId;
use engine::outbound::queue;
use serde::{Deserialize, Serialize};
use store::outbox::holds;
use store::page::{MAX_LIMIT, Page};
use store::pauses::{self, Scope};
use store::{numbers, tenants};
use utoipa::ToSchema;

use crate::App;
use crate::api::queue::control::{Changed, reason};
use crate::api::queue::{NumberQueueView, PauseView};
use crate::auth::{Platform, PlatformRead, PlatformWrite};
use crate::paging::List;
use crate::problem::{Problem, Result};

/// The queue of a number, and whose it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TenantQueueView {
    /// Whose messages are counted; null for a number of the pool.
    tenant_id: Option<String>,
    /// Their name.
    tenant_name: Option<String>,
    /// Whether the platform has paused the tenant as a whole.
    tenant_paused: Option<PauseView>,
    /// The queue.
    #[serde(flatten)]
    queue: NumberQueueView,
}

/// What the platform pauses or resumes: a number, or a tenant.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PlatformPart {
    /// A number, for everybody who sends from it.
    phone_number_id: Option<String>,
    /// A tenant, for all of its numbers.
    tenant_id: Option<String>,
    /// Why; the tenant sees it. At most 200 characters.
    reason: Option<String>,
}

/// Shows the queues of all numbers.
#[utoipa::path(get, path = "/api/v1/admin/queue", tag = "admin", responses((status = 200, description = "By number and tenant", body = List<TenantQueueView>)))]
pub(crate) async fn show(
    State(app): State<App>,
    _platform: Platform<PlatformRead>,
) -> Result<Json<List<TenantQueueView>>> {
    let db = &app.engine.db;
    let overview = queue::overview(&app.engine, None).await?;
    let names = names(db).await?;
    let paused = pauses::any_tenant_all(db).await?;
    let held = holds::any_tenant(db).await?;
    let rows = overview.numbers.into_iter().map(|row| {
        let tenant = row.tenant;
        let pause = paused.iter().find(|pause| {
            pause.scope == "platform_tenant"
                && tenant.is_some()
                && pause.tenant_id.map(TenantId) == tenant
        });
        TenantQueueView {
            tenant_id: tenant.map(|tenant| tenant.to_string()),
            tenant_name: tenant.and_then(|tenant| names.get(&tenant).cloned()),
            tenant_paused: pause.map(PauseView::of),
            queue: NumberQueueView::of(row, &held),
        }
    });
    Ok(Json(List::whole(rows.collect())))
}

/// The names of all tenants.
async fn names(db: &store::Db) -> store::Result<HashMap<TenantId, String>> {
    let (mut names, mut after) = (HashMap::new(), None);
    loop {
        let page = tenants::any_tenant_list(db, Page::new(after, MAX_LIMIT)).await?;
        after = page.last().map(|tenant| tenant.id);
        let full = i64::try_from(page.len()).is_ok_and(|count| count >= MAX_LIMIT);
        names.extend(page.into_iter().map(|tenant| (tenant.id, tenant.name)));
        if !full {
            return Ok(names);
        }
    }
}

async fn scope(app: &App, part: &PlatformPart) -> Result<Scope> {
    let db = &app.engine.db;
    match (&part.phone_number_id, &part.tenant_id) {
        (Some(number), None) => {
            let known = numbers::any_tenant_get(db, number).await?;
            known.ok_or_else(|| Problem::not_found("number"))?;
            Ok(Scope::PlatformNumber(number.clone()))
        }
        (None, Some(tenant)) => {
            let missing = || Problem::not_found("tenant");
            let id: TenantId = tenant.parse().map_err(|_| missing())?;
            tenants::get(db, id).await?.ok_or_else(missing)?;
            Ok(Scope::PlatformTenant(id))
        }
        _ => Err(Problem::invalid(
            "phone_number_id",
            "or tenant_id must say what is meant, and not both",
        )),
    }
}

/// Pauses a number or a tenant for the platform; the tenant cannot lift it.
#[utoipa::path(post, path = "/api/v1/admin/queue/pause", tag = "admin", request_body = PlatformPart, responses(
    (status = 200, description = "It is paused", body = Changed),
    (status = 404, description = "No such number or tenant", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A value is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn pause(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
    body: std::result::Result<Json<PlatformPart>, JsonRejection>,
) -> Result<Json<Changed>> {
    let Json(part) = body?;
    let why = reason(part.reason.as_deref())?;
    let scope = scope(&app, &part).await?;
    let changed = queue::pause(&app.engine, &scope, &platform.caller.who(), why).await?;
    Ok(Json(Changed { changed }))
}

/// Lifts a pause of the platform's.
#[utoipa::path(post, path = "/api/v1/admin/queue/resume", tag = "admin", request_body = PlatformPart, responses(
    (status = 200, description = "It goes on", body = Changed),
    (status = 404, description = "No such number or tenant", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A value is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn resume(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
    body: std::result::Result<Json<PlatformPart>, JsonRejection>,
) -> Result<Json<Changed>> {
    let Json(part) = body?;
    let scope = scope(&app, &part).await?;
    let changed = queue::resume(&app.engine, &scope, &platform.caller.who()).await?;
    Ok(Json(Changed { changed }))
}
