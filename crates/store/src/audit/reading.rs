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

/// A statement whose conditions on names are written as `$actor` and `$target` say.
macro_rules! of_tenant {
    ($actor:literal, $target:literal) => {
        concat!(
            "SELECT seq, at, tenant_id, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name, before, after, ip, user_agent, hash \
             FROM audit_log WHERE tenant_id = $1 AND seq < $2 AND at >= $3 AND at <= $4 \
             AND (CAST($5 AS TEXT) IS NULL OR substr(action, 1, length($5)) = $5) \
             AND (CAST($6 AS TEXT) IS NULL OR actor_id = $6 OR actor_kind = $6 OR ", $actor, ") \
             AND (CAST($8 AS TEXT) IS NULL OR target_id = $8 OR target_kind = $8 OR ", $target, ") \
             ORDER BY seq DESC LIMIT $10"
        )
    };
}

/// The same over all tenants.
macro_rules! of_any_tenant {
    ($actor:literal, $target:literal) => {
        concat!(
            "SELECT seq, at, tenant_id, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name, before, after, ip, user_agent, hash \
             FROM audit_log WHERE seq < $1 AND at >= $2 AND at <= $3 \
             AND (CAST($4 AS TEXT) IS NULL OR substr(action, 1, length($4)) = $4) \
             AND (CAST($5 AS TEXT) IS NULL OR actor_id = $5 OR actor_kind = $5 OR ", $actor, ") \
             AND (CAST($7 AS TEXT) IS NULL OR target_id = $7 OR target_kind = $7 OR ", $target, ") \
             ORDER BY seq DESC LIMIT $9"
        )
    };
}

statements! {
    // SQLite's lower() and LIKE know capitals of ASCII only, so its pattern is a GLOB with a class for each letter.
    // PostgreSQL's ILIKE knows what the collation knows: that of the database may be C, ICU's root knows all.
    OF_TENANT = Sql::Each {
        sqlite: of_tenant!("actor_name GLOB $7", "target_name GLOB $9"),
        postgres: of_tenant!(r#"actor_name COLLATE "und-x-icu" ILIKE $7"#, r#"target_name COLLATE "und-x-icu" ILIKE $9"#),
    };
    OF_ANY_TENANT = Sql::Each {
        sqlite: of_any_tenant!("actor_name GLOB $6", "target_name GLOB $8"),
        postgres: of_any_tenant!(r#"actor_name COLLATE "und-x-icu" ILIKE $6"#, r#"target_name COLLATE "und-x-icu" ILIKE $8"#),
    };
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
        filter.actor.as_deref().map(|text| anywhere(db, text)),
        filter.target.clone(),
        filter.target.as_deref().map(|text| anywhere(db, text)),
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
        filter.actor.as_deref().map(|text| anywhere(db, text)),
        filter.target.clone(),
        filter.target.as_deref().map(|text| anywhere(db, text)),
        page.limit,
    ];
    db.all(OF_ANY_TENANT, args).await
}

/// A pattern that finds the text anywhere, whatever it holds and however it is written, in the language of the
/// database.
fn anywhere(db: &Db, text: &str) -> String {
    if db.is_postgres() {
        like(text)
    } else {
        glob(text)
    }
}

fn like(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

fn glob(text: &str) -> String {
    let mut pattern = String::from("*");
    for letter in text.chars() {
        match (one(letter.to_lowercase()), one(letter.to_uppercase())) {
            (Some(lower), Some(upper)) if lower != upper => {
                pattern.extend(['[', lower, upper, ']']);
            }
            _ if matches!(letter, '*' | '?' | '[') => pattern.extend(['[', letter, ']']),
            _ => pattern.push(letter),
        }
    }
    pattern.push('*');
    pattern
}

/// The letter, where a change of case gives exactly one.
fn one(mut letters: impl Iterator<Item = char>) -> Option<char> {
    let first = letters.next()?;
    letters.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_special_in_a_pattern_is_looked_for_as_it_stands() {
        assert_eq!(like(r"50%_\ñ"), r"%50\%\_\\ñ%");
        assert_eq!(glob("ñ*?[]ß7"), "*[ñÑ][*][?][[]]ß7*");
    }
}
