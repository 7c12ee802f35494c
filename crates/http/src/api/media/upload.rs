//! `POST /api/v1/media`.

use axum::Json;
use axum::extract::State;
use axum::extract::multipart::{Field, Multipart, MultipartError, MultipartRejection};
use axum::http::StatusCode;
use engine::media::{Incoming, NotKept, NotUploaded, Uploaded};
use meta::limits::DOCUMENT_MAX_BYTES;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::auth::{InboxWrite, Member};
use crate::problem::{Problem, Result};

/// The largest document, and what stands around it.
pub(crate) const MAX_BODY: usize = DOCUMENT_MAX_BYTES as usize + 64 * 1024;
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
    /// To be sent as `{"image":{"id":…}}`, from any of the tenant's numbers and as often as wanted, while the file is kept.
    #[schema(example = "med_0193a5c47d1e7c3f8a2b4c5d6e7f8091")]
    id: String,
    /// Meta's own id for the tenant's number, which works for 30 days; null when WhatsApp could not be reached: it is
    /// given the file when that is sent.
    meta_id: Option<String>,
    /// What it is, by its content.
    mime_type: &'static str,
    /// `image`, `video`, `audio`, `document`, `sticker`: the type of message that carries it.
    kind: &'static str,
    /// Its name.
    filename: String,
    /// Its size.
    bytes: u64,
    /// Whether it was changed so that WhatsApp takes it: a picture that was too large, say.
    converted: bool,
}

/// Uploads a file for sending. What it is, is read from its content, not from its name. It is kept here, and given to
/// WhatsApp for the tenant's number.
#[utoipa::path(post, path = "/api/v1/media", tag = "messages", request_body(content = FileForm, content_type = "multipart/form-data"), responses(
    (status = 201, description = "It can be sent now", body = Medium),
    (status = 403, description = "The tenant is suspended", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "No number to upload it for, or WhatsApp is switched off", body = Problem, content_type = "application/problem+json"),
    (status = 413, description = "Larger than 100 MB, or more than the tenant may keep (`quota_exceeded`)", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "No file, or one that WhatsApp does not take", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "Too many files at a time (`too_many_files`)", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "WhatsApp refused the file", body = Problem, content_type = "application/problem+json"),
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
                id: uploaded.id.to_string(),
                meta_id: uploaded.meta_id,
                mime_type: uploaded.kind.mime_type,
                kind: uploaded.kind.kind,
                filename: uploaded.name,
                bytes: uploaded.bytes,
                converted: uploaded.converted,
            }),
        ));
    }
    Err(Problem::invalid("file", "is missing in the form"))
}

async fn take(app: &App, member: &Member<InboxWrite>, mut field: Field<'_>) -> Result<Uploaded> {
    let name = file_name(field.file_name().unwrap_or_default());
    let declared = field.content_type().unwrap_or_default().to_owned();
    let by = member.caller.user().map(|user| user.user_id);
    let mut file = Incoming::begin(&app.engine, member.tenant, by, &name, &declared).await?;
    while let Some(piece) = field.chunk().await? {
        file.push(&piece).await?;
    }
    Ok(file.finish().await?)
}

/// The last part of a path, without what no file's name has.
pub(crate) fn file_name(given: &str) -> String {
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
        let sentence = error.to_string();
        match error {
            NotUploaded::Unreached(unreached) => unreached.into(),
            NotUploaded::NotKept(not_kept) => not_kept.into(),
            NotUploaded::Suspended => {
                Self::new(StatusCode::FORBIDDEN, "suspended", "Suspended", sentence)
            }
            NotUploaded::SwitchedOff => Self::conflict("whatsapp_off", sentence),
            NotUploaded::TooMany(wait) => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_files",
                "Too many files",
                sentence,
            )
            .retry_after(wait),
            NotUploaded::WrongKind(_) | NotUploaded::Empty | NotUploaded::TooLarge(_) => {
                Self::invalid("file", sentence)
            }
        }
    }
}

impl From<NotKept> for Problem {
    fn from(error: NotKept) -> Self {
        match error {
            NotKept::Database(error) => error.into(),
            NotKept::OverQuota { .. } => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "quota_exceeded",
                "No room left",
                format!(
                    "this file {error}; remove old files by keeping them for a shorter time, or ask the platform's support for more room"
                ),
            ),
            NotKept::Busy | NotKept::Store(_) => {
                tracing::error!(error = %error, "a file could not be kept");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "try_again",
                    "Try again",
                    "the file could not be kept at the moment; try again, and tell the operator if it goes on",
                )
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
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "file_too_large",
                "The file is too large",
                format!(
                    "the file is larger than {} MB ({DOCUMENT_MAX_BYTES} bytes), the most that WhatsApp takes of any file; share it by a link instead",
                    DOCUMENT_MAX_BYTES >> 20
                ),
            );
        }
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
