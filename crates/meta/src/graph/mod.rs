//! The Graph API as this product calls it.
//!
//! A send has three outcomes, and mixing them up sends twice or loses: [`SendError::NotSent`] certainly did not reach
//! Meta, [`SendError::Refused`] certainly did and was refused, [`SendError::Unknown`] nobody knows. Nothing here retries:
//! that is a decision with state, and belongs to the outbox. Tokens are never logged, never in `Debug`, never in an error.

mod account;
mod error;
mod media;
pub mod outbound;
mod phone_number;
mod send;
mod template;

pub use account::{DebugToken, GranularScope, SubscribedApp};
pub use error::{GraphCallError, GraphError};
pub use media::{Downloaded, MediaStream, MediaUrl, Upload};
pub use phone_number::{PhoneNumber, Throughput};
pub use send::{Accepted, SendError};
pub use template::Template;

use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

/// Calls the Graph API (or the simulator) with the token given for each call.
#[derive(Debug, Clone)]
pub struct GraphClient {
    http: reqwest::Client,
    base_url: String,
    version: String,
}

impl GraphClient {
    /// `base_url` has no version (`https://graph.facebook.com`, or `http://127.0.0.1:port` for the simulator);
    /// `version` is `v24.0`. The HTTP client brings its own time limits; one without makes calls wait for ever.
    #[must_use]
    pub fn new(http: reqwest::Client, base_url: String, version: String) -> Self {
        let base_url = base_url.trim_end_matches('/').to_owned();
        let version = version.trim_matches('/').to_owned();
        Self {
            http,
            base_url,
            version,
        }
    }

    /// The address that calls go to, without version.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The version that calls ask for.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{}/{path}", self.base_url, self.version)
    }

    fn request(
        &self,
        method: Method,
        url: &str,
        token: &SecretString,
    ) -> Result<RequestBuilder, String> {
        Ok(self
            .http
            .request(method, url)
            .header(AUTHORIZATION, bearer(token)?))
    }

    async fn get<T: DeserializeOwned>(
        &self,
        token: &SecretString,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, GraphCallError> {
        let request = self
            .request(Method::GET, &self.url(path), token)
            .map_err(GraphCallError::Transport)?;
        call(request.query(query)).await
    }
}

fn bearer(token: &SecretString) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
        .map_err(|_| "the access token holds characters that no token has".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

/// An id as one piece of a path. Ids come from webhooks and forms, and must not lead anywhere else.
fn segment(id: &str) -> Result<&str, String> {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'=');
    if id.is_empty() || !id.bytes().all(harmless) {
        return Err(format!("{id:?} is not an id of Meta's"));
    }
    Ok(id)
}

/// Sends and reads an answer that is either the wanted form or an error envelope.
async fn call<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, GraphCallError> {
    let response = request
        .send()
        .await
        .map_err(|error| GraphCallError::Transport(describe(error)))?;
    let status = response.status();
    let body = response
        .bytes()
        .await
        .map_err(|error| GraphCallError::Transport(describe(error)))?;
    if let Some(error) = GraphError::from_body(status.as_u16(), &body) {
        return Err(GraphCallError::Refused(error));
    }
    if !status.is_success() {
        return Err(GraphCallError::NotMeta {
            http_status: status.as_u16(),
        });
    }
    serde_json::from_slice(&body).map_err(|_| GraphCallError::NotMeta {
        http_status: status.as_u16(),
    })
}

/// The error with its causes and without its URL, which may hold a token.
fn describe(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
