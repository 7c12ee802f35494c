//! The Graph API as this product calls it.
//!
//! A send has three outcomes, and mixing them up sends twice or loses: [`SendError::NotSent`] certainly did not reach
//! Meta, [`SendError::Refused`] certainly did and was refused, [`SendError::Unknown`] nobody knows. Nothing here retries:
//! that is a decision with state, and belongs to the outbox. Tokens are never logged, never in `Debug`, never in an error.

mod account;
mod app;
mod callback;
mod credit;
mod elsewhere;
mod error;
mod media;
pub mod outbound;
mod phone_number;
mod proof;
mod renewal;
mod send;
mod signup;
mod template;
mod version;
mod waba;

pub use account::{DebugToken, GranularScope, SubscribedApp};
pub use app::{AppNode, AppSubscription, FIELDS};
pub use callback::{CallbackAnswer, empty_webhook, is_empty_webhook};
pub use credit::{Allocation, Credential, CreditLine};
pub use elsewhere::check_address;
pub use error::{GraphCallError, GraphError};
pub use media::{Downloaded, MediaStream, MediaUrl, Upload, UploadBody, body_of};
pub use phone_number::{PhoneNumber, Throughput};
pub use renewal::Renewed;
pub use send::{Accepted, SendError};
pub use signup::{Exchanged, PhoneSync};
pub use template::{
    CreatedTemplate, LibraryChoice, LibraryFilter, LibraryTemplate, NewTemplate, QualityScore,
    Template, TemplateEdit, UploadSession, Uploading,
};
pub use waba::{AssignedUser, Business, Health, HealthEntity, HealthError, Waba};

use std::sync::{Arc, PoisonError, RwLock};

use proof::{Provable, Prover};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

/// Calls the Graph API (or the simulator) with the token given for each call.
#[derive(Debug, Clone)]
pub struct GraphClient {
    http: reqwest::Client,
    base_url: String,
    version: Arc<RwLock<Arc<str>>>,
    /// Proves for each token that the caller knows the app's secret.
    prover: Prover,
}

/// The version that calls ask for where nobody chose another. Meta serves a version for at least two years (page
/// "graph-api/changelog/versions"); this one came in October 2025.
pub const DEFAULT_VERSION: &str = "v24.0";

impl GraphClient {
    /// `base_url` has no version (`https://graph.facebook.com`, or `http://127.0.0.1:port` for the simulator);
    /// `version` is `v24.0`. The HTTP client brings its own time limits; one without makes calls wait for ever.
    #[must_use]
    pub fn new(http: reqwest::Client, base_url: String, version: String) -> Self {
        let base_url = base_url.trim_end_matches('/').to_owned();
        let version = Arc::from(version.trim_matches('/'));
        Self {
            http,
            base_url,
            version: Arc::new(RwLock::new(version)),
            prover: Prover::default(),
        }
    }

    /// From now on every call proves that the caller knows the secret of the token's app, those of the client's clones
    /// as well; without a secret none does. A token of another app is used without.
    pub fn prove_with(&self, app_secret: Option<&SecretString>) {
        self.prover.prove_with(app_secret);
    }

    /// The address that calls go to, without version.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The version that calls ask for.
    #[must_use]
    pub fn version(&self) -> Arc<str> {
        let version = self.version.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&version)
    }

    /// From now on calls ask for this version, those of the client's clones as well.
    pub fn ask_for(&self, version: &str) {
        let mut current = self.version.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::from(version.trim_matches('/'));
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{}/{path}", self.base_url, self.version())
    }

    fn request(
        &self,
        method: Method,
        url: &str,
        token: &SecretString,
    ) -> Result<RequestBuilder, String> {
        let request = self
            .http
            .request(method, url)
            .header(AUTHORIZATION, bearer(token)?);
        // What is elsewhere (the hosts of media) is no part of the Graph API.
        let proof = url
            .starts_with(&self.base_url)
            .then(|| self.prover.of(token))
            .flatten();
        Ok(match proof {
            Some(proof) => request.query(&[("appsecret_proof", proof)]),
            None => request,
        })
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
        self.heeding(request.query(query)).await
    }

    /// As [`call`], and a proof that Meta does not take is not offered again.
    async fn heeding<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
    ) -> Result<T, GraphCallError> {
        let (answer, refused) = exchange(request).await;
        if let Some(proof) = refused {
            self.prover.refused(proof);
        }
        answer
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

/// Sends and reads an answer that is either the wanted form or an error envelope. A proof that Meta does not take is
/// left out at once.
async fn call<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, GraphCallError> {
    exchange(request).await.0
}

/// As [`call`], with the proof that Meta did not take.
async fn exchange<T: DeserializeOwned>(
    request: RequestBuilder,
) -> (Result<T, GraphCallError>, Option<String>) {
    let request = match Provable::new(request) {
        Ok(request) => request,
        Err(error) => return (Err(GraphCallError::Transport(describe(error))), None),
    };
    let Some(proof) = request.proof() else {
        return (answer(request).await, None);
    };
    let unproven = request.unproven();
    match (answer(request).await, unproven) {
        (Err(GraphCallError::Refused(error)), unproven) if proof::is_refused(&error) => {
            let again = match unproven {
                Some(unproven) => answer(unproven).await,
                // Whoever asks again asks without.
                None => Err(GraphCallError::Transport(error.to_string())),
            };
            (again, Some(proof))
        }
        (answer, _) => (answer, None),
    }
}

async fn answer<T: DeserializeOwned>(request: Provable) -> Result<T, GraphCallError> {
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
        return Err(error.into());
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
