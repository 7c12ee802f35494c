//! `GET /api/v1/messages/{id}/media`.

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use engine::media::{self, NotOpened, Opened};
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

/// Gives the bytes of a message's media, fetched from WhatsApp. Images, videos, audio and stickers may be shown
/// in a page; everything else is to be saved.
#[utoipa::path(get, path = "/api/v1/messages/{id}/media", tag = "messages",
    params(("id" = String, Path, description = "msg_…"), How), responses(
    (status = 200, description = "The bytes", body = String, content_type = "application/octet-stream"),
    (status = 404, description = "No such message (`not_found`), or it carries no media (`no_media`)", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It was sent by a link, which the problem names", body = Problem, content_type = "application/problem+json"),
    (status = 410, description = "WhatsApp does not have it any more", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "WhatsApp refused or did not answer", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn media(
    State(app): State<App>,
    own: OwnMessage<InboxRead>,
    how: std::result::Result<Query<How>, QueryRejection>,
) -> Result<Response> {
    let Query(how) = how?;
    let opened = media::open(&app.engine, &own.row).await?;
    let saved = how.download.is_some_and(|wanted| wanted != 0);
    let id = own.row.id.to_string();
    let headers = headers(&opened, &id, saved);
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
    Ok((headers, Body::from_stream(bytes)).into_response())
}

fn headers(opened: &Opened, id: &str, saved: bool) -> HeaderMap {
    let inline = media::is_shown_inline(&opened.mime_type);
    let mime_type = if inline {
        opened.mime_type.as_str()
    } else {
        // What a browser could take for a page is given a type that it cannot.
        "application/octet-stream"
    };
    let name = opened
        .name
        .clone()
        .unwrap_or_else(|| format!("{}-{id}.{}", opened.kind, ending(&opened.mime_type)));
    let mut headers = HeaderMap::new();
    let mut put = |name, text: &str| {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(name, value);
        }
    };
    put(header::CONTENT_TYPE, mime_type);
    put(
        header::CONTENT_DISPOSITION,
        &disposition(inline && !saved, &name),
    );
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; sandbox",
    );
    // The bytes of a message never change, and the cache is the person's own.
    put(header::CACHE_CONTROL, "private, max-age=86400, immutable");
    if let Some(length) = opened.stream.length {
        put(header::CONTENT_LENGTH, &length.to_string());
    }
    headers
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

fn ending(mime_type: &str) -> &'static str {
    match mime_type {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/webp" => "webp",
        "video/mp4" => "mp4",
        "video/3gpp" => "3gp",
        "audio/aac" => "aac",
        "audio/amr" => "amr",
        "audio/mpeg" => "mp3",
        "audio/mp4" => "m4a",
        "audio/ogg" => "ogg",
        "application/pdf" => "pdf",
        "text/plain" => "txt",
        _ => "bin",
    }
}

impl From<NotOpened> for Problem {
    fn from(error: NotOpened) -> Self {
        let sentence = error.to_string();
        match error {
            NotOpened::None => Self::new(StatusCode::NOT_FOUND, "no_media", "No media", sentence),
            NotOpened::Link(_) => Self::conflict("media_by_link", sentence),
            NotOpened::Gone => Self::new(StatusCode::GONE, "media_gone", "Gone", sentence),
            NotOpened::Unreached(unreached) => unreached.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        assert_eq!(
            disposition(false, "año\"; x=\r\n.pdf"),
            "attachment; filename=\"a_o__ x___.pdf\"; filename*=UTF-8''a%C3%B1o%22%3B%20x%3D%0D%0A.pdf"
        );
    }
}
