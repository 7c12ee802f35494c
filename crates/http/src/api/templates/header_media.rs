//! `POST /api/v1/templates/header-media`.

use axum::Json;
use axum::extract::State;
use axum::extract::multipart::{Multipart, MultipartRejection};
use engine::templates::{Sample, upload};
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::api::media::upload::FileForm;
use crate::auth::{Member, TemplatesWrite};
use crate::problem::{Problem, Result};

/// The largest sample that is taken: Meta's limit for videos.
const LARGEST: usize = meta::limits::VIDEO_MAX_BYTES as usize;
/// The largest picture.
const LARGEST_IMAGE: usize = meta::limits::IMAGE_MAX_BYTES as usize;

/// What Meta takes as a sample (page "resumable-upload"), by how such a file begins.
/// Whether a file begins as its kind does.
type Begins = fn(&[u8]) -> bool;
const KINDS: [(&str, &str, Begins); 4] = [
    ("image/jpeg", "image", |bytes| {
        bytes.starts_with(b"\xff\xd8\xff")
    }),
    ("image/png", "image", |bytes| {
        bytes.starts_with(b"\x89PNG\r\n\x1a\n")
    }),
    ("application/pdf", "document", |bytes| {
        bytes.starts_with(b"%PDF-")
    }),
    ("video/mp4", "video", |bytes| {
        bytes.get(4..8) == Some(b"ftyp")
    }),
];

/// A sample that Meta has.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Handle {
    /// For `example.header_handle` of a header.
    handle: String,
    /// `image`, `video`, `document`.
    kind: &'static str,
    /// Its type, by its content.
    mime_type: &'static str,
    /// Its size.
    bytes: usize,
}

/// Uploads the sample of a template's header to Meta. What it is, is read from its content. An upload that breaks off
/// goes on where it stopped.
#[utoipa::path(post, path = "/api/v1/templates/header-media", tag = "templates", request_body(content = FileForm, content_type = "multipart/form-data"), responses(
    (status = 200, description = "The handle", body = Handle),
    (status = 409, description = "No account, or the platform's app is not set up", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "No file, or not a JPEG or PNG of at most 5 MB or a PDF or MP4 of at most 16 MB", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "WhatsApp refused or did not answer", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn upload_sample(
    State(app): State<App>,
    member: Member<TemplatesWrite>,
    form: std::result::Result<Multipart, MultipartRejection>,
) -> Result<Json<Handle>> {
    let mut form = form?;
    while let Some(mut field) = form.next_field().await? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        let mut bytes = Vec::new();
        while let Some(piece) = field.chunk().await? {
            if bytes.len() + piece.len() > LARGEST {
                return Err(Problem::invalid(
                    "file",
                    "may have 16 MB; a sample need not be larger",
                ));
            }
            bytes.extend_from_slice(&piece);
        }
        let found = KINDS.iter().find(|(_, _, begins)| begins(&bytes));
        let Some((mime_type, kind, _)) = found else {
            return Err(Problem::invalid(
                "file",
                "must be a JPEG, a PNG, a PDF or an MP4 video",
            ));
        };
        let size = bytes.len();
        if *kind == "image" && size > LARGEST_IMAGE {
            return Err(Problem::invalid(
                "file",
                "may have 5 MB as a picture; a sample need not be larger",
            ));
        }
        let sample = Sample {
            name: crate::api::media::upload::file_name(&name),
            mime_type: (*mime_type).to_owned(),
            bytes: bytes.into(),
        };
        let handle = upload(&app.engine, member.tenant, &sample).await?;
        return Ok(Json(Handle {
            handle,
            kind,
            mime_type,
            bytes: size,
        }));
    }
    Err(Problem::invalid("file", "is missing in the form"))
}
