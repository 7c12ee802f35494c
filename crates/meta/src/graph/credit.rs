//! A solution partner's line of credit (page "solution-providers/share-and-revoke-credit-lines").
//!
//! A line is shared with a portfolio, which makes an allocation, and attached to each of its WABAs. It is attached when
//! the WABA's `primary_funding_id` is the allocation's receiving credential.

use reqwest::Method;
use secrecy::SecretString;
use serde::Deserialize;

use super::send::{Success, success};
use super::{GraphCallError, GraphClient, call, segment};
use crate::webhook::lenient;

/// A line of credit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct CreditLine {
    /// Its id.
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    /// Who owes what is spent.
    #[serde(deserialize_with = "lenient::text")]
    pub legal_entity_name: Option<String>,
}

/// How a line of credit reaches a portfolio.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Allocation {
    /// Its id.
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    /// What WABAs of the portfolio are paid by.
    #[serde(deserialize_with = "lenient::part")]
    pub receiving_credential: Option<Credential>,
    /// `DELETED` once it has been revoked.
    #[serde(deserialize_with = "lenient::text")]
    pub request_status: Option<String>,
}

/// What a WABA is paid by.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Credential {
    /// Its id.
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
}

impl Allocation {
    /// Whether it has been revoked.
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        self.request_status.as_deref() == Some("DELETED")
    }

    /// The id of what its WABAs are paid by.
    #[must_use]
    pub fn credential(&self) -> Option<&str> {
        self.receiving_credential
            .as_ref()
            .and_then(|credential| credential.id.as_deref())
    }
}

#[derive(Deserialize)]
struct List<T> {
    data: Vec<T>,
}

#[derive(Deserialize)]
struct Shared {
    #[serde(default, deserialize_with = "lenient::text")]
    allocation_config_id: Option<String>,
}

impl Shared {
    fn allocation(self) -> Result<String, GraphCallError> {
        self.allocation_config_id
            .ok_or(GraphCallError::NotMeta { http_status: 200 })
    }
}

impl GraphClient {
    /// The lines of credit of a portfolio.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn credit_lines(
        &self,
        system: &SecretString,
        business_id: &str,
    ) -> Result<Vec<CreditLine>, GraphCallError> {
        let id = segment(business_id).map_err(GraphCallError::NotAllowed)?;
        let path = format!("{id}/extendedcredits");
        let query = [("fields", "id,legal_entity_name")];
        let list: List<CreditLine> = self.get(system, &path, &query).await?;
        Ok(list.data)
    }

    /// Shares a line with the portfolio of a WABA and attaches it to the WABA, in one call. Gives the allocation.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn share_and_attach_credit(
        &self,
        system: &SecretString,
        line: &str,
        waba_id: &str,
        currency: &str,
    ) -> Result<String, GraphCallError> {
        let query = [("waba_id", waba_id), ("waba_currency", currency)];
        let shared: Shared = self
            .credit(system, line, "whatsapp_credit_sharing_and_attach", &query)
            .await?;
        shared.allocation()
    }

    /// Shares a line with a portfolio: the first of the two newer calls. Gives the allocation.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn share_credit(
        &self,
        system: &SecretString,
        line: &str,
        receiving_business: &str,
    ) -> Result<String, GraphCallError> {
        let query = [("receiving_business_id", receiving_business)];
        let shared: Shared = self
            .credit(system, line, "whatsapp_credit_sharing", &query)
            .await?;
        shared.allocation()
    }

    /// Attaches a line that is shared with its portfolio to a WABA: the second of the two newer calls, with the
    /// customer's business token.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn attach_credit(
        &self,
        business: &SecretString,
        line: &str,
        waba_id: &str,
        currency: &str,
    ) -> Result<(), GraphCallError> {
        let query = [("waba_id", waba_id), ("waba_currency", currency)];
        let done: Success = self
            .credit(business, line, "whatsapp_credit_attach", &query)
            .await?;
        success(done)
    }

    /// The allocations of a line to a portfolio.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn allocations(
        &self,
        system: &SecretString,
        line: &str,
        receiving_business: &str,
    ) -> Result<Vec<Allocation>, GraphCallError> {
        let line = segment(line).map_err(GraphCallError::NotAllowed)?;
        let path = format!("{line}/owning_credit_allocation_configs");
        let query = [
            ("receiving_business_id", receiving_business),
            ("fields", "id,receiving_credential{id},request_status"),
        ];
        let list: List<Allocation> = self.get(system, &path, &query).await?;
        Ok(list.data)
    }

    /// One allocation.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn allocation(
        &self,
        system: &SecretString,
        allocation: &str,
    ) -> Result<Allocation, GraphCallError> {
        let id = segment(allocation).map_err(GraphCallError::NotAllowed)?;
        let query = [("fields", "id,receiving_credential{id},request_status")];
        self.get(system, id, &query).await
    }

    /// Takes a line of credit back from a portfolio, with all its WABAs.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn revoke_allocation(
        &self,
        system: &SecretString,
        allocation: &str,
    ) -> Result<(), GraphCallError> {
        let id = segment(allocation).map_err(GraphCallError::NotAllowed)?;
        let request = self
            .request(Method::DELETE, &self.url(id), system)
            .map_err(GraphCallError::NotAllowed)?;
        success(call(request).await?)
    }

    async fn credit<T: serde::de::DeserializeOwned>(
        &self,
        token: &SecretString,
        line: &str,
        edge: &str,
        query: &[(&str, &str)],
    ) -> Result<T, GraphCallError> {
        let line = segment(line).map_err(GraphCallError::NotAllowed)?;
        let request = self
            .request(Method::POST, &self.url(&format!("{line}/{edge}")), token)
            .map_err(GraphCallError::NotAllowed)?;
        call(request.query(query)).await
    }
}
