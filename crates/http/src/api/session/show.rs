//! `GET /api/v1/session`.

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use store::event_log;
use store::people::users;

use super::SessionView;
use crate::App;
use crate::auth::SignedIn;
use crate::problem::{Problem, Result};

/// The newest event before anything else was read, so that what changes while the answer is put together comes after it.
pub(crate) struct Newest(i64);

impl FromRequestParts<App> for Newest {
    type Rejection = Problem;

    async fn from_request_parts(_parts: &mut Parts, app: &App) -> Result<Self> {
        Ok(Self(event_log::last(&app.engine.db).await?))
    }
}

/// Shows who is signed in, where they belong, and what they may do.
#[utoipa::path(get, path = "/api/v1/session", tag = "people", responses(
    (status = 200, description = "The session", body = SessionView),
    (status = 401, description = "Nobody is signed in", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn show(
    State(app): State<App>,
    Newest(last_event): Newest,
    signed_in: SignedIn,
) -> Result<Json<SessionView>> {
    let known = &signed_in.known;
    let user = users::get(&app.engine.db, known.session.user_id)
        .await?
        .ok_or_else(|| Problem::unauthorized("this session has ended; sign in again"))?;
    Ok(Json(SessionView::of(user, known, last_event)))
}
