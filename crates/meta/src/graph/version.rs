//! Another version of the Graph API, and the one that Meta really ran (header `facebook-api-version`:
//! a version that was removed is answered by the next one).

use std::sync::{Arc, RwLock};

use reqwest::Method;
use secrecy::SecretString;

use super::error::GraphError;
use super::{GraphCallError, GraphClient, describe, segment};

impl GraphClient {
    /// The same client with a version of its own.
    #[must_use]
    pub fn at_version(&self, version: &str) -> Self {
        Self {
            version: Arc::new(RwLock::new(Arc::from(version.trim_matches('/')))),
            ..self.clone()
        }
    }

    /// The version that Meta runs when it is asked for a WABA with this client's; none where its answer does not say.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn version_used(
        &self,
        token: &SecretString,
        waba_id: &str,
    ) -> Result<Option<String>, GraphCallError> {
        let id = segment(waba_id).map_err(GraphCallError::NotAllowed)?;
        let request = self
            .request(Method::GET, &self.url(id), token)
            .map_err(GraphCallError::NotAllowed)?;
        let unreached = |error| GraphCallError::Transport(describe(error));
        let response = request
            .query(&[("fields", "id")])
            .send()
            .await
            .map_err(unreached)?;
        let used = response.headers().get("facebook-api-version");
        let used = used
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let status = response.status();
        let body = response.bytes().await.map_err(unreached)?;
        match GraphError::from_body(status.as_u16(), &body) {
            Some(error) => Err(error.into()),
            None if status.is_success() => Ok(used),
            None => Err(GraphCallError::NotMeta {
                http_status: status.as_u16(),
            }),
        }
    }
}
