//! `GET` and `POST /reset` and `/reset/{token}`.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use engine::people::reset::{self, ResetError};
use engine::texts::Language;
use serde::Deserialize;

use super::{Page, Visitor, field};
use crate::App;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    email: String,
    password: String,
}

fn ask(app: &App, language: Language) -> Page {
    let mut page = Page::new(language, language.text("reset-title"));
    page.foot = Some(("/sign-in", language.text("back-to-sign-in")));
    if !app.engine.mailer.is_on() {
        page.lead = vec![language.text("reset-no-mail")];
        return page;
    }
    page.lead = vec![language.text("reset-lead")];
    page.fields = vec![field("email", "email", language.text("email"), "username")];
    "/reset".clone_into(&mut page.action);
    page.button = Some(language.text("reset-send"));
    page
}

pub(crate) async fn show(State(app): State<App>, visitor: Visitor) -> Response {
    ask(&app, visitor.language).answer(StatusCode::OK)
}

pub(crate) async fn submit(
    State(app): State<App>,
    visitor: Visitor,
    Form(typed): Form<Typed>,
) -> Response {
    let language = visitor.language;
    let mut form = ask(&app, language);
    if !visitor.from_here {
        form.alert = Some(language.text("not-from-here"));
        return form.answer(StatusCode::FORBIDDEN);
    }
    let Some(email) = engine::people::address(&typed.email) else {
        if let Some(field) = form.fields.first_mut() {
            field.wrong = Some(language.text("email-wrong"));
        }
        return form.answer(StatusCode::UNPROCESSABLE_ENTITY);
    };
    if form.button.is_none() {
        return form.answer(StatusCode::CONFLICT);
    }
    reset::ask(&app.engine, &email, &app.web.public_url, visitor.who());
    let mut page = Page::new(language, language.text("reset-sent-title"));
    page.lead = vec![language.say("reset-sent", &[("email", &email)])];
    page.foot = Some(("/sign-in", language.text("back-to-sign-in")));
    page.answer(StatusCode::OK)
}

fn choose(language: Language, token: &str) -> Page {
    let mut page = Page::new(language, language.text("reset-new-title"));
    let mut password = field(
        "password",
        "password",
        language.text("new-password"),
        "new-password",
    );
    password.hint = Some(language.text("password-hint"));
    page.fields = vec![password];
    page.action = format!("/reset/{token}");
    page.button = Some(language.text("reset-done"));
    page
}

fn gone(language: Language) -> Response {
    let mut page = Page::new(language, language.text("reset-gone-title"));
    page.lead = vec![language.text("reset-gone")];
    page.foot = Some(("/reset", language.text("reset-title")));
    page.answer(StatusCode::NOT_FOUND)
}

fn unavailable(language: Language, error: &store::DbError) -> Response {
    tracing::error!(error = %error, "a reset link could not be read");
    Page::new(language, language.text("reset-gone-title")).answer(StatusCode::SERVICE_UNAVAILABLE)
}

pub(crate) async fn show_link(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Response {
    match reset::opened(&app.engine, &token).await {
        Ok(Some(_)) => choose(visitor.language, &token).answer(StatusCode::OK),
        Ok(None) => gone(visitor.language),
        Err(error) => unavailable(visitor.language, &error),
    }
}

pub(crate) async fn submit_link(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
    Form(typed): Form<Typed>,
) -> Response {
    let language = visitor.language;
    let mut page = choose(language, &token);
    if !visitor.from_here {
        page.alert = Some(language.text("not-from-here"));
        return page.answer(StatusCode::FORBIDDEN);
    }
    match reset::set(&app.engine, &token, &typed.password, visitor.who()).await {
        // Signing in asks for the authenticator's code, which the link does not replace.
        Ok(_) => Redirect::to("/sign-in").into_response(),
        Err(ResetError::Gone) => gone(language),
        Err(ResetError::Weak(weak)) => {
            if let Some(field) = page.fields.first_mut() {
                field.wrong = Some(language.text(weak.key()));
            }
            page.answer(StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(ResetError::Store(error)) => unavailable(language, &error),
    }
}
