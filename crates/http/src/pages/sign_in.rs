//! `GET` and `POST /sign-in`, `POST /sign-out`.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use engine::people::sign_in;
use serde::Deserialize;
use store::people::sessions as rows;

use super::{Page, Visitor, field, refusal, signed_in};
use crate::App;
use crate::auth::{ended, secret_of};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Next {
    next: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    email: String,
    password: String,
    code: String,
}

fn page(visitor: &Visitor, next: &str, email: &str) -> Page {
    let language = visitor.language;
    let mut page = Page::new(language, language.text("sign-in"));
    let mut address = field("email", "email", language.text("email"), "username");
    email.clone_into(&mut address.value);
    let password = field(
        "password",
        "password",
        language.text("password"),
        "current-password",
    );
    let mut code = field("code", "text", language.text("code"), "one-time-code");
    code.hint = Some(language.text("code-hint"));
    code.required = false;
    page.fields = vec![address, password, code];
    page.action = action(next);
    page.button = Some(language.text("sign-in"));
    page.foot = Some(("/reset", language.text("forgotten")));
    page
}

fn action(next: &str) -> String {
    if next.is_empty() {
        return "/sign-in".to_owned();
    }
    let pair = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
    format!("/sign-in?{pair}")
}

pub(crate) async fn show(visitor: Visitor, Query(Next { next }): Query<Next>) -> Response {
    page(&visitor, &next, "").answer(StatusCode::OK)
}

pub(crate) async fn submit(
    State(app): State<App>,
    visitor: Visitor,
    Query(Next { next }): Query<Next>,
    Form(typed): Form<Typed>,
) -> Response {
    let refused = |status, alert| {
        let mut page = page(&visitor, &next, &typed.email);
        page.alert = Some(alert);
        page.answer(status)
    };
    if !visitor.from_here {
        return refused(
            StatusCode::FORBIDDEN,
            visitor.language.text("not-from-here"),
        );
    }
    let guess = visitor.guess(&typed.email, &typed.password, &typed.code);
    match sign_in::sign_in(&app.engine, guess).await {
        Ok((_, secret)) => signed_in(&app, &secret, &next),
        Err(error) => {
            let (status, alert) = refusal(visitor.language, &error);
            refused(status, alert)
        }
    }
}

/// Ends the session of the cookie. Without one, or with one that ended, it just forgets the cookie.
pub(crate) async fn out(State(app): State<App>, visitor: Visitor, headers: HeaderMap) -> Response {
    if !visitor.from_here {
        return StatusCode::FORBIDDEN.into_response();
    }
    let engine = &app.engine;
    if let Some(secret) = secret_of(&headers)
        && let Ok(Some(session)) = engine::people::sessions::recognise(engine, &secret).await
    {
        let outcome: store::Result<()> = async {
            let mut tx = engine.db.begin().await?;
            rows::end(&mut tx, session.user_id, session.id).await?;
            tx.commit().await
        }
        .await;
        if let Err(error) = outcome {
            tracing::error!(error = %error, "a session could not be ended");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    }
    let mut response = Redirect::to("/sign-in").into_response();
    response
        .headers_mut()
        .append(header::SET_COOKIE, ended(app.web.is_secure()));
    response
}
