//! The web application: files that were built by `cargo xtask web` and are embedded in the program.
//!
//! It lives in the browser alone, so every address that a person may open is answered with the same page, and
//! the page decides. Machines are told apart from people by what they accept: whoever does not ask for HTML gets
//! the usual problem document. A program that was built without the application says how to build it.

mod assets;
mod negotiate;
pub(crate) mod policy;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use assets::{Asset, Assets};

use crate::App;
use crate::problem::Problem;

const INDEX: &str = "index.html";
const NOT_BUILT: &str = include_str!("not_built.html");
/// First pieces of addresses that belong to programs: what is not there is a 404, never a page.
const OF_PROGRAMS: [&str; 9] = [
    "api",
    "webhooks",
    "graph",
    "healthz",
    "readyz",
    "metrics",
    "openapi.json",
    "docs",
    "_app",
];
/// The name of such a file changes with its content.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// Where people connect a number: the one page that runs a script of somebody else.
const CONNECT: &str = "/settings/whatsapp/connect";
/// The same for people who come by a link, whose token follows.
const SETUP: &str = "/setup/";

/// What no route answers: a file of the application, its page, or a problem.
pub(crate) async fn serve(
    State(app): State<App>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let path = uri.path();
    let mut response = answer(Assets::embedded(), &method, path, &headers);
    if connects(path)
        && response
            .headers()
            .contains_key(header::CONTENT_SECURITY_POLICY)
    {
        let platform = app.engine.platform.now();
        let own_scripts = Assets::embedded().own_scripts();
        connecting(
            &mut response,
            own_scripts,
            &platform.sdk_url,
            &platform.login_url,
        );
    }
    response
}

fn connects(path: &str) -> bool {
    path == CONNECT
        || path
            .strip_prefix(SETUP)
            .is_some_and(|token| !token.is_empty())
}

/// Lets a page run Meta's SDK, and hear from the window that this opens.
fn connecting(response: &mut Response, own_scripts: &str, sdk_url: &str, login_url: &str) {
    let policy = policy::of_connecting(own_scripts, sdk_url, login_url);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    // Under `same-origin` the window would not know who opened it.
    let with_windows = HeaderValue::from_static("same-origin-allow-popups");
    headers.insert("cross-origin-opener-policy", with_windows);
}

fn answer(assets: &Assets, method: &Method, path: &str, headers: &HeaderMap) -> Response {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return no_such_path();
    }
    let name = path.trim_start_matches('/');
    if name != INDEX
        && let Some(asset) = assets.get(name)
    {
        return file(name, asset, headers);
    }
    let first = name.split('/').next().unwrap_or_default();
    let for_people = path == "/" || negotiate::wants_html(headers);
    if OF_PROGRAMS.contains(&first) || !for_people {
        return no_such_path();
    }
    match assets.get(INDEX) {
        Some(page) => {
            let mut response = file(INDEX, page, headers);
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_SECURITY_POLICY, assets.policy());
            headers.insert(
                header::VARY,
                HeaderValue::from_static("Accept, Accept-Encoding"),
            );
            response
        }
        None => (
            [
                (
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("text/html; charset=utf-8"),
                ),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ],
            NOT_BUILT,
        )
            .into_response(),
    }
}

fn file(name: &str, asset: &Asset, asked: &HeaderMap) -> Response {
    let form = asset.form(negotiate::accepted(asked));
    let mut response = if negotiate::has(asked, &form.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        // A HEAD's body is left out by axum, its length is not.
        let mut response = Body::from(form.bytes.clone()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, asset.content_type.clone());
        if let Some(encoding) = form.encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, form.etag.clone());
    let caching = if name.starts_with("_app/immutable/") {
        FOR_EVER
    } else {
        ASK_AGAIN
    };
    headers.insert(header::CACHE_CONTROL, caching);
    if asset.is_negotiated() {
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    response
}

fn no_such_path() -> Response {
    let mut response = Problem::not_found("path; /docs lists what there is").into_response();
    // A file that is missing now may be there after the next start.
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests;
