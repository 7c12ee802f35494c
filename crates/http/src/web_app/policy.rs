//! What pages of ours may do in a browser: scripts from here alone, nothing framed, nothing sniffed.

use axum::http::{HeaderValue, Uri, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// Headers that every answer carries, and the policy where a page brings none of its own.
pub(crate) async fn protect(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let fixed = HeaderValue::from_static;
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff"));
    headers
        .entry(header::REFERRER_POLICY)
        .or_insert(fixed("same-origin"));
    let html = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    if html {
        headers
            .entry("cross-origin-opener-policy")
            .or_insert(fixed("same-origin"));
        headers
            .entry(header::CONTENT_SECURITY_POLICY)
            .or_insert_with(|| of_page(""));
    }
    response
}

/// The policy of a page: its own inline scripts are allowed by their hashes, no others.
pub(crate) fn of_page(html: &str) -> HeaderValue {
    of_scripts(&own_scripts(html))
}

/// The policy of a page of ours with these sources of scripts.
pub(super) fn of_scripts(own_scripts: &str) -> HeaderValue {
    written(own_scripts, "", "")
}

/// The sources of scripts of a page that is ours alone: this server, and its own inline scripts by their hashes.
pub(super) fn own_scripts(html: &str) -> String {
    let mut scripts = String::from("'self'");
    for script in inline_scripts(html) {
        scripts.push_str(" 'sha256-");
        STANDARD.encode_string(Sha256::digest(script), &mut scripts);
        scripts.push('\'');
    }
    scripts
}

/// The policy of a page on which people connect: the script of `sdk_url` runs there, and speaks with and frames
/// `login_url`. An address that is none adds nothing.
pub(super) fn of_connecting(own_scripts: &str, sdk_url: &str, login_url: &str) -> HeaderValue {
    let with_space = |url| origin(url).map(|origin| format!(" {origin}"));
    let sdk = with_space(sdk_url).unwrap_or_default();
    let login = with_space(login_url).unwrap_or_default();
    written(own_scripts, &sdk, &login)
}

/// `sdk` may bring scripts, `login` may be framed, both may be asked. Each is empty, or an origin after a space.
fn written(own_scripts: &str, sdk: &str, login: &str) -> HeaderValue {
    let frames = if login.is_empty() {
        String::new()
    } else {
        format!("frame-src 'self'{login}; ")
    };
    let policy = format!(
        "default-src 'self'; script-src {own_scripts}{sdk}; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data: blob:{login}; media-src 'self' blob:; connect-src 'self'{sdk}{login}; {frames}\
         object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    );
    // Words, base64 and origins: always a header's value.
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// Scheme, host and port of an http address, as a policy names them.
fn origin(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let scheme = uri
        .scheme_str()
        .filter(|s| matches!(*s, "https" | "http"))?;
    let authority = uri.authority()?;
    let port = authority
        .port()
        .map_or_else(String::new, |port| format!(":{port}"));
    // Who signs in with an address has no place in a policy, and `*` or `;` would be one of their own.
    let host = authority.host();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-.[]:".contains(c);
    host.chars()
        .all(plain)
        .then(|| format!("{scheme}://{host}{port}"))
}

/// What stands between `<script>` and `</script>`, to the byte: that is what browsers hash.
fn inline_scripts(html: &str) -> impl Iterator<Item = &str> {
    html.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (script, _) = rest.split_once("</script>")?;
        let inline = !attributes.contains("src=") && !script.is_empty();
        inline.then_some(script)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_are_allowed_by_their_hash_and_others_are_not() {
        // The hash is that of CSP3's own example.
        let html = "<script src=\"/theme.js\"></script><script>alert('Hello, world.');</script>";
        let policy = of_page(html);
        let policy = policy.to_str().unwrap();
        assert!(
            policy.contains(
                "script-src 'self' 'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='; "
            ),
            "{policy}"
        );
        assert_eq!(inline_scripts("<script>a").count(), 0, "never closed");
        assert!(
            of_page("")
                .to_str()
                .unwrap()
                .contains("script-src 'self'; ")
        );
    }
    #[test]
    fn a_page_to_connect_allows_the_origins_of_the_two_addresses_and_nothing_else() {
        let policy = of_connecting(
            "'self'",
            "https://connect.facebook.net/en_US/sdk.js",
            "http://user:word@127.0.0.1:9001/login",
        );
        let policy = policy.to_str().unwrap();
        for part in [
            "script-src 'self' https://connect.facebook.net; ",
            "connect-src 'self' https://connect.facebook.net http://127.0.0.1:9001; ",
            "frame-src 'self' http://127.0.0.1:9001; ",
            "frame-ancestors 'none'; ",
        ] {
            assert!(policy.contains(part), "{part:?} is not in {policy}");
        }
        assert!(!policy.contains("word"), "{policy}");
        for nothing in [
            "",
            "*",
            "data:text/javascript,1",
            "https://*.net/",
            "//x.net/",
            "https://x.net;y/",
        ] {
            let policy = of_connecting("'self'", nothing, nothing);
            assert_eq!(policy, of_page(""), "{nothing:?}");
        }
    }
}
