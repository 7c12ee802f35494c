//! By which number and with which token Meta is asked on a tenant's behalf.

use domain::TenantId;
use meta::graph::GraphCallError;
use secrecy::SecretString;
use store::numbers::{self, PhoneNumber};
use store::tenants::Tenant;
use store::{tenants, wabas};

use crate::Engine;

/// A number and the token of its WABA.
#[derive(Debug)]
pub struct Access {
    /// The number.
    pub number: PhoneNumber,
    /// Opens calls about it.
    pub token: SecretString,
}

impl Access {
    /// What Meta answered; a token that it does not take is looked at now.
    pub(crate) fn heeded<T>(
        &self,
        engine: &Engine,
        answer: Result<T, GraphCallError>,
    ) -> Result<T, GraphCallError> {
        let waba_id = &self.number.waba_id;
        answer.inspect_err(|error| crate::health::tokens::heed(engine, waba_id, error))
    }
}

/// Why Meta could not be asked, or what it answered instead.
#[derive(Debug, thiserror::Error)]
pub enum Unreached {
    /// The tenant has no number.
    #[error("no WhatsApp number is assigned to this business; ask the platform's support for one")]
    NoNumber,
    /// The platform holds no token for the number's WABA.
    #[error("the platform has no access to the WhatsApp account of this number")]
    NoToken,
    /// Meta refused or did not answer.
    #[error(transparent)]
    Meta(#[from] GraphCallError),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] store::DbError),
}

/// The number that a tenant sends from when it names none: its own, else the platform's fallback where that is
/// allowed.
///
/// # Errors
/// When the database cannot be reached.
pub async fn number_of(engine: &Engine, tenant: &Tenant) -> store::Result<Option<PhoneNumber>> {
    let own = numbers::of_tenant(&engine.db, tenant.id).await?;
    match own.into_iter().next() {
        None if tenant.fallback_allowed => numbers::any_tenant_fallback(&engine.db).await,
        own => Ok(own),
    }
}

/// The way to Meta for a tenant.
pub(crate) async fn of_tenant(engine: &Engine, tenant: TenantId) -> Result<Access, Unreached> {
    let tenant = tenants::get(&engine.db, tenant)
        .await?
        .ok_or(Unreached::NoNumber)?;
    let number = number_of(engine, &tenant)
        .await?
        .ok_or(Unreached::NoNumber)?;
    with_token(engine, number).await
}

/// The way to Meta for what came or left by a number, whoever has it now.
pub(crate) async fn of_number(engine: &Engine, number: &str) -> Result<Access, Unreached> {
    let number = numbers::any_tenant_get(&engine.db, number)
        .await?
        .ok_or(Unreached::NoNumber)?;
    with_token(engine, number).await
}

async fn with_token(engine: &Engine, number: PhoneNumber) -> Result<Access, Unreached> {
    let token = wabas::any_tenant_token(&engine.db, &engine.sealer, &number.waba_id)
        .await?
        .ok_or(Unreached::NoToken)?;
    Ok(Access { number, token })
}
