//! `GET /api/v1/events`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::Deserialize;
use store::events::{self, Filter};
use utoipa::IntoParams;

use super::view::EventView;
use crate::App;
use crate::auth::{Member, SettingsRead};
use crate::paging::{List, Wanted};
use crate::problem::{Problem, Result};

const STATES: [&str; 8] = [
    "waiting",
    "ignored",
    "skipped",
    "sent",
    "scheduled",
    "cancelled",
    "held",
    "failed",
];

/// Which events are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Narrow {
    /// Of this type.
    r#type: Option<String>,
    /// In this state.
    state: Option<String>,
    /// With this text in their id or in what they carry.
    q: Option<String>,
    /// Only those with a message that did not arrive (`failed`, `expired`) or may not have (`uncertain`).
    message_failed: Option<bool>,
}

/// Lists what other systems reported, newest first.
#[utoipa::path(get, path = "/api/v1/events", tag = "events", params(Wanted, Narrow), responses((status = 200, description = "A page", body = List<EventView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    member: Member<SettingsRead>,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
    narrow: std::result::Result<Query<Narrow>, QueryRejection>,
) -> Result<Json<List<EventView>>> {
    let (Query(wanted), Query(narrow)) = (wanted?, narrow?);
    let page = wanted.page()?;
    let given = |text: Option<String>| {
        text.map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    };
    let filter = Filter {
        kind: given(narrow.r#type),
        state: given(narrow.state),
        text: given(narrow.q),
        message_failed: narrow.message_failed.unwrap_or(false),
    };
    if filter
        .state
        .as_deref()
        .is_some_and(|state| !STATES.contains(&state))
    {
        return Err(Problem::invalid(
            "state",
            format!("must be one of {}", STATES.join(", ")),
        ));
    }
    let rows = events::list(&app.engine.db, member.tenant, &filter, page).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let failed = events::failed(&app.engine.db, member.tenant, &ids).await?;
    Ok(Json(List::of(
        rows,
        page.limit,
        |row| row.id.to_string(),
        |row| {
            let failed = failed.get(&row.id).copied().unwrap_or(0);
            EventView::new(row, failed)
        },
    )))
}
