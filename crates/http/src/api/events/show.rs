//! `GET /api/v1/events/{id}`.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Path, State};
use domain::{EventId, MessageId, Sight, TenantId};
use store::{events, messages};

use super::view::WholeEventView;
use crate::App;
use crate::auth::{Member, SettingsRead};
use crate::problem::{Problem, Result};

/// Shows an event with what it carries and what each rule made of it.
#[utoipa::path(get, path = "/api/v1/events/{id}", tag = "events", params(("id" = String, Path, description = "ev_…")), responses(
    (status = 200, description = "The event", body = WholeEventView),
    (status = 404, description = "No such event", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn show(
    State(app): State<App>,
    member: Member<SettingsRead>,
    Path(id): Path<String>,
) -> Result<Json<WholeEventView>> {
    let id: EventId = id.parse().map_err(|_| Problem::not_found("event"))?;
    Ok(Json(whole(&app, member.tenant, member.sight, id).await?))
}

/// An event with all that is known of it.
pub(super) async fn whole(
    app: &App,
    tenant: TenantId,
    sight: Sight,
    id: EventId,
) -> Result<WholeEventView> {
    let db = &app.engine.db;
    let row = events::get(db, tenant, id)
        .await?
        .ok_or_else(|| Problem::not_found("event"))?;
    let failed = events::failed(db, tenant, &[id]).await?;
    let failed = failed.get(&id).copied().unwrap_or(0);
    let results = events::results::of_event(db, tenant, id).await?;
    let ids: Vec<MessageId> = results
        .iter()
        .filter_map(events::results::Outcome::message)
        .collect();
    let states: HashMap<MessageId, String> = if ids.is_empty() {
        HashMap::new()
    } else {
        let messages = messages::by_ids(db, tenant, sight, &ids).await?;
        messages
            .into_iter()
            .map(|message| (message.id, message.shown_status().to_owned()))
            .collect()
    };
    let results = results.into_iter().map(|result| {
        let status = result.message().and_then(|id| states.get(&id).cloned());
        (result, status)
    });
    Ok(WholeEventView::new(row, failed, results.collect()))
}
