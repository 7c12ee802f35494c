//! Where Meta posts the messages of a single account or number, when that is not the platform's own address.

use meta::graph::{GraphCallError, check_address};
use serde_json::json;
use store::audit::{self, Act, Target, Who};
use store::{numbers, vitals, wabas};

use crate::Engine;

/// Whose messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    /// All of an account's.
    Waba(String),
    /// One number's.
    Number(String),
}

/// Why an address was not set.
#[derive(Debug, thiserror::Error)]
pub enum CallbackError {
    /// It is not one that Meta may be given.
    #[error("{0}")]
    Address(&'static str),
    /// There is no such account or number here.
    #[error("there is no such account or number here")]
    Unknown,
    /// There is no token for it.
    #[error("the platform holds no access token for this account; connect it first")]
    NoToken,
    /// Meta refused, mostly because the address did not answer its question.
    #[error(transparent)]
    Meta(#[from] GraphCallError),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] store::DbError),
}

/// Sets where messages are posted, with the token that the address is asked for; none takes it back.
///
/// # Errors
/// [`CallbackError`]; then nothing is changed here, and mostly not at Meta either.
pub async fn set(
    engine: &Engine,
    of: &Of,
    address: Option<(&str, &str)>,
    who: &Who,
) -> Result<(), CallbackError> {
    let base = engine.graph.base_url();
    let local = base.contains("//127.0.0.1") || base.contains("//localhost");
    if let Some((url, _)) = address {
        check_address(url, local).map_err(CallbackError::Address)?;
    }
    let waba_id = match of {
        Of::Waba(id) => id.clone(),
        Of::Number(id) => {
            let number = numbers::any_tenant_get(&engine.db, id).await?;
            number.ok_or(CallbackError::Unknown)?.waba_id
        }
    };
    let accounts = vitals::any_tenant_accounts(&engine.db).await?;
    if !accounts.iter().any(|account| account.waba_id == waba_id) {
        return Err(CallbackError::Unknown);
    }
    let token = wabas::any_tenant_token(&engine.db, &engine.sealer, &waba_id)
        .await?
        .ok_or(CallbackError::NoToken)?;
    let graph = &engine.graph;
    match (of, address) {
        (Of::Waba(id), Some((url, verify))) => {
            graph.subscribe_app_at(&token, id, url, verify).await?;
        }
        (Of::Waba(id), None) => graph.subscribe_app(&token, id).await?,
        (Of::Number(id), Some((url, verify))) => {
            graph.set_number_callback(&token, id, url, verify).await?;
        }
        (Of::Number(id), None) => graph.set_number_callback(&token, id, "", "").await?,
    }
    let url = address.map(|(url, _)| url);
    let (kind, id) = match of {
        Of::Waba(id) => ("waba", id),
        Of::Number(id) => ("phone_number", id),
    };
    let mut tx = engine.db.begin().await?;
    let before = match of {
        Of::Waba(id) => vitals::any_tenant_set_waba_callback(&mut tx, id, url).await?,
        Of::Number(id) => vitals::any_tenant_set_number_callback(&mut tx, id, url).await?,
    };
    let act = Act {
        tenant: None,
        action: "callback.set",
        target: Target {
            kind,
            id: Some(id.clone()),
            name: None,
        },
        before: Some(json!({ "url": before })),
        after: Some(json!({ "url": url })),
    };
    audit::append(&mut tx, who, act, engine.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}
