//! `GET /api/v1/session`.

use axum::Json;
use axum::extract::State;
use store::event_log;
use store::people::users;

use super::SessionView;
use crate::App;
use crate::auth::SignedIn;
use crate::problem::{Problem, Result};

/// Shows who is signed in, where they belong, and what they may do.
#[utoipa::path(get, path = "/api/v1/session", tag = "people", responses(
    (status = 200, description = "The session", body = SessionView),
    (status = 401, description = "Nobody is signed in", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn show(State(app): State<App>, signed_in: SignedIn) -> Result<Json<SessionView>> {
    let known = &signed_in.known;
    let user = users::get(&app.engine.db, known.session.user_id)
        .await?
        .ok_or_else(|| Problem::unauthorized("this session has ended; sign in again"))?;
    let last_event = event_log::last(&app.engine.db).await?;
    Ok(Json(SessionView::of(user, known, last_event)))
}
