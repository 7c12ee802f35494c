//! `GET /api/v1/me/sessions`, `DELETE /api/v1/me/sessions/{id}`.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::SessionId;
use engine::people::account;
use serde::Serialize;
use store::people::sessions;
use utoipa::ToSchema;

use crate::App;
use crate::auth::SignedIn;
use crate::paging::List;
use crate::problem::{Problem, Result};

/// A browser that is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnSession {
    /// Its id.
    id: String,
    /// Whether it is the one that asks.
    current: bool,
    /// What the browser calls itself.
    user_agent: Option<String>,
    /// Where it signed in from.
    ip: Option<String>,
    /// When.
    created_at: String,
    /// When it was last used, to the minute.
    last_seen_at: String,
    /// When it ends if it is not used.
    expires_at: String,
}

/// Lists one's own sessions, the last used first.
#[utoipa::path(get, path = "/api/v1/me/sessions", tag = "people", responses(
    (status = 200, description = "The sessions", body = List<OwnSession>),
))]
pub(crate) async fn list(
    State(app): State<App>,
    signed_in: SignedIn,
) -> Result<Json<List<OwnSession>>> {
    let own = &signed_in.known.session;
    let now = app.engine.clock.now();
    let rows = sessions::of_user(&app.engine.db, own.user_id, now).await?;
    let view = |row: sessions::Session| OwnSession {
        id: row.id.to_string(),
        current: row.id == own.id,
        user_agent: row.user_agent,
        ip: row.ip,
        created_at: row.created_at.rfc3339(),
        last_seen_at: row.last_seen_at.rfc3339(),
        expires_at: row.expires_at.rfc3339(),
    };
    Ok(Json(List::whole(rows.into_iter().map(view).collect())))
}

/// Ends one of one's own sessions. What it has open (streams too) ends within 5 s.
#[utoipa::path(delete, path = "/api/v1/me/sessions/{id}", tag = "people", params(("id" = String, Path, description = "ses_…")), responses(
    (status = 204, description = "It opens nothing any more"),
    (status = 404, description = "No such session", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn end(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let no_such = || Problem::not_found("session");
    let id: SessionId = id.parse().map_err(|_| no_such())?;
    let user = signed_in.known.session.user_id;
    if !account::end_session(&app.engine, user, id, &signed_in.caller.who()).await? {
        return Err(no_such());
    }
    Ok(StatusCode::NO_CONTENT)
}
