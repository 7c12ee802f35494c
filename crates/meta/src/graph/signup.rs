//! What follows Embedded Signup (pages "embedded-signup/onboarding-customers-as-a-solution-partner" and
//! "…-as-a-tech-provider"): the code becomes a token, numbers are registered, the app's phone is asked for its past.

use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::send::success;
use super::{GraphCallError, GraphClient, call, segment};
use crate::webhook::lenient;

/// What a code became.
#[derive(Debug)]
pub struct Exchanged {
    /// The business token.
    pub access_token: SecretString,
    /// Seconds until it ends; none: never, or Meta did not say.
    pub expires_in: Option<i64>,
}

/// What the WhatsApp Business app is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneSync {
    /// Its contacts; first.
    Contacts,
    /// Its messages.
    History,
}

impl PhoneSync {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Contacts => "smb_app_state_sync",
            Self::History => "history",
        }
    }
}

#[derive(Deserialize)]
struct ExchangeAnswer {
    #[serde(default, deserialize_with = "lenient::text")]
    access_token: Option<String>,
    #[serde(default, deserialize_with = "lenient::integer")]
    expires_in: Option<i64>,
}

#[derive(Serialize)]
struct Register<'a> {
    messaging_product: &'static str,
    pin: &'a str,
}

#[derive(Serialize)]
struct Pin<'a> {
    pin: &'a str,
}

#[derive(Serialize)]
struct Sync {
    messaging_product: &'static str,
    sync_type: &'static str,
}

#[derive(Deserialize)]
struct SyncAnswer {
    #[serde(default, deserialize_with = "lenient::text")]
    request_id: Option<String>,
}

impl GraphClient {
    /// Makes a token of the code that Embedded Signup gave. A code lives 30 s and is taken once; a used or late one is
    /// refused with 100/36009, one of another redirect address with 100/36007.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn exchange_code(
        &self,
        app_id: &str,
        app_secret: &SecretString,
        code: &SecretString,
    ) -> Result<Exchanged, GraphCallError> {
        let request = self
            .http
            .request(Method::GET, self.url("oauth/access_token"))
            .query(&[
                ("client_id", app_id),
                ("client_secret", app_secret.expose_secret()),
                ("code", code.expose_secret()),
            ]);
        let answer: ExchangeAnswer = call(request).await?;
        let access_token = answer
            .access_token
            .filter(|token| !token.is_empty())
            .map(SecretString::from)
            .ok_or(GraphCallError::NotMeta { http_status: 200 })?;
        Ok(Exchanged {
            access_token,
            expires_in: answer.expires_in,
        })
    }

    /// Registers a number for the Cloud API. The PIN becomes its PIN, or must be the one that it has (133005).
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn register(
        &self,
        token: &SecretString,
        phone_number_id: &str,
        pin: &SecretString,
    ) -> Result<(), GraphCallError> {
        let body = Register {
            messaging_product: "whatsapp",
            pin: pin.expose_secret(),
        };
        let request = self
            .on_number(token, phone_number_id, "/register")?
            .json(&body);
        success(call(request).await?)
    }

    /// Takes a number off the Cloud API; its sends are refused with 133010 afterwards.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn deregister(
        &self,
        token: &SecretString,
        phone_number_id: &str,
    ) -> Result<(), GraphCallError> {
        let request = self.on_number(token, phone_number_id, "/deregister")?;
        success(call(request).await?)
    }

    /// Changes the PIN of a number's two-step verification.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn set_pin(
        &self,
        token: &SecretString,
        phone_number_id: &str,
        pin: &SecretString,
    ) -> Result<(), GraphCallError> {
        let body = Pin {
            pin: pin.expose_secret(),
        };
        let request = self.on_number(token, phone_number_id, "")?.json(&body);
        success(call(request).await?)
    }

    /// Asks for contacts or history of the WhatsApp Business app: each once, within 24 hours of connecting (2593107
    /// twice, 2593108 late). Gives the id of the request.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn sync_phone(
        &self,
        token: &SecretString,
        phone_number_id: &str,
        what: PhoneSync,
    ) -> Result<Option<String>, GraphCallError> {
        let body = Sync {
            messaging_product: "whatsapp",
            sync_type: what.as_str(),
        };
        let request = self
            .on_number(token, phone_number_id, "/smb_app_data")?
            .json(&body);
        let answer: SyncAnswer = call(request).await?;
        Ok(answer.request_id)
    }

    fn on_number(
        &self,
        token: &SecretString,
        phone_number_id: &str,
        edge: &str,
    ) -> Result<RequestBuilder, GraphCallError> {
        let id = segment(phone_number_id).map_err(GraphCallError::NotAllowed)?;
        self.request(Method::POST, &self.url(&format!("{id}{edge}")), token)
            .map_err(GraphCallError::NotAllowed)
    }
}
