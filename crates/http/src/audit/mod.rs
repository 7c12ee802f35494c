//! The audit log: a tenant's own (`/api/v1/audit`) and the platform's over all (`/api/v1/admin/audit`), as pages
//! and as a file.

pub(crate) mod admin;
mod export;
pub(crate) mod tenant;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::{TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::audit::Entry;
use store::audit::reading::{self, Filter};
use store::page::Page;
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::problem::{Problem, Result};

/// Which rows are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Narrow {
    /// The action begins so: `tenant.` or `tenant.update`.
    action: Option<String>,
    /// Who: an id, a kind (`user`, `api_key`, `system`), or a part of the name.
    actor: Option<String>,
    /// To what: an id, a kind such as `tenant`, or a part of the name.
    target: Option<String>,
    /// Not before this time.
    from: Option<String>,
    /// Not after this time.
    to: Option<String>,
}

impl Narrow {
    fn filter(&self) -> Result<Filter> {
        let word = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        Ok(Filter {
            action: word(&self.action),
            actor: word(&self.actor),
            target: word(&self.target),
            from: time("from", self.from.as_deref())?,
            to: time("to", self.to.as_deref())?,
        })
    }
}

fn time(field: &str, text: Option<&str>) -> Result<Option<Timestamp>> {
    text.filter(|text| !text.is_empty())
        .map(|text| {
            Timestamp::parse(text).ok_or_else(|| {
                Problem::invalid(field, "must be a time such as 2027-01-31T00:00:00Z")
            })
        })
        .transpose()
}

/// Whose log is read.
#[derive(Debug, Clone, Copy)]
enum Whose {
    Tenant(TenantId),
    Everybody,
}

impl Whose {
    async fn page(self, app: &App, filter: &Filter, page: Page<i64>) -> Result<Vec<Entry>> {
        let db = &app.engine.db;
        Ok(match self {
            Self::Tenant(tenant) => reading::list(db, tenant, filter, page).await?,
            Self::Everybody => reading::any_tenant_list(db, filter, page).await?,
        })
    }
}

/// An act.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditView {
    /// Its place in the chain.
    seq: i64,
    /// When.
    at: String,
    /// Who.
    actor: ActorView,
    /// What was done.
    #[schema(example = "tenant.update")]
    action: String,
    /// To what.
    target: TargetView,
    /// The tenant that it concerns; null for the platform's own.
    tenant_id: Option<String>,
    /// What was there before; secrets are never in it.
    #[schema(value_type = Option<Object>)]
    before: Option<Value>,
    /// What was there afterwards; secrets are never in it.
    #[schema(value_type = Option<Object>)]
    after: Option<Value>,
    /// From where.
    ip: Option<String>,
    /// With what.
    user_agent: Option<String>,
    /// SHA-256 over the hash before and this row, in hex.
    hash: String,
}

/// Who acted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActorView {
    /// `user`, `api_key`, `system`.
    kind: String,
    /// Their id; null for the system.
    id: Option<String>,
    /// Their name at that time.
    name: String,
}

/// What was acted on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TargetView {
    /// Such as `tenant`.
    kind: String,
    /// Its id.
    id: Option<String>,
    /// Its name at that time.
    name: Option<String>,
}

impl From<Entry> for AuditView {
    fn from(row: Entry) -> Self {
        let json = |text: Option<String>| {
            text.map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text)))
        };
        Self {
            seq: row.seq,
            at: Timestamp(row.at).rfc3339(),
            actor: ActorView {
                kind: row.actor_kind,
                id: row.actor_id,
                name: row.actor_name,
            },
            action: row.action,
            target: TargetView {
                kind: row.target_kind,
                id: row.target_id,
                name: row.target_name,
            },
            tenant_id: row.tenant_id.map(|id| TenantId(id).to_string()),
            before: json(row.before),
            after: json(row.after),
            ip: row.ip,
            user_agent: row.user_agent,
            hash: hex::encode(row.hash),
        }
    }
}

/// A query as axum gives it to handlers that answer for its mistakes themselves.
type Asked<T> = std::result::Result<Query<T>, QueryRejection>;
/// The state, short.
type TheApp = State<App>;
