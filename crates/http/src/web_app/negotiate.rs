//! What a request's headers say about the answer that it wants.

use axum::http::header::{ACCEPT, ACCEPT_ENCODING, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// Compressions that the client takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Accepted {
    pub(super) brotli: bool,
    pub(super) gzip: bool,
}

/// The compressions of `Accept-Encoding`. Without the header: none, for clients that cannot say that they can.
pub(super) fn accepted(headers: &HeaderMap) -> Accepted {
    let mut accepted = Accepted::default();
    for (word, wanted) in words(headers, &ACCEPT_ENCODING) {
        if word.eq_ignore_ascii_case("br") {
            accepted.brotli = wanted;
        } else if word.eq_ignore_ascii_case("gzip") {
            accepted.gzip = wanted;
        }
    }
    accepted
}

/// Whether HTML is asked for by name. `*/*` does not count: programs send that.
pub(super) fn wants_html(headers: &HeaderMap) -> bool {
    words(headers, &ACCEPT).any(|(word, wanted)| wanted && word.eq_ignore_ascii_case("text/html"))
}

/// Whether the client holds this version already.
pub(super) fn has(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let etag = etag.to_str().unwrap_or_default();
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|one| one.trim().trim_start_matches("W/"))
        .any(|one| one == "*" || one == etag)
}

/// The words of a list such as `br;q=0.9, gzip`, and whether each is wanted (`q` is not 0).
fn words<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = (&'a str, bool)> + use<'a> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|one| {
            let (word, parameters) = one.split_once(';').unwrap_or((one, ""));
            let refused = parameters
                .split(';')
                .filter_map(|parameter| parameter.trim().strip_prefix("q="))
                .any(|quality| quality.parse().is_ok_and(|quality: f32| quality <= 0.0));
            (word.trim(), !refused)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn a_compression_with_quality_zero_is_refused() {
        let headers = asking(ACCEPT_ENCODING, "gzip;q=0, deflate, br;q=0.5");
        let expected = Accepted {
            brotli: true,
            gzip: false,
        };
        assert_eq!(accepted(&headers), expected);
        assert_eq!(accepted(&HeaderMap::new()), Accepted::default());
    }

    #[test]
    fn only_who_names_html_wants_it() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert!(wants_html(&asking(ACCEPT, browser)));
        for program in ["*/*", "application/json", "text/html;q=0", ""] {
            assert!(!wants_html(&asking(ACCEPT, program)), "{program:?}");
        }
    }

    #[test]
    fn a_version_is_known_in_a_list_and_in_its_weak_form() {
        let etag = HeaderValue::from_static("\"abc\"");
        for known in ["\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "*"] {
            assert!(has(&asking(IF_NONE_MATCH, known), &etag), "{known}");
        }
        assert!(!has(&asking(IF_NONE_MATCH, "\"abcd\""), &etag));
    }
}
