//! `POST /api/v1/session`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::AppendHeaders;
use engine::people::sign_in::{Guess, SignInError, sign_in};
use serde::Deserialize;
use store::event_log;
use store::people::{members, sessions, users};
use utoipa::ToSchema;

use super::SessionView;
use crate::App;
use crate::auth::{Known, kept};
use crate::pages::Visitor;
use crate::problem::{Problem, Result};

/// What signs somebody in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// The address.
    email: String,
    /// The password.
    password: String,
    /// Six digits of the authenticator app, where there is one.
    code: Option<String>,
}

/// The answer's cookie.
pub(crate) type WithCookie = AppendHeaders<[(HeaderName, axum::http::HeaderValue); 1]>;

/// Signs in: the answer sets the cookie `trunkline_session`. Wrong address, password and code look the same.
#[utoipa::path(post, path = "/api/v1/session", tag = "people", request_body = Credentials, security(()), responses(
    (status = 201, description = "Signed in", body = SessionView),
    (status = 401, description = "Address, password or code is not right (`sign_in_failed`)", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "Too many wrong guesses (`too_many_guesses`)", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn create(
    State(app): State<App>,
    visitor: Visitor,
    body: std::result::Result<Json<Credentials>, JsonRejection>,
) -> Result<(StatusCode, WithCookie, Json<SessionView>)> {
    let Json(wanted) = body?;
    let guess = Guess {
        email: &wanted.email,
        password: &wanted.password,
        code: wanted.code.as_deref(),
        ip: visitor.ip.as_deref(),
        user_agent: visitor.user_agent.as_deref(),
        cookie: visitor.cookie.as_deref(),
    };
    let (_, secret) = sign_in(&app.engine, guess).await?;
    begun(&app, &secret).await
}

/// The answer to somebody whose session has just begun.
pub(crate) async fn begun(
    app: &App,
    secret: &str,
) -> Result<(StatusCode, WithCookie, Json<SessionView>)> {
    // First, so that what changes while the rest is read comes after it.
    let last_event = event_log::last(&app.engine.db).await?;
    let now = app.engine.clock.now();
    let hash = engine::people::sessions::hashed(secret);
    let ended = || Problem::unauthorized("the session ended at once; sign in again");
    let session = sessions::by_hash(&app.engine.db, hash, now)
        .await?
        .ok_or_else(ended)?;
    let user = users::get(&app.engine.db, session.user_id)
        .await?
        .ok_or_else(ended)?;
    let known = Known {
        memberships: members::any_tenant_of_user(&app.engine.db, user.id).await?,
        session,
        secret: secret.to_owned(),
    };
    let cookie = AppendHeaders([(header::SET_COOKIE, kept(secret, app.web.is_secure()))]);
    Ok((
        StatusCode::CREATED,
        cookie,
        Json(SessionView::of(user, &known, last_event)),
    ))
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        let sentence = error.to_string();
        match error {
            SignInError::Wrong => Self::new(
                StatusCode::UNAUTHORIZED,
                "sign_in_failed",
                "Not signed in",
                sentence,
            ),
            SignInError::TooMany(wait) => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_guesses",
                "Too many wrong guesses",
                sentence,
            )
            .retry_after(wait),
            SignInError::Store(error) => error.into(),
        }
    }
}
