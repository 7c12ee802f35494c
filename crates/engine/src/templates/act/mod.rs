//! What people do with templates. Every act is checked here first, asked of Meta, and then written down with who did it.

mod alike;
mod create;
mod delete;
mod edit;
mod release;

pub use alike::alike;
pub use create::{Wanted, create, duplicate, submit};
pub use delete::{Extent, delete};
pub use edit::{Patch, edit, unpause};
pub use release::{Decision, release};

use std::time::Duration;

use domain::template::{Definition, Problem};
use domain::{TemplateId, TenantId, Timestamp};
use meta::graph::{GraphCallError, GraphError};
use secrecy::SecretString;
use serde_json::{Value, json};
use store::audit::{Act, Target};
use store::templates::{self, DRAFT, Template, history};
use store::{tenants, wabas};

use crate::Engine;
use crate::shared_account::{Unreached, number_of};

/// Meta lets an approved template be edited so often within a day, and within thirty.
const EDITS: [(Duration, usize); 2] = [
    (Duration::from_secs(24 * 3_600), 1),
    (Duration::from_secs(30 * 24 * 3_600), 10),
];
/// Templates that Meta lets an account make within an hour.
const CREATIONS: usize = 100;
const HOUR: Duration = Duration::from_secs(3_600);
/// How long the name of a deleted template is locked.
const LOCKED: Duration = Duration::from_secs(30 * 24 * 3_600);

/// For whom something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// One of the tenants.
    Tenant(TenantId),
    /// The platform, whose accounts several tenants share.
    Platform,
}

impl Side {
    const fn tenant(self) -> Option<TenantId> {
        match self {
            Self::Tenant(tenant) => Some(tenant),
            Self::Platform => None,
        }
    }
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// There is no such template for this tenant.
    #[error("there is no such template")]
    NotFound,
    /// Meta would refuse it.
    #[error("WhatsApp would refuse the template as it is")]
    Invalid(Vec<Problem>),
    /// Something stands against it: a stable word, and what to do.
    #[error("{1}")]
    Conflict(&'static str, String),
    /// Not now.
    #[error("{0}")]
    Wait(String, Timestamp),
    /// Meta refused.
    #[error(transparent)]
    Meta(Box<GraphError>),
    /// Meta could not be asked, or nobody knows what it did.
    #[error("{0}")]
    Unreached(String),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] store::DbError),
}

impl From<Unreached> for ActError {
    fn from(error: Unreached) -> Self {
        match error {
            Unreached::Store(error) => Self::Store(error),
            Unreached::Meta(GraphCallError::Refused(error)) => Self::Meta(error),
            Unreached::NoNumber => Self::Conflict("no_number", error.to_string()),
            other => Self::Unreached(other.to_string()),
        }
    }
}

/// Whether a template can be changed by a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Editable {
    /// Now.
    pub can: bool,
    /// Why not: `platform`, `account`, `status`, `deleted`, `too_often`.
    pub why: Option<&'static str>,
    /// When it can be.
    pub next_at: Option<Timestamp>,
}

/// Whose a template is, to a tenant that sees it: `tenant`, `platform`, `account`.
pub fn owner_of(row: &Template, tenant: TenantId, account: Option<TenantId>) -> &'static str {
    if row.global_id.is_some() {
        "platform"
    } else if row.owner_tenant.map(TenantId).or(account) == Some(tenant) {
        "tenant"
    } else {
        "account"
    }
}

/// Who owns an account.
///
/// # Errors
/// When the database refuses.
pub async fn account_owner(engine: &Engine, waba_id: &str) -> store::Result<Option<TenantId>> {
    let all = wabas::any_tenant_list(&engine.db).await?;
    let found = all.into_iter().find(|waba| waba.waba_id == waba_id);
    Ok(found.and_then(|waba| waba.tenant_id).map(TenantId))
}

/// Whether a template can be changed, as far as its state tells.
pub fn editable_by_state(row: &Template, owner: &'static str) -> Editable {
    let why = if row.deleted_at.is_some() {
        Some("deleted")
    } else if owner != "tenant" {
        Some(owner)
    } else if !matches!(
        row.status.as_str(),
        DRAFT | "REJECTED" | "PAUSED" | "APPROVED"
    ) {
        Some("status")
    } else {
        None
    };
    Editable {
        can: why.is_none(),
        why,
        next_at: None,
    }
}

/// Whether a tenant can change a template now, and when it can again.
///
/// # Errors
/// When the database refuses.
pub async fn editable(
    engine: &Engine,
    row: &Template,
    owner: &'static str,
) -> store::Result<Editable> {
    let mut found = editable_by_state(row, owner);
    if !found.can || row.status != "APPROVED" {
        return Ok(found);
    }
    let now = engine.clock.now();
    for (time, most) in EDITS {
        let since = now.minus(time);
        let edits = history::any_tenant_since(&engine.db, row.id, "edited", since).await?;
        if edits.len() >= most {
            let free = edits[edits.len() - most].plus(time);
            found.can = false;
            found.why = Some("too_often");
            found.next_at = found.next_at.max(Some(free));
        }
    }
    Ok(found)
}

/// What a tenant's own template on a shared account ends with.
pub(crate) fn suffix(tenant: TenantId) -> String {
    let hex = tenant.hex();
    // The first digits of an id are the time: whoever came in the same minute has them too.
    format!("_{}", &hex[hex.len() - 8..])
}

/// The account on which a tenant makes templates: the one named, where it is the tenant's to use, else that of its
/// number. With its token.
pub(crate) async fn access_of(
    engine: &Engine,
    tenant: TenantId,
    named: Option<&str>,
) -> Result<(String, SecretString), Unreached> {
    let waba_id = match named {
        Some(named) => {
            let accounts = templates::accounts(&engine.db, tenant).await?;
            let known = accounts.into_iter().find(|known| known == named);
            known.ok_or(Unreached::NoNumber)?
        }
        None => {
            let row = tenants::get(&engine.db, tenant)
                .await?
                .ok_or(Unreached::NoNumber)?;
            match number_of(engine, &row).await? {
                Some(number) => number.waba_id,
                None => templates::accounts(&engine.db, tenant)
                    .await?
                    .into_iter()
                    .next()
                    .ok_or(Unreached::NoNumber)?,
            }
        }
    };
    let token = wabas::any_tenant_token(&engine.db, &engine.sealer, &waba_id).await?;
    Ok((waba_id, token.ok_or(Unreached::NoToken)?))
}

/// The tenant's own template, or why it is not theirs to change.
async fn own(
    engine: &Engine,
    tenant: TenantId,
    id: TemplateId,
) -> Result<(Template, Option<TenantId>), ActError> {
    let row = templates::get(&engine.db, tenant, id).await?;
    let row = row
        .filter(|row| row.deleted_at.is_none())
        .ok_or(ActError::NotFound)?;
    let account = account_owner(engine, &row.waba_id).await?;
    match owner_of(&row, tenant, account) {
        "tenant" => Ok((row, account)),
        "platform" => Err(ActError::Conflict(
            "not_yours",
            "this template is the platform's and the same for everybody: the platform decides about it; make a copy of it to write your own".to_owned(),
        )),
        _ => Err(ActError::Conflict(
            "not_yours",
            "this template belongs to the account that several businesses share: the platform decides about it; make a copy of it to write your own".to_owned(),
        )),
    }
}

/// A template about whose sending this side decides: a tenant about its own and about all on its own account, where
/// nobody else's messages wait; the platform about what several tenants send.
async fn decides(engine: &Engine, side: Side, id: TemplateId) -> Result<Template, ActError> {
    let there = |row: Option<Template>| {
        row.filter(|row| row.deleted_at.is_none())
            .ok_or(ActError::NotFound)
    };
    let Side::Tenant(tenant) = side else {
        let row = there(templates::any_tenant_get(&engine.db, id).await?)?;
        let account = account_owner(engine, &row.waba_id).await?;
        if row.owner_tenant.is_none() && account.is_none() {
            return Ok(row);
        }
        return Err(ActError::Conflict(
            "not_yours",
            "only one tenant sends with this template, and decides about it on its own page"
                .to_owned(),
        ));
    };
    let row = there(templates::get(&engine.db, tenant, id).await?)?;
    if account_owner(engine, &row.waba_id).await? == Some(tenant) {
        return Ok(row);
    }
    Ok(own(engine, tenant, id).await?.0)
}

/// A row as a definition that can be checked.
pub fn definition(row: &Template) -> Definition {
    Definition {
        name: row.name.clone(),
        language: row.language.clone(),
        category: row.category.clone(),
        parameter_format: Some(row.parameter_format.clone()),
        components: serde_json::from_str(&row.components).unwrap_or(Value::Null),
        ttl_seconds: row.ttl_seconds,
    }
}

fn shown(row: &Template) -> Value {
    json!({
        "name": row.name,
        "language": row.language,
        "category": row.category,
        "status": row.status,
        "components": serde_json::from_str::<Value>(&row.components).unwrap_or_default(),
        "message_send_ttl_seconds": row.ttl_seconds,
    })
}

fn act<'a>(
    tenant: impl Into<Option<TenantId>>,
    action: &'static str,
    row: &'a Template,
    (before, after): (Option<Value>, Option<Value>),
) -> Act<'a> {
    Act {
        tenant: tenant.into(),
        action,
        target: Target {
            kind: "template",
            id: Some(row.id.to_string()),
            name: Some(&row.name),
        },
        before,
        after,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_that_came_in_the_same_minute_have_suffixes_of_their_own() {
        let at = Timestamp::from_seconds(1_764_500_000);
        let suffixes: std::collections::HashSet<_> =
            (0..1_000).map(|_| suffix(TenantId::new(at))).collect();
        assert_eq!(suffixes.len(), 1_000);
    }
}
