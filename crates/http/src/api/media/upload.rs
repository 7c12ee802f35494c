//! `POST /api/v1/media`.

use axum::Json;
use axum::extract::State;
use axum::extract::multipart::{Field, Multipart, MultipartError, MultipartRejection};
use axum::http::StatusCode;
use engine::media::{Incoming, NotUploaded, Uploaded};
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::auth::{InboxWrite, Member};
use crate::problem::{Problem, Result};

/// The largest document, and what stands around it.
pub(crate) const MAX_BODY: usize = 100 * 1024 * 1024 + 64 * 1024;
/// Characters of a file's name that are kept.
const LONGEST_NAME: usize = 240;

/// A file to upload.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes the form for the OpenAPI document; it is read piece by piece"
)]
pub(crate) struct FileForm {
    /// The file, with its name.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: String,
}

/// A file that can be sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Medium {
    /// Meta's id, to be sent as `{"image":{"id":…}}`; works for 30 days.
    id: String,
    /// What it is, by its content.
    mime_type: &'static str,
    /// `image`, `video`, `audio`, `document`, `sticker`: the type of message that carries it.
    kind: &'static str,
    /// Its name.
    filename: String,
    /// Its size.
    bytes: u64,
}

/// Uploads a file to WhatsApp for the tenant's number. What it is, is read from its content.
#[utoipa::path(post, path = "/api/v1/media", tag = "messages", request_body(content = FileForm, content_type = "multipart/form-data"), responses(
    (status = 201, description = "It can be sent now", body = Medium),
    (status = 409, description = "No number to upload it for", body = Problem, content_type = "application/problem+json"),
    (status = 413, description = "Larger than 100 MB", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "No file, or one that WhatsApp does not take", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "WhatsApp refused or did not answer", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn upload(
    State(app): State<App>,
    member: Member<InboxWrite>,
    form: std::result::Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<Medium>)> {
    let mut form = form?;
    while let Some(field) = form.next_field().await? {
        if field.name() != Some("file") {
            continue;
        }
        let uploaded = take(&app, &member, field).await?;
        return Ok((
            StatusCode::CREATED,
            Json(Medium {
                id: uploaded.id,
                mime_type: uploaded.kind.mime_type,
                kind: uploaded.kind.kind,
                filename: uploaded.name,
                bytes: uploaded.bytes,
            }),
        ));
    }
    Err(Problem::invalid("file", "is missing in the form"))
}

async fn take(app: &App, member: &Member<InboxWrite>, mut field: Field<'_>) -> Result<Uploaded> {
    let name = file_name(field.file_name().unwrap_or_default());
    let declared = field.content_type().unwrap_or_default().to_owned();
    let mut file = Incoming::new(&name, &declared)?;
    while let Some(piece) = field.chunk().await? {
        file.push(&piece).await?;
    }
    Ok(file.upload(&app.engine, member.tenant).await?)
}

/// The last part of a path, without what no file's name has.
fn file_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last
        .chars()
        .filter(|letter| !letter.is_control())
        .take(LONGEST_NAME)
        .collect();
    if name.trim().is_empty() {
        "file".to_owned()
    } else {
        name
    }
}

impl From<NotUploaded> for Problem {
    fn from(error: NotUploaded) -> Self {
        match error {
            NotUploaded::Unreached(unreached) => unreached.into(),
            NotUploaded::Disk(error) => {
                tracing::error!(error = %error, "a file could not be kept while it came in");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "try_again",
                    "Try again",
                    "there is no room for the file at the moment; try again, and tell the operator if it goes on",
                )
            }
            mistake @ (NotUploaded::WrongKind | NotUploaded::Empty | NotUploaded::TooLarge(_)) => {
                Self::invalid("file", mistake.to_string())
            }
        }
    }
}

impl From<MultipartRejection> for Problem {
    fn from(rejection: MultipartRejection) -> Self {
        Self::new(
            rejection.status(),
            "bad_body",
            "The body cannot be read",
            rejection.body_text(),
        )
    }
}

impl From<MultipartError> for Problem {
    fn from(error: MultipartError) -> Self {
        Self::new(
            error.status(),
            "bad_body",
            "The body cannot be read",
            error.body_text(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_name_is_no_path_and_has_no_control_characters() {
        assert_eq!(file_name("../../etc/passwd"), "passwd");
        assert_eq!(file_name("C:\\fotos\\pan.jpg"), "pan.jpg");
        assert_eq!(file_name("a\r\nb.pdf"), "ab.pdf");
        assert_eq!(file_name(" "), "file");
    }
}
