//! `/api/v1/api-keys`: the tenant's own keys. The platform's (`admin::api_keys`) and those that the
//! platform makes for a tenant (`admin::tenants::keys`) are made, listed and revoked by the same functions.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;

use axum::http::StatusCode;
use domain::access::{Scope, Scopes};
use domain::{ApiKeyId, TenantId, Timestamp};
use engine::keys;
use serde::{Deserialize, Serialize};
use store::api_keys;
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::paging::List;
use crate::problem::{Problem, Result};

/// A key to make.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NewApiKey {
    /// What it is for, at most 200 characters.
    name: Option<String>,
    /// What it may do; everything that its maker may do when not given.
    scopes: Option<Vec<String>>,
    /// When it ends by itself; never when not given.
    expires_at: Option<String>,
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedApiKey {
    /// Its id.
    id: String,
    /// The visible beginning.
    prefix: String,
    /// The whole key. It is shown this once and not kept.
    api_key: String,
}

/// A key as it stands in lists.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiKeyView {
    /// Its id.
    id: String,
    /// What it is for.
    name: String,
    /// The visible beginning.
    prefix: String,
    /// What it may do.
    scopes: Vec<String>,
    /// When it ends by itself.
    expires_at: Option<String>,
    /// When it was made.
    created_at: String,
    /// The user who made it (`usr_…`).
    created_by: Option<String>,
    /// When it was last used, to the minute.
    last_used_at: Option<String>,
}

impl From<api_keys::ApiKey> for ApiKeyView {
    fn from(row: api_keys::ApiKey) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            prefix: row.prefix,
            scopes: Scopes::read(&row.scopes)
                .iter()
                .map(|scope| scope.to_string())
                .collect(),
            expires_at: row.expires_at.map(|at| Timestamp(at).rfc3339()),
            created_at: Timestamp(row.created_at).rfc3339(),
            created_by: row.created_by.map(|id| domain::UserId(id).to_string()),
            last_used_at: row.last_used_at.map(|at| Timestamp(at).rfc3339()),
        }
    }
}

/// Makes a key for a tenant or the platform; it may do at most what `allowed` holds.
pub(crate) async fn make(
    app: &App,
    tenant: Option<TenantId>,
    wanted: NewApiKey,
    allowed: Scopes,
    caller: &Caller,
) -> Result<CreatedApiKey> {
    let now = app.engine.clock.now();
    let name = wanted.name.unwrap_or_else(|| "API".to_owned());
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(Problem::invalid("name", "must have 1 to 200 characters"));
    }
    let wanted = keys::Wanted {
        tenant,
        name,
        scopes: match wanted.scopes {
            None => allowed,
            Some(words) => scopes(&words, allowed)?,
        },
        expires_at: wanted
            .expires_at
            .as_deref()
            .map(|text| end(text, now))
            .transpose()?,
        created_by: caller.user().map(|user| user.user_id),
    };
    // A key is never worth more than the one that made it, nor longer.
    let wanted = keys::Wanted {
        expires_at: match (wanted.expires_at, caller.ends_at()) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        },
        ..wanted
    };
    let mut tx = app.engine.db.begin().await?;
    let key = keys::make(&mut tx, &wanted, &caller.who(), now).await?;
    tx.commit().await?;
    Ok(CreatedApiKey {
        id: key.id.to_string(),
        prefix: key.prefix,
        api_key: key.secret,
    })
}

fn scopes(words: &[String], allowed: Scopes) -> Result<Scopes> {
    let mut scopes = Vec::new();
    for word in words {
        let scope: Scope = word.parse().map_err(|_| {
            let known: Vec<_> = allowed.iter().map(Scope::as_str).collect();
            let known = known.join(", ");
            Problem::invalid("scopes", format!("{word:?} is no scope; there are {known}"))
        })?;
        if !allowed.has(scope) {
            return Err(Problem::invalid(
                "scopes",
                format!("{scope} cannot be given to this key: its maker does not have it here"),
            ));
        }
        scopes.push(scope);
    }
    if scopes.is_empty() {
        return Err(Problem::invalid("scopes", "must name at least one"));
    }
    Ok(scopes.into_iter().collect())
}

fn end(text: &str, now: Timestamp) -> Result<Timestamp> {
    let at = Timestamp::parse(text).ok_or_else(|| {
        Problem::invalid("expires_at", "must be a time such as 2027-01-31T00:00:00Z")
    })?;
    if at <= now {
        return Err(Problem::invalid("expires_at", "must be in the future"));
    }
    Ok(at)
}

/// The keys of a tenant, or of the platform.
pub(crate) async fn all(app: &App, tenant: Option<TenantId>) -> Result<List<ApiKeyView>> {
    let rows = api_keys::list(&app.engine.db, tenant).await?;
    Ok(List::whole(
        rows.into_iter().map(ApiKeyView::from).collect(),
    ))
}

/// Revokes a key of a tenant, or of the platform.
pub(crate) async fn end_key(
    app: &App,
    tenant: Option<TenantId>,
    id: &str,
    caller: &Caller,
) -> Result<StatusCode> {
    let no_such = || Problem::not_found("API key");
    let id: ApiKeyId = id.parse().map_err(|_| no_such())?;
    let now = app.engine.clock.now();
    if !keys::revoke(&app.engine.db, tenant, id, &caller.who(), now).await? {
        return Err(no_such());
    }
    app.keys.forget(id);
    Ok(StatusCode::NO_CONTENT)
}
