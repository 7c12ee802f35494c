//! Pages before the application: sign-in, invitation, reset. Rendered here, without scripts; each form
//! answers with the same page, so that what was typed stays and a mistake stands at its field.

pub(crate) mod invitation;
pub(crate) mod reset;
pub(crate) mod sign_in;

use std::convert::Infallible;

use askama::Template as _;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use engine::people::sign_in::{Guess, SignInError};
use engine::texts::Language;
use store::audit::Who;

use crate::App;
use crate::auth::{ip_of, kept, secret_of, user_agent_of};

/// A page with at most one form.
#[derive(askama::Template)]
#[template(path = "page.html")]
struct Page {
    language: &'static str,
    title: String,
    lead: Vec<String>,
    alert: Option<String>,
    action: String,
    fields: Vec<Field>,
    button: Option<String>,
    foot: Option<(&'static str, String)>,
}

struct Field {
    name: &'static str,
    kind: &'static str,
    label: String,
    autocomplete: &'static str,
    value: String,
    hint: Option<String>,
    wrong: Option<String>,
    required: bool,
    focus: bool,
}

impl Page {
    fn new(language: Language, title: String) -> Self {
        Self {
            language: language.code(),
            title,
            lead: Vec::new(),
            alert: None,
            action: String::new(),
            fields: Vec::new(),
            button: None,
            foot: None,
        }
    }

    fn answer(mut self, status: StatusCode) -> Response {
        if let Some(first) = self.fields.iter_mut().find(|field| field.value.is_empty()) {
            first.focus = true;
        }
        let Ok(html) = self.render() else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let mut response = (status, Html(html)).into_response();
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CACHE_CONTROL, "no-store"),
            // A link's token stands in the address: it must not leave this site. (With `no-referrer` a form
            // would say `Origin: null`, and over plain HTTP nothing else tells where it comes from.)
            (header::REFERRER_POLICY, "same-origin"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (
                header::CONTENT_SECURITY_POLICY,
                "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
            ),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

fn field(
    name: &'static str,
    kind: &'static str,
    label: String,
    autocomplete: &'static str,
) -> Field {
    Field {
        name,
        kind,
        label,
        autocomplete,
        value: String::new(),
        hint: None,
        wrong: None,
        required: true,
        focus: false,
    }
}

/// Somebody who looks at a page: their language, and where they come from.
pub(crate) struct Visitor {
    pub(crate) language: Language,
    pub(crate) ip: Option<String>,
    pub(crate) user_agent: Option<String>,
    /// The secret of the session that they have.
    pub(crate) cookie: Option<String>,
    /// False when another site's page sent the request.
    pub(crate) from_here: bool,
}

impl Visitor {
    fn guess<'a>(&'a self, email: &'a str, password: &'a str, code: &'a str) -> Guess<'a> {
        Guess {
            email,
            password,
            code: Some(code).filter(|code| !code.trim().is_empty()),
            ip: self.ip.as_deref(),
            user_agent: self.user_agent.as_deref(),
            cookie: self.cookie.as_deref(),
        }
    }

    fn who(&self) -> Who {
        Who {
            kind: "system",
            id: None,
            name: "somebody not signed in".to_owned(),
            ip: self.ip.clone(),
            user_agent: self.user_agent.clone(),
        }
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let text = |name| {
            parts
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        Ok(Self {
            language: Language::accepted(text(header::ACCEPT_LANGUAGE).unwrap_or_default()),
            ip: ip_of(parts, app),
            user_agent: user_agent_of(&parts.headers),
            cookie: secret_of(&parts.headers),
            from_here: from_here(&parts.headers),
        })
    }
}

/// Browsers say where a form was sent from; a form on another site must not sign anybody in.
fn from_here(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = text("host").unwrap_or_default();
            origin.split_once("://").is_some_and(|(_, of)| of == host)
        }
        (None, None) => true,
    }
}

/// Signed in: the cookie, and on to where they wanted to go.
fn signed_in(app: &App, secret: &str, next: &str) -> Response {
    let mut response = Redirect::to(inside(next)).into_response();
    response
        .headers_mut()
        .append(header::SET_COOKIE, kept(secret, app.web.is_secure()));
    response
}

/// A path of ours; anything that could lead elsewhere becomes the start page.
fn inside(next: &str) -> &str {
    let path = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(['\\', '\r', '\n', '\t'])
        && next.is_ascii();
    if path { next } else { "/" }
}

/// What a refused sign-in tells.
fn refusal(language: Language, error: &SignInError) -> (StatusCode, String) {
    match error {
        SignInError::Wrong => (StatusCode::UNAUTHORIZED, language.text("sign-in-failed")),
        SignInError::TooMany(wait) => {
            let minutes = wait.as_secs().div_ceil(60).to_string();
            let text = language.say("too-many-guesses", &[("minutes", &minutes)]);
            (StatusCode::TOO_MANY_REQUESTS, text)
        }
        SignInError::Store(error) => {
            tracing::error!(error = %error, "signing in failed");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                language.text("sign-in-failed"),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_on_never_leaves_this_site() {
        assert_eq!(inside("/inbox?x=1"), "/inbox?x=1");
        for elsewhere in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "",
            "inbox",
            "/a\r\nSet-Cookie: x",
            "/\t/evil.example",
        ] {
            assert_eq!(inside(elsewhere), "/", "{elsewhere:?}");
        }
    }
}
