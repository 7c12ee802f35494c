//! `GET /api/v1/connections/{id}/history`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use domain::{AccountEventId, ConnectionId};
use engine::health::history;
use serde::Serialize;
use store::account_events::{self, AccountEvent};
use store::connections;
use utoipa::ToSchema;

use super::alerts::language_of;
use crate::App;
use crate::auth::{Member, SettingsRead};
use crate::paging::{List, Wanted};
use crate::problem::{Problem, Result};

/// Something that Meta told about an account or a number of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountEventView {
    /// Its id.
    id: String,
    /// Meta's field, such as `account_update`.
    field: String,
    /// Meta's word for what happened, where there is one.
    event: Option<String>,
    /// The number that it is about.
    phone_number_id: Option<String>,
    /// What happened, in the reader's language; Meta's own words where nobody here knows them.
    title: String,
    /// What Meta said with it; may be empty.
    detail: String,
    /// When it happened.
    occurred_at: String,
    /// As Meta posted it.
    #[schema(value_type = Object)]
    raw: serde_json::Value,
}

/// Lists what Meta told about a connection's account and numbers, newest first.
#[utoipa::path(get, path = "/api/v1/connections/{id}/history", tag = "connections",
    params(("id" = String, Path, description = "The connection"), Wanted), responses(
    (status = 200, description = "A page", body = List<AccountEventView>),
    (status = 404, description = "The tenant has no such connection", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn history(
    State(app): State<App>,
    member: Member<SettingsRead>,
    Path(id): Path<String>,
    headers: HeaderMap,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<List<AccountEventView>>> {
    let Query(wanted) = wanted?;
    let page = wanted.page::<AccountEventId>()?;
    let id: ConnectionId = id.parse().map_err(|_| Problem::not_found("connection"))?;
    let db = &app.engine.db;
    let connection = connections::get(db, member.tenant, id)
        .await?
        .ok_or_else(|| Problem::not_found("connection"))?;
    let Some(waba_id) = &connection.waba_id else {
        return Ok(Json(List::whole(Vec::new())));
    };
    let language = language_of(&app, &member.caller, &headers).await?;
    let rows = account_events::of_account(db, member.tenant, waba_id, page).await?;
    let cursor = |row: &AccountEvent| AccountEventId(row.id).to_string();
    Ok(Json(List::of(rows, page.limit, cursor, |row| {
        let told = history::told(&row.field, row.event.as_deref(), &row.raw, language);
        AccountEventView {
            id: AccountEventId(row.id).to_string(),
            field: row.field,
            event: row.event,
            phone_number_id: row.phone_number_id,
            title: told.0,
            detail: told.1,
            occurred_at: row.occurred_at.rfc3339(),
            raw: serde_json::from_str(&row.raw).unwrap_or_default(),
        }
    })))
}
