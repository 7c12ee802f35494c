//! The sample of a header's file (page "resumable-upload"): a session is begun, the bytes follow, and what broke off
//! goes on where Meta stands.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::graph::{GraphCallError, GraphClient, call, segment};
use crate::webhook::lenient;

/// An upload that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadSession(String);

/// How far an upload is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uploading {
    /// Meta has so many bytes.
    At(u64),
    /// Everything is there; the handle stands for the file.
    Done(String),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SessionAnswer {
    #[serde(deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient::integer")]
    file_offset: Option<i64>,
    #[serde(deserialize_with = "lenient::text")]
    h: Option<String>,
}

impl UploadSession {
    /// A session out of Meta's answer. It is put into a path, and must not lead anywhere else.
    fn read(id: &str) -> Result<Self, GraphCallError> {
        let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"_-=:?&+%~.".contains(&byte);
        let sound = id.starts_with("upload:") && !id.contains("..") && id.bytes().all(harmless);
        if sound {
            Ok(Self(id.to_owned()))
        } else {
            Err(GraphCallError::NotMeta { http_status: 200 })
        }
    }
}

impl GraphClient {
    /// Begins the upload of a file for the app.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn begin_upload(
        &self,
        token: &SecretString,
        app_id: &str,
        file_name: &str,
        mime_type: &str,
        bytes: u64,
    ) -> Result<UploadSession, GraphCallError> {
        let path = format!(
            "{}/uploads",
            segment(app_id).map_err(GraphCallError::NotAllowed)?
        );
        let length = bytes.to_string();
        let request = self
            .request(Method::POST, &self.url(&path), token)
            .map_err(GraphCallError::NotAllowed)?
            .query(&[
                ("file_name", file_name),
                ("file_length", &length),
                ("file_type", mime_type),
            ]);
        let answer: SessionAnswer = call(request).await?;
        UploadSession::read(answer.id.as_deref().unwrap_or_default())
    }

    /// Sends the rest of a file, from `offset` on.
    ///
    /// # Errors
    /// See [`GraphCallError`]; after a transport error [`Self::upload_stands`] says where to go on.
    pub async fn go_on_uploading(
        &self,
        token: &SecretString,
        session: &UploadSession,
        offset: u64,
        rest: Bytes,
        time_limit: Duration,
    ) -> Result<Uploading, GraphCallError> {
        let request = self
            .on_session(Method::POST, token, session)?
            .header("file_offset", offset)
            .header(CONTENT_TYPE, "application/octet-stream")
            .timeout(time_limit)
            .body(rest);
        standing(call(request).await?)
    }

    /// How much of a file Meta has.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn upload_stands(
        &self,
        token: &SecretString,
        session: &UploadSession,
    ) -> Result<Uploading, GraphCallError> {
        standing(call(self.on_session(Method::GET, token, session)?).await?)
    }

    /// These calls name the token as `OAuth`, and their id brings its own query.
    fn on_session(
        &self,
        method: Method,
        token: &SecretString,
        session: &UploadSession,
    ) -> Result<RequestBuilder, GraphCallError> {
        let mut named = HeaderValue::from_str(&format!("OAuth {}", token.expose_secret()))
            .map_err(|_| {
                GraphCallError::NotAllowed(
                    "the access token holds characters that no token has".to_owned(),
                )
            })?;
        named.set_sensitive(true);
        let request = self
            .http
            .request(method, self.url(&session.0))
            .header(AUTHORIZATION, named);
        Ok(match self.prover.of(token) {
            Some(proof) => request.query(&[("appsecret_proof", proof)]),
            None => request,
        })
    }
}

fn standing(answer: SessionAnswer) -> Result<Uploading, GraphCallError> {
    if let Some(handle) = answer.h.filter(|handle| !handle.is_empty()) {
        return Ok(Uploading::Done(handle));
    }
    answer
        .file_offset
        .and_then(|offset| u64::try_from(offset).ok())
        .map(Uploading::At)
        .ok_or(GraphCallError::NotMeta { http_status: 200 })
}
