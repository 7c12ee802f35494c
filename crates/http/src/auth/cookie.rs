//! The session's cookie, and what proves that a page of ours made the request.

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::{Cookie, SameSite};
use sha2::{Digest as _, Sha256};

const NAME: &str = "trunkline_session";
/// The session itself ends earlier when it is not used; the cookie only outlives the browser.
const KEPT_DAYS: i64 = 30;

/// The secret in the cookie of a request.
pub(crate) fn secret_of(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == NAME)
        .map(|cookie| cookie.value().to_owned())
}

/// The header that keeps a session.
pub(crate) fn kept(secret: &str, secure: bool) -> HeaderValue {
    let cookie = base(secret.to_owned(), secure).max_age(cookie::time::Duration::days(KEPT_DAYS));
    value(cookie.build())
}

/// The header that forgets it.
pub(crate) fn ended(secure: bool) -> HeaderValue {
    value(
        base(String::new(), secure)
            .max_age(cookie::time::Duration::ZERO)
            .build(),
    )
}

fn base(value: String, secure: bool) -> cookie::CookieBuilder<'static> {
    Cookie::build((NAME, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure)
}

fn value(cookie: Cookie<'_>) -> HeaderValue {
    // Name, hex and attributes: always a header's value.
    HeaderValue::from_str(&cookie.to_string()).unwrap_or(HeaderValue::from_static(""))
}

/// What a page sends as `Trunkline-CSRF`: only scripts of our own origin can read it (from
/// `GET /api/v1/session`), and it does not tell the cookie's secret.
pub(crate) fn csrf(secret: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"trunkline csrf ");
    hash.update(secret);
    hex::encode(hash.finalize())
}
