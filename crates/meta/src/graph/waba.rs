//! A WABA as its partner sees it (pages "whatsapp-business-accounts" and "solution-providers/manage-system-users").

use reqwest::Method;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::send::success;
use super::{GraphCallError, GraphClient, call, segment};
use crate::webhook::lenient;

const FIELDS: &str = "id,name,currency,timezone_id,message_template_namespace,account_review_status,\
business_verification_status,country,ownership_type,owner_business_info,primary_funding_id,health_status";

/// A WhatsApp Business Account. Words of Meta's stay words: new ones come without notice.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Waba {
    /// Its id.
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    /// Its name.
    #[serde(deserialize_with = "lenient::text")]
    pub name: Option<String>,
    /// In which Meta bills it; fixed once it is paid for.
    #[serde(deserialize_with = "lenient::text")]
    pub currency: Option<String>,
    /// Meta's number of its time zone.
    #[serde(deserialize_with = "lenient::text")]
    pub timezone_id: Option<String>,
    /// Of its templates.
    #[serde(deserialize_with = "lenient::text")]
    pub message_template_namespace: Option<String>,
    /// `PENDING`, `APPROVED`, `REJECTED`.
    #[serde(deserialize_with = "lenient::text")]
    pub account_review_status: Option<String>,
    /// What pays for it: a line of credit or a payment method; none: nothing does.
    #[serde(deserialize_with = "lenient::text")]
    pub primary_funding_id: Option<String>,
    /// The portfolio that owns it.
    #[serde(deserialize_with = "lenient::part")]
    pub owner_business_info: Option<Business>,
    /// Whether messages can be sent, and what keeps them from it.
    #[serde(deserialize_with = "lenient::part")]
    pub health_status: Option<Health>,
}

/// A business portfolio.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Business {
    /// Its id.
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    /// Its name.
    #[serde(deserialize_with = "lenient::text")]
    pub name: Option<String>,
}

/// `health_status` of a WABA, a number or a template (page "support/health-status").
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Health {
    /// `AVAILABLE`, `LIMITED`, `BLOCKED`.
    #[serde(deserialize_with = "lenient::text")]
    pub can_send_message: Option<String>,
    /// Everything that has a say.
    #[serde(deserialize_with = "lenient::list")]
    pub entities: Vec<HealthEntity>,
}

/// One that has a say in whether messages can be sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct HealthEntity {
    /// `PHONE_NUMBER`, `WABA`, `BUSINESS`, `APP`.
    #[serde(deserialize_with = "lenient::text")]
    pub entity_type: Option<String>,
    /// `AVAILABLE`, `LIMITED`, `BLOCKED`.
    #[serde(deserialize_with = "lenient::text")]
    pub can_send_message: Option<String>,
    /// Why not.
    #[serde(deserialize_with = "lenient::list")]
    pub errors: Vec<HealthError>,
}

/// What keeps messages from being sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct HealthError {
    /// 141000 and above; 141006 is about payment.
    #[serde(deserialize_with = "lenient::integer")]
    pub error_code: Option<i64>,
    /// What it is.
    #[serde(deserialize_with = "lenient::text")]
    pub error_description: Option<String>,
    /// What Meta suggests.
    #[serde(deserialize_with = "lenient::text")]
    pub possible_solution: Option<String>,
}

/// Health codes that say that nothing pays for messages.
const PAYMENT: [i64; 1] = [141_006];

impl Health {
    /// Whether messages wait for a payment method.
    #[must_use]
    pub fn lacks_payment(&self) -> bool {
        let mut errors = self.entities.iter().flat_map(|entity| &entity.errors);
        errors.any(|error| error.error_code.is_some_and(|code| PAYMENT.contains(&code)))
    }

    /// Whether the account itself may send, by its own entity: `AVAILABLE`, `LIMITED`, `BLOCKED`; none where Meta says
    /// nothing of it.
    #[must_use]
    pub fn of_account(&self) -> Option<String> {
        let is_account = |entity: &&HealthEntity| entity.entity_type.as_deref() == Some("WABA");
        let own = self.entities.iter().find(is_account)?;
        own.can_send_message.clone()
    }

    /// The first reason why nothing can be sent at all.
    #[must_use]
    pub fn blocked(&self) -> Option<String> {
        (self.can_send_message.as_deref() == Some("BLOCKED")).then(|| {
            let mut errors = self.entities.iter().flat_map(|entity| &entity.errors);
            errors
                .find_map(|error| error.error_description.clone())
                .unwrap_or_else(|| "WhatsApp does not say why".to_owned())
        })
    }
}

/// Somebody who may work with a WABA.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct AssignedUser {
    /// Their id.
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    /// Their name.
    #[serde(deserialize_with = "lenient::text")]
    pub name: Option<String>,
}

#[derive(Deserialize)]
struct Users {
    #[serde(deserialize_with = "lenient::list")]
    data: Vec<AssignedUser>,
}

#[derive(Serialize)]
struct Override<'a> {
    override_callback_uri: &'a str,
    verify_token: &'a str,
}

impl GraphClient {
    /// What Meta says about a WABA.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn waba(&self, token: &SecretString, waba_id: &str) -> Result<Waba, GraphCallError> {
        let id = segment(waba_id).map_err(GraphCallError::NotAllowed)?;
        self.get(token, id, &[("fields", FIELDS)]).await
    }

    /// What pays for a WABA; none: nothing does.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn primary_funding(
        &self,
        token: &SecretString,
        waba_id: &str,
    ) -> Result<Option<String>, GraphCallError> {
        let id = segment(waba_id).map_err(GraphCallError::NotAllowed)?;
        let waba: Waba = self
            .get(token, id, &[("fields", "primary_funding_id")])
            .await?;
        Ok(waba.primary_funding_id)
    }

    /// Subscribes the token's app to a WABA's webhooks at an address of its own. Meta calls the address before it
    /// answers (page "webhooks/override").
    ///
    /// # Errors
    /// See [`GraphCallError`]; 100/2200 when the address does not answer as it should.
    pub async fn subscribe_app_at(
        &self,
        token: &SecretString,
        waba_id: &str,
        address: &str,
        verify_token: &str,
    ) -> Result<(), GraphCallError> {
        let id = segment(waba_id).map_err(GraphCallError::NotAllowed)?;
        let body = Override {
            override_callback_uri: address,
            verify_token,
        };
        let request = self
            .request(
                Method::POST,
                &self.url(&format!("{id}/subscribed_apps")),
                token,
            )
            .map_err(GraphCallError::NotAllowed)?;
        success(call(request.json(&body)).await?)
    }

    /// Ends the webhooks of a WABA for the token's app.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn unsubscribe_app(
        &self,
        token: &SecretString,
        waba_id: &str,
    ) -> Result<(), GraphCallError> {
        let id = segment(waba_id).map_err(GraphCallError::NotAllowed)?;
        let url = self.url(&format!("{id}/subscribed_apps"));
        let request = self
            .request(Method::DELETE, &url, token)
            .map_err(GraphCallError::NotAllowed)?;
        success(call(request).await?)
    }

    /// Who of a portfolio may work with a WABA.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn assigned_users(
        &self,
        token: &SecretString,
        waba_id: &str,
        business_id: &str,
    ) -> Result<Vec<AssignedUser>, GraphCallError> {
        let id = segment(waba_id).map_err(GraphCallError::NotAllowed)?;
        let path = format!("{id}/assigned_users");
        let query = [("business", business_id), ("limit", "100")];
        let answer: Users = self.get(token, &path, &query).await?;
        Ok(answer.data)
    }

    /// Lets a user (the partner's system user) manage a WABA.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn assign_user(
        &self,
        token: &SecretString,
        waba_id: &str,
        user_id: &str,
    ) -> Result<(), GraphCallError> {
        let id = segment(waba_id).map_err(GraphCallError::NotAllowed)?;
        let url = self.url(&format!("{id}/assigned_users"));
        let request = self
            .request(Method::POST, &url, token)
            .map_err(GraphCallError::NotAllowed)?
            .query(&[("user", user_id), ("tasks", "['MANAGE']")]);
        success(call(request).await?)
    }
}
