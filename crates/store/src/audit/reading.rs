//! The audit log for people who look something up: newest first, narrowed by who, what and when.

use domain::{TenantId, Timestamp};

use super::Entry;
use crate::db::{Db, Result, Sql, args, statements};
use crate::page::Page;

/// Which rows are wanted; what is not given does not narrow.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The action begins so: `tenant.` or `tenant.update`.
    pub action: Option<String>,
    /// Who: an id, a kind (`user`, `api_key`, `system`), or a part of the name.
    pub actor: Option<String>,
    /// To what: an id, a kind (`tenant`), or a part of the name.
    pub target: Option<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Not after.
    pub to: Option<Timestamp>,
}

statements! {
    OF_TENANT = Sql::Both("SELECT seq, at, tenant_id, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name, before, after, ip, user_agent, hash \
        FROM audit_log WHERE tenant_id = $1 AND seq < $2 AND at >= $3 AND at <= $4 \
        AND (CAST($5 AS TEXT) IS NULL OR substr(action, 1, length($5)) = $5) \
        AND (CAST($6 AS TEXT) IS NULL OR actor_id = $6 OR actor_kind = $6 OR lower(actor_name) LIKE $7 ESCAPE '\\') \
        AND (CAST($8 AS TEXT) IS NULL OR target_id = $8 OR target_kind = $8 OR lower(target_name) LIKE $9 ESCAPE '\\') \
        ORDER BY seq DESC LIMIT $10");
    OF_ANY_TENANT = Sql::Both("SELECT seq, at, tenant_id, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name, before, after, ip, user_agent, hash \
        FROM audit_log WHERE seq < $1 AND at >= $2 AND at <= $3 \
        AND (CAST($4 AS TEXT) IS NULL OR substr(action, 1, length($4)) = $4) \
        AND (CAST($5 AS TEXT) IS NULL OR actor_id = $5 OR actor_kind = $5 OR lower(actor_name) LIKE $6 ESCAPE '\\') \
        AND (CAST($7 AS TEXT) IS NULL OR target_id = $7 OR target_kind = $7 OR lower(target_name) LIKE $8 ESCAPE '\\') \
        ORDER BY seq DESC LIMIT $9");
}

/// What a tenant's administration did, newest first; pages by `seq`.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    db: &Db,
    tenant: TenantId,
    filter: &Filter,
    page: Page<i64>,
) -> Result<Vec<Entry>> {
    let args = args![
        tenant,
        page.after.unwrap_or(i64::MAX),
        filter.from.map_or(i64::MIN, Timestamp::micros),
        filter.to.map_or(i64::MAX, Timestamp::micros),
        filter.action.clone(),
        filter.actor.clone(),
        filter.actor.as_deref().map(anywhere),
        filter.target.clone(),
        filter.target.as_deref().map(anywhere),
        page.limit,
    ];
    db.all(OF_TENANT, args).await
}

/// The same over the platform and all tenants.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_list(db: &Db, filter: &Filter, page: Page<i64>) -> Result<Vec<Entry>> {
    let args = args![
        page.after.unwrap_or(i64::MAX),
        filter.from.map_or(i64::MIN, Timestamp::micros),
        filter.to.map_or(i64::MAX, Timestamp::micros),
        filter.action.clone(),
        filter.actor.clone(),
        filter.actor.as_deref().map(anywhere),
        filter.target.clone(),
        filter.target.as_deref().map(anywhere),
        page.limit,
    ];
    db.all(OF_ANY_TENANT, args).await
}

/// A pattern that finds the text anywhere, whatever it holds.
fn anywhere(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}
