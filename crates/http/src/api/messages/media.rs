//! `GET /api/v1/messages/{id}/media`.

use std::ops::Range;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use engine::media::{self, Found, NotOpened, Opened, Stored};
use futures::TryStreamExt as _;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::App;
use crate::auth::{InboxRead, OwnMessage};
use crate::problem::{Problem, Result};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct How {
    /// `1`: to be saved, not shown.
    download: Option<u8>,
}

/// Gives the bytes of a message's media: those that are kept here, by ranges where wanted; otherwise as WhatsApp gives
/// them. Images, videos, audio and stickers may be shown in a page; everything else is to be saved.
#[utoipa::path(get, path = "/api/v1/messages/{id}/media", tag = "messages",
    params(("id" = String, Path, description = "msg_…"), How,
        ("Range" = Option<String>, Header, description = "`bytes=0-1023`; taken of files that are kept here")), responses(
    (status = 200, description = "The bytes", body = String, content_type = "application/octet-stream"),
    (status = 206, description = "The range that was asked for", body = String, content_type = "application/octet-stream"),
    (status = 304, description = "Not modified"),
    (status = 404, description = "No such message (`not_found`), or it carries no media (`no_media`)", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It was sent by a link, which the problem names", body = Problem, content_type = "application/problem+json"),
    (status = 410, description = "WhatsApp does not have it any more (`media_gone`), or it is past the tenant's time of keeping (`media_deleted`)", body = Problem, content_type = "application/problem+json"),
    (status = 416, description = "The file has no such range (`bad_range`)", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "WhatsApp refused or did not answer", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn media(
    State(app): State<App>,
    own: OwnMessage<InboxRead>,
    how: std::result::Result<Query<How>, QueryRejection>,
    method: Method,
    asked: HeaderMap,
) -> Result<Response> {
    let Query(how) = how?;
    let saved = how.download.is_some_and(|wanted| wanted != 0);
    let (tenant, id) = (own.member.tenant, own.row.id.to_string());
    match media::find(&app.engine, tenant, &own.row).await? {
        Found::Stored(stored) => {
            let mut headers = headers(
                &stored.mime_type,
                stored.name.as_deref(),
                stored.kind,
                &id,
                saved,
            );
            put(&mut headers, header::ETAG, &etag(&stored));
            let reading = Reading {
                app: &app,
                tenant,
                stored: &stored,
            };
            reading.answer(&method, &asked, headers).await
        }
        Found::Meta(opened) => Ok(from_meta(opened, &id, saved)),
    }
}

/// The content's own name: what never changes, never has another.
pub(super) fn etag(stored: &Stored) -> String {
    format!("\"{}\"", hex::encode(stored.sha256))
}

/// Whether a client says that it has this one already.
pub(super) fn is_known(asked: &HeaderMap, etag: &str) -> bool {
    let known = asked.get(header::IF_NONE_MATCH);
    let known = known
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    known
        .split(',')
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag == etag || tag == "*")
}

struct Reading<'a> {
    app: &'a App,
    tenant: domain::TenantId,
    stored: &'a Stored,
}

impl Reading<'_> {
    async fn answer(
        &self,
        method: &Method,
        asked: &HeaderMap,
        mut headers: HeaderMap,
    ) -> Result<Response> {
        let whole = self.stored.bytes;
        let etag = etag(self.stored);
        put(&mut headers, header::ACCEPT_RANGES, "bytes");
        if is_known(asked, &etag) {
            return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
        }
        let (status, range) = match range(asked, &etag, whole) {
            Wanted::Whole => (StatusCode::OK, 0..whole),
            Wanted::Part(range) => {
                let part = format!("bytes {}-{}/{whole}", range.start, range.end - 1);
                put(&mut headers, header::CONTENT_RANGE, &part);
                (StatusCode::PARTIAL_CONTENT, range)
            }
            Wanted::Nothing => {
                let problem = Problem::new(
                    StatusCode::RANGE_NOT_SATISFIABLE,
                    "bad_range",
                    "No such range",
                    format!("the file has {whole} bytes"),
                );
                let mut answer = problem.into_response();
                put(
                    answer.headers_mut(),
                    header::CONTENT_RANGE,
                    &format!("bytes */{whole}"),
                );
                return Ok(answer);
            }
        };
        put(
            &mut headers,
            header::CONTENT_LENGTH,
            &(range.end - range.start).to_string(),
        );
        if *method == Method::HEAD {
            return Ok((status, headers).into_response());
        }
        let pieces = media::read(&self.app.engine, self.tenant, self.stored, range).await?;
        let pieces = pieces.inspect_err(|error| {
            // The headers have gone; a broken connection is all that can be told.
            tracing::warn!(error = %error, "a stored file broke off");
        });
        Ok((status, headers, Body::from_stream(pieces)).into_response())
    }
}

/// What a `Range` asks for.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Whole,
    Part(Range<u64>),
    Nothing,
}

/// One range is served; several, or one that is no range of bytes, are answered with the whole (RFC 9110, 14.2).
fn range(asked: &HeaderMap, etag: &str, whole: u64) -> Wanted {
    let text = |name| {
        asked
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let Some(range) = text(header::RANGE) else {
        return Wanted::Whole;
    };
    // Of another version: the whole of this one.
    if text(header::IF_RANGE).is_some_and(|tag| tag.trim() != etag) {
        return Wanted::Whole;
    }
    let Ok(parsed) = http_range_header::parse_range_header(range) else {
        return Wanted::Whole;
    };
    match parsed.validate(whole) {
        Ok(ranges) => match ranges.as_slice() {
            [one] => Wanted::Part(*one.start()..one.end() + 1),
            _ => Wanted::Whole,
        },
        Err(_) => Wanted::Nothing,
    }
}

fn from_meta(opened: Opened, id: &str, saved: bool) -> Response {
    let mut headers = headers(
        &opened.mime_type,
        opened.name.as_deref(),
        opened.kind,
        id,
        saved,
    );
    if let Some(length) = opened.stream.length {
        put(&mut headers, header::CONTENT_LENGTH, &length.to_string());
    }
    let bytes = futures::stream::unfold(opened.stream, |mut stream| async move {
        match stream.chunk().await {
            Ok(chunk) => chunk.map(|chunk| (Ok(chunk), stream)),
            Err(error) => {
                // The headers have gone; a broken connection is all that can be told.
                tracing::warn!(error = %error, "media broke off");
                Some((Err(std::io::Error::other("media broke off")), stream))
            }
        }
    });
    (headers, Body::from_stream(bytes)).into_response()
}

pub(super) fn put(headers: &mut HeaderMap, name: header::HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

/// What every file is answered with: nothing of it can act as a page.
fn headers(mime_type: &str, name: Option<&str>, kind: &str, id: &str, saved: bool) -> HeaderMap {
    let inline = media::is_shown_inline(mime_type);
    let shown = if inline {
        mime_type
    } else {
        // What a browser could take for a page is given a type that it cannot.
        "application/octet-stream"
    };
    let name = name.map_or_else(
        || format!("{kind}-{id}.{}", media::ending(mime_type)),
        str::to_owned,
    );
    let mut headers = HeaderMap::new();
    put(&mut headers, header::CONTENT_TYPE, shown);
    put(
        &mut headers,
        header::CONTENT_DISPOSITION,
        &disposition(inline && !saved, &name),
    );
    guard(&mut headers);
    headers
}

/// The bytes of a message never change, the cache is the person's own, and whatever they are, they do nothing.
pub(super) fn guard(headers: &mut HeaderMap) {
    put(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(
        headers,
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; sandbox",
    );
    put(
        headers,
        header::CACHE_CONTROL,
        "private, max-age=86400, immutable",
    );
}

/// RFC 6266: a plain name for old clients, the real one beside it.
fn disposition(inline: bool, name: &str) -> String {
    let how = if inline { "inline" } else { "attachment" };
    let plain: String = name
        .chars()
        .map(|letter| match letter {
            ' ' | '.' | '-' | '_' | '(' | ')' => letter,
            letter if letter.is_ascii_alphanumeric() => letter,
            _ => '_',
        })
        .collect();
    let mut exact = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_".contains(&byte) {
            exact.push(char::from(byte));
        } else {
            exact.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{exact}")
}

impl From<NotOpened> for Problem {
    fn from(error: NotOpened) -> Self {
        let sentence = error.to_string();
        match error {
            NotOpened::None => Self::new(StatusCode::NOT_FOUND, "no_media", "No media", sentence),
            NotOpened::Link(_) => Self::conflict("media_by_link", sentence),
            NotOpened::Gone => Self::new(StatusCode::GONE, "media_gone", "Gone", sentence),
            NotOpened::Deleted => Self::new(StatusCode::GONE, "media_deleted", "Removed", sentence),
            NotOpened::NoThumbnail => Self::new(
                StatusCode::NOT_FOUND,
                "no_thumbnail",
                "No thumbnail",
                sentence,
            ),
            NotOpened::Store(error) => {
                tracing::error!(error = %error, "a stored file cannot be read");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "try_again",
                    "Try again",
                    "the file cannot be read at the moment; try again, and tell the operator if it goes on",
                )
            }
            NotOpened::Unreached(unreached) => unreached.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_served_and_what_is_none_is_answered_with_the_whole() {
        let asked = |range: &str, if_range: Option<&str>| {
            let mut asked = HeaderMap::new();
            put(&mut asked, header::RANGE, range);
            if let Some(tag) = if_range {
                put(&mut asked, header::IF_RANGE, tag);
            }
            super::range(&asked, "\"a\"", 100)
        };
        assert_eq!(asked("bytes=0-9", None), Wanted::Part(0..10));
        assert_eq!(asked("bytes=90-", None), Wanted::Part(90..100));
        assert_eq!(asked("bytes=-10", None), Wanted::Part(90..100));
        assert_eq!(asked("bytes=50-500", None), Wanted::Part(50..100));
        assert_eq!(asked("bytes=100-", None), Wanted::Nothing);
        assert_eq!(asked("bytes=0-1,5-6", None), Wanted::Whole);
        assert_eq!(asked("pages=1-2", None), Wanted::Whole);
        assert_eq!(asked("bytes=0-9", Some("\"a\"")), Wanted::Part(0..10));
        assert_eq!(asked("bytes=0-9", Some("\"b\"")), Wanted::Whole);
    }

    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        assert_eq!(
            disposition(false, "año\"; x=\r\n.pdf"),
            "attachment; filename=\"a_o__ x___.pdf\"; filename*=UTF-8''a%C3%B1o%22%3B%20x%3D%0D%0A.pdf"
        );
    }
}
