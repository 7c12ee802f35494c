//! Media: upload, address, bytes (page "business-phone-numbers/media").

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder, Url, multipart};
use secrecy::SecretString;
use serde::Deserialize;

use super::{GraphCallError, GraphClient, GraphError, describe, segment};
use crate::webhook::lenient;

/// Where the bytes of a media id are; works for five minutes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct MediaUrl {
    /// The media id.
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    /// Needs the same token.
    #[serde(deserialize_with = "lenient::text")]
    pub url: Option<String>,
    /// MIME type.
    #[serde(deserialize_with = "lenient::text")]
    pub mime_type: Option<String>,
    /// Hex here, base64 in webhooks.
    #[serde(deserialize_with = "lenient::text")]
    pub sha256: Option<String>,
    /// Bytes.
    #[serde(deserialize_with = "lenient::integer")]
    pub file_size: Option<i64>,
}

/// The bytes of some media.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downloaded {
    /// As the server says.
    pub content_type: Option<String>,
    /// The bytes.
    pub bytes: Bytes,
}

/// A file to upload, read while it is sent.
#[derive(Debug)]
pub struct Upload<'a, B> {
    /// Its name.
    pub name: &'a str,
    /// Its type.
    pub mime_type: &'a str,
    /// Where it is read from.
    pub body: B,
    /// How long it is.
    pub bytes: u64,
}

/// The bytes of a file on their way up.
pub type UploadBody = reqwest::Body;

/// A body out of pieces that come one after the other.
pub fn body_of<S, E>(pieces: S) -> UploadBody
where
    S: futures::Stream<Item = Result<Bytes, E>> + Send + 'static,
    E: std::error::Error + Send + Sync + 'static,
{
    reqwest::Body::wrap_stream(pieces)
}

/// Media whose bytes are read piece by piece.
#[derive(Debug)]
pub struct MediaStream {
    /// As the server says.
    pub content_type: Option<String>,
    /// Bytes, as the server says.
    pub length: Option<u64>,
    response: reqwest::Response,
    left: u64,
}

impl MediaStream {
    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// When the connection breaks, or more comes than was allowed.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, GraphCallError> {
        let chunk = self.response.chunk().await;
        let Some(chunk) = chunk.map_err(|error| GraphCallError::Transport(describe(error)))? else {
            return Ok(None);
        };
        let Some(left) = self.left.checked_sub(chunk.len() as u64) else {
            return Err(GraphCallError::NotAllowed(
                "the media is larger than it may be".to_owned(),
            ));
        };
        self.left = left;
        Ok(Some(chunk))
    }
}

#[derive(Deserialize)]
struct Uploaded {
    id: String,
}

impl GraphClient {
    /// Uploads a file for sending; the id works for 30 days.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn upload_media(
        &self,
        token: &SecretString,
        phone_number_id: &str,
        file_name: &str,
        mime_type: &str,
        bytes: Bytes,
    ) -> Result<String, GraphCallError> {
        let file = multipart::Part::stream(bytes)
            .file_name(file_name.to_owned())
            .mime_str(mime_type)
            .map_err(|_| GraphCallError::NotAllowed(format!("{mime_type:?} is not a MIME type")))?;
        let request = self.upload_of(token, phone_number_id, mime_type, file)?;
        let uploaded: Uploaded = self.heeding(request).await?;
        Ok(uploaded.id)
    }

    /// [`Self::upload_media`] of a file that is not held in memory, with a time limit of its own.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn upload_media_from(
        &self,
        token: &SecretString,
        phone_number_id: &str,
        file: Upload<'_, impl Into<reqwest::Body>>,
        time_limit: Duration,
    ) -> Result<String, GraphCallError> {
        let mime_type = file.mime_type;
        let part = multipart::Part::stream_with_length(file.body, file.bytes)
            .file_name(file.name.to_owned())
            .mime_str(mime_type)
            .map_err(|_| GraphCallError::NotAllowed(format!("{mime_type:?} is not a MIME type")))?;
        let request = self.upload_of(token, phone_number_id, mime_type, part)?;
        let uploaded: Uploaded = self.heeding(request.timeout(time_limit)).await?;
        Ok(uploaded.id)
    }

    fn upload_of(
        &self,
        token: &SecretString,
        phone_number_id: &str,
        mime_type: &str,
        file: multipart::Part,
    ) -> Result<RequestBuilder, GraphCallError> {
        let path = format!(
            "{}/media",
            segment(phone_number_id).map_err(GraphCallError::NotAllowed)?
        );
        let form = multipart::Form::new()
            .text("messaging_product", "whatsapp")
            .text("type", mime_type.to_owned())
            .part("file", file);
        let request = self
            .request(Method::POST, &self.url(&path), token)
            .map_err(GraphCallError::NotAllowed)?;
        Ok(request.multipart(form))
    }

    /// Asks for the address of a media id. With a `phone_number_id` the call fails if the media belongs to another number.
    ///
    /// # Errors
    /// See [`GraphCallError`]; code 100 with subcode 33 when it is gone or another tenant's.
    pub async fn media_url(
        &self,
        token: &SecretString,
        media_id: &str,
        phone_number_id: Option<&str>,
    ) -> Result<MediaUrl, GraphCallError> {
        let query: Vec<(&str, &str)> = phone_number_id
            .map(|id| ("phone_number_id", id))
            .into_iter()
            .collect();
        self.get(
            token,
            segment(media_id).map_err(GraphCallError::NotAllowed)?,
            &query,
        )
        .await
    }

    /// Fetches the bytes of an address out of [`Self::media_url`] or a webhook, at most `max_bytes`.
    ///
    /// The token goes along, so only Meta's own media hosts (or the host of `base_url`) are asked.
    ///
    /// # Errors
    /// See [`GraphCallError`]; an address that ran out is `NotMeta` with 404: ask for a new one.
    pub async fn download_media(
        &self,
        token: &SecretString,
        url: &str,
        max_bytes: u64,
    ) -> Result<Downloaded, GraphCallError> {
        let too_big =
            || GraphCallError::NotAllowed(format!("the media is larger than {max_bytes} bytes"));
        let mut response = self.fetch(token, url, None).await?;
        let status = response.status();
        if response
            .content_length()
            .is_some_and(|length| status.is_success() && length > max_bytes)
        {
            return Err(too_big());
        }
        let content_type = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let mut bytes = BytesMut::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| GraphCallError::Transport(describe(error)))?
        {
            if (bytes.len() as u64).saturating_add(chunk.len() as u64) > max_bytes {
                return Err(too_big());
            }
            bytes.extend_from_slice(&chunk);
        }
        if !status.is_success() {
            let http_status = status.as_u16();
            return Err(match GraphError::from_body(http_status, &bytes) {
                Some(error) => error.into(),
                None => GraphCallError::NotMeta { http_status },
            });
        }
        Ok(Downloaded {
            content_type,
            bytes: bytes.freeze(),
        })
    }

    /// [`Self::download_media`] without holding it in memory, with a time limit of its own.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn open_media(
        &self,
        token: &SecretString,
        url: &str,
        max_bytes: u64,
        time_limit: Duration,
    ) -> Result<MediaStream, GraphCallError> {
        let response = self.fetch(token, url, Some(time_limit)).await?;
        let http_status = response.status().as_u16();
        if !response.status().is_success() {
            return Err(GraphCallError::NotMeta { http_status });
        }
        let length = response.content_length();
        if length.is_some_and(|length| length > max_bytes) {
            return Err(GraphCallError::NotAllowed(format!(
                "the media is larger than {max_bytes} bytes"
            )));
        }
        let content_type = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        Ok(MediaStream {
            content_type,
            length,
            response,
            left: max_bytes,
        })
    }

    /// Asks a host of Meta's for an address of theirs.
    async fn fetch(
        &self,
        token: &SecretString,
        url: &str,
        time_limit: Option<Duration>,
    ) -> Result<reqwest::Response, GraphCallError> {
        if !self.is_media_host(url) {
            return Err(GraphCallError::NotAllowed(
                "the media address is not on a host of Meta's".to_owned(),
            ));
        }
        let mut request = self
            .request(Method::GET, url, token)
            .map_err(GraphCallError::NotAllowed)?;
        if let Some(limit) = time_limit {
            request = request.timeout(limit);
        }
        request
            .send()
            .await
            .map_err(|error| GraphCallError::Transport(describe(error)))
    }

    fn is_media_host(&self, url: &str) -> bool {
        let Ok(url) = Url::parse(url) else {
            return false;
        };
        if Url::parse(self.base_url()).is_ok_and(|base| base.origin() == url.origin()) {
            return true;
        }
        let host = url.host_str().unwrap_or_default();
        let meta = ["fbsbx.com", "facebook.com", "fbcdn.net", "whatsapp.net"];
        url.scheme() == "https"
            && meta.iter().any(|domain| {
                host.strip_suffix(domain)
                    .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            })
    }
}
