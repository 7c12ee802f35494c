//! Tokens that end and can be renewed (page "Install apps, generate, refresh, and revoke tokens" of the Business
//! Management API).

use std::fmt;
use std::time::Duration;

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{GraphCallError, GraphClient, call};
use crate::webhook::lenient;

/// A token in the place of one that was to end.
pub struct Renewed {
    /// The token.
    pub token: SecretString,
    /// How long it lives; none where Meta does not say.
    pub expires_in: Option<Duration>,
}

impl fmt::Debug for Renewed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renewed")
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    #[serde(default, deserialize_with = "lenient::integer")]
    expires_in: Option<i64>,
}

impl GraphClient {
    /// Asks for a token that lives sixty days from now, in the place of a system user's that is to end.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn renew_token(
        &self,
        app_id: &str,
        app_secret: &SecretString,
        token: &SecretString,
    ) -> Result<Renewed, GraphCallError> {
        let query = [
            ("grant_type", "fb_exchange_token"),
            ("client_id", app_id),
            ("client_secret", app_secret.expose_secret()),
            ("set_token_expires_in_60_days", "true"),
            ("fb_exchange_token", token.expose_secret()),
        ];
        let request = self
            .request(Method::GET, &self.url("oauth/access_token"), token)
            .map_err(GraphCallError::NotAllowed)?;
        let answer: Answer = call(request.query(&query)).await?;
        let seconds = answer
            .expires_in
            .and_then(|seconds| u64::try_from(seconds).ok());
        Ok(Renewed {
            token: answer.access_token.into(),
            expires_in: seconds
                .filter(|seconds| *seconds > 0)
                .map(Duration::from_secs),
        })
    }
}
