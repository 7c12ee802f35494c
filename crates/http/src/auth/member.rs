//! Extractors that ask for a scope.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::access::{Role, Scopes};
use domain::{Sight, TenantId};

use super::caller::{Caller, Identity, Known};
use super::rights::Right;
use crate::App;
use crate::problem::{Problem, Result};

/// The request may do `R` in this tenant.
pub(crate) struct Member<R> {
    /// The tenant.
    pub(crate) tenant: TenantId,
    /// Who asks.
    pub(crate) caller: Caller,
    /// All that they may do here.
    pub(crate) scopes: Scopes,
    /// Which conversations are there for them.
    pub(crate) sight: Sight,
    right: PhantomData<R>,
}

/// The request may do `R` to the platform.
pub(crate) struct Platform<R> {
    /// Who asks.
    pub(crate) caller: Caller,
    right: PhantomData<R>,
}

/// The request comes from a signed-in person, whatever they may do.
pub(crate) struct SignedIn {
    /// Who.
    pub(crate) known: Known,
    /// From where.
    pub(crate) caller: Caller,
}

impl<R> Member<R> {
    /// Whether they may decide about somebody of this role: nobody makes more of others, or takes more away,
    /// than they have themselves.
    pub(crate) fn above(&self, role: Role) -> Result<()> {
        if role.scopes().within(self.scopes) {
            return Ok(());
        }
        Err(Problem::forbidden(&format!(
            "this is about an {role}; it takes every scope that an {role} has"
        )))
    }
}

impl<R> Platform<R> {
    /// Whether they have every right of the platform: whoever lets others in could let themselves in.
    pub(crate) fn all(&self) -> Result<()> {
        if Scopes::of_platform().within(self.caller.platform_scopes()) {
            return Ok(());
        }
        Err(Problem::forbidden("this takes every scope of the platform"))
    }
}

impl<R: Right> FromRequestParts<App> for Member<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let caller = Caller::from_request_parts(parts, app).await?;
        let (tenant, scopes, sight) = match &caller.identity {
            Identity::Key(key) => {
                let tenant = key.tenant.ok_or_else(|| {
                    Problem::forbidden("this belongs to a tenant; use one of the tenant's API keys")
                })?;
                (tenant, key.scopes, Sight::All)
            }
            Identity::Person(known) => tenant_of(parts, known)?,
        };
        if !scopes.has(R::SCOPE) {
            return Err(Problem::lacks(R::SCOPE));
        }
        Ok(Self {
            tenant,
            caller,
            scopes,
            sight,
            right: PhantomData,
        })
    }
}

/// The tenant that a person's request is about: the one that it names, or the only one they have.
fn tenant_of(parts: &Parts, known: &Known) -> Result<(TenantId, Scopes, Sight)> {
    let header = parts.headers.get("trunkline-tenant");
    // An EventSource and a link cannot send headers.
    let query = parts.uri.query().unwrap_or_default().split('&');
    let named = match header {
        Some(value) => value.to_str().ok(),
        None => query.filter_map(|pair| pair.strip_prefix("tenant=")).next(),
    };
    let tenant = match (named, known.memberships.as_slice()) {
        (Some(id), _) => id.parse().map_err(|_| Problem::not_found("tenant"))?,
        (None, [only]) => only.tenant_id,
        (None, []) => {
            return Err(Problem::forbidden(
                "you do not belong to a tenant; an owner can invite you",
            ));
        }
        (None, _) => {
            return Err(Problem::invalid(
                "Trunkline-Tenant",
                "must say which of your tenants is meant",
            ));
        }
    };
    let standing = known.scopes_in(tenant).zip(known.sight_in(tenant));
    let (scopes, sight) = standing.ok_or_else(|| {
        if known.memberships.is_empty() {
            Problem::forbidden("you do not belong to a tenant; an owner can invite you")
        } else {
            Problem::not_found("tenant")
        }
    })?;
    Ok((tenant, scopes, sight))
}

impl<R: Right> FromRequestParts<App> for Platform<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let caller = Caller::from_request_parts(parts, app).await?;
        if caller.has_platform(R::SCOPE) {
            return Ok(Self {
                caller,
                right: PhantomData,
            });
        }
        let of_platform = match &caller.identity {
            Identity::Key(key) => key.tenant.is_none(),
            Identity::Person(known) => known.session.platform_admin,
        };
        Err(if of_platform {
            Problem::lacks(R::SCOPE)
        } else {
            Problem::forbidden("this is for the platform's administration")
        })
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let caller = Caller::from_request_parts(parts, app).await?;
        match &caller.identity {
            Identity::Person(known) => Ok(Self {
                known: known.clone(),
                caller,
            }),
            Identity::Key(_) => Err(Problem::forbidden(
                "this is about a signed-in person; an API key is none",
            )),
        }
    }
}
