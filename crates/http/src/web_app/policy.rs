//! What pages of ours may do in a browser: scripts from here alone, nothing framed, nothing sniffed.

use axum::http::{HeaderValue, header};
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
        headers.insert("cross-origin-opener-policy", fixed("same-origin"));
        headers
            .entry(header::CONTENT_SECURITY_POLICY)
            .or_insert_with(|| of_page(""));
    }
    response
}

/// The policy of a page: its own inline scripts are allowed by their hashes, no others.
pub(crate) fn of_page(html: &str) -> HeaderValue {
    let mut scripts = String::from("'self'");
    for script in inline_scripts(html) {
        scripts.push_str(" 'sha256-");
        STANDARD.encode_string(Sha256::digest(script), &mut scripts);
        scripts.push('\'');
    }
    let policy = format!(
        "default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
         media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; \
         form-action 'self'"
    );
    // Words and base64: always a header's value.
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
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
}
