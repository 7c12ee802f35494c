//! `GET` and `POST /invitation/{token}`.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use engine::people::invite::{self, AcceptError, Opened};
use engine::texts::Language;
use serde::Deserialize;

use super::{Page, Visitor, field, refusal, signed_in};
use crate::App;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    name: String,
    email: String,
    password: String,
    code: String,
}

fn place(language: Language, opened: &Opened) -> String {
    opened.place.clone().unwrap_or_else(|| {
        let product = language.text("product");
        language.say("invitation-platform", &[("product", &product)])
    })
}

fn page(language: Language, token: &str, opened: &Opened, typed: &Typed) -> Page {
    let title = language.say("invitation-title", &[("place", &place(language, opened))]);
    let mut page = Page::new(language, title);
    let invitation = &opened.invitation;
    page.lead.push(match &invitation.role {
        Some(role) => {
            let role = language.text(&format!("role-{role}"));
            language.say("invitation-lead", &[("role", &role)])
        }
        None => language.text("invitation-lead-platform"),
    });
    if opened.has_account {
        let email = invitation.email.as_deref().unwrap_or_default();
        page.lead
            .push(language.say("invitation-have-account", &[("email", email)]));
        page.fields.push(field(
            "password",
            "password",
            language.text("password"),
            "current-password",
        ));
        let mut code = field("code", "text", language.text("code"), "one-time-code");
        code.hint = Some(language.text("code-hint"));
        code.required = false;
        page.fields.push(code);
    } else {
        let mut name = field("name", "text", language.text("name"), "name");
        name.value.clone_from(&typed.name);
        page.fields.push(name);
        match &invitation.email {
            Some(email) => page.lead.push(email.clone()),
            None => {
                let mut email = field("email", "email", language.text("email"), "username");
                email.value.clone_from(&typed.email);
                page.fields.push(email);
            }
        }
        let mut password = field(
            "password",
            "password",
            language.text("password"),
            "new-password",
        );
        password.hint = Some(language.text("password-hint"));
        page.fields.push(password);
    }
    page.action = format!("/invitation/{token}");
    page.button = Some(language.text("continue"));
    page
}

fn gone(language: Language) -> Response {
    let mut page = Page::new(language, language.text("invitation-gone-title"));
    page.lead = vec![language.text("invitation-gone")];
    page.foot = Some(("/sign-in", language.text("sign-in")));
    page.answer(StatusCode::NOT_FOUND)
}

fn unavailable(language: Language, error: &store::DbError) -> Response {
    tracing::error!(error = %error, "an invitation could not be read");
    Page::new(language, language.text("invitation-gone-title"))
        .answer(StatusCode::SERVICE_UNAVAILABLE)
}

pub(crate) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Response {
    match invite::opened(&app.engine, &token).await {
        Ok(Some(opened)) => {
            page(visitor.language, &token, &opened, &Typed::default()).answer(StatusCode::OK)
        }
        Ok(None) => gone(visitor.language),
        Err(error) => unavailable(visitor.language, &error),
    }
}

pub(crate) async fn submit(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
    Form(typed): Form<Typed>,
) -> Response {
    let language = visitor.language;
    let opened = match invite::opened(&app.engine, &token).await {
        Ok(Some(opened)) => opened,
        Ok(None) => return gone(language),
        Err(error) => return unavailable(language, &error),
    };
    let mut page = page(language, &token, &opened, &typed);
    if !visitor.from_here {
        page.alert = Some(language.text("not-from-here"));
        return page.answer(StatusCode::FORBIDDEN);
    }
    let guess = visitor.guess(&typed.email, &typed.password, &typed.code);
    match invite::accept(&app.engine, &token, &typed.name, language, guess).await {
        Ok(secret) => signed_in(&app, &secret, "/"),
        Err(AcceptError::Gone) => gone(language),
        Err(AcceptError::Field(name, why)) => {
            match page.fields.iter_mut().find(|field| field.name == name) {
                Some(field) => field.wrong = Some(language.text(why)),
                // The invitation names the address, so there is no field to say it at: somebody made the account
                // since the page was opened.
                None if why == "email-taken" => {
                    page.alert = Some(language.text("invitation-account-now"));
                }
                None => page.alert = Some(language.text(why)),
            }
            page.answer(StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(AcceptError::SignIn(error)) => {
            let (status, alert) = refusal(language, &error);
            page.alert = Some(alert);
            page.answer(status)
        }
    }
}
