//! How many messages a list has, as far as that can be said quickly.

use domain::{Sight, TenantId};
use uuid::Uuid;

use super::Filter;
use super::list::{FLOOR, conversations_of, narrowed, shown};
use crate::db::{Db, Result, Sql, args, batch, statements};
use crate::sight::seen_in;

/// So many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// How many were counted.
    pub count: i64,
    /// Whether these are all.
    pub is_all: bool,
}

/// Rows that are looked at.
const LOOKED_AT: i64 = 100_000;

statements! {
    // Every one, which both databases count in an index alone.
    ALL = Sql::Both("SELECT COUNT(*) FROM messages WHERE tenant_id = $1");
    LISTED = Sql::Both(concat!("SELECT COUNT(*) FROM messages m WHERE m.tenant_id = $1 AND m.id < $2 AND m.id >= $11 AND $5 > 0", narrowed!()));
    IN_BATCH = Sql::Both(concat!("SELECT COUNT(*) FROM messages m WHERE m.tenant_id = $1 AND m.batch = $15 AND m.id < $2 AND m.id >= $11 AND $5 > 0", narrowed!()));
    IN_THREADS = Sql::Each {
        sqlite: concat!("SELECT COUNT(*) FROM messages m WHERE m.conversation_id IN (SELECT unhex(value) FROM json_each($15)) AND +m.tenant_id = $1 \
            AND m.id < $2 AND m.id >= $11 AND $5 > 0", narrowed!()),
        postgres: concat!("SELECT COUNT(*) FROM messages m WHERE m.conversation_id IN (SELECT value::uuid FROM json_array_elements_text($15::json)) \
            AND m.tenant_id = $1 AND m.id < $2 AND m.id >= $11 AND $5 > 0", narrowed!()),
    };
}

/// How many messages there are.
///
/// # Errors
/// When the database refuses.
pub async fn count(db: &Db, tenant: TenantId, sight: Sight, filter: &Filter) -> Result<Counted> {
    if let Some(wamid) = &filter.wamid {
        let page = crate::page::Page::new(None, 1);
        let filter = Filter {
            wamid: Some(wamid.clone()),
            ..filter.clone()
        };
        let listed = super::list::list(db, tenant, sight, &filter, page).await?;
        return Ok(Counted {
            count: i64::try_from(listed.rows.len()).unwrap_or(i64::MAX),
            is_all: true,
        });
    }
    let threads = match (filter.conversation, filter.contact) {
        (Some(conversation), _) => Some(vec![conversation.hex()]),
        (None, Some(contact)) => Some(conversations_of(db, tenant, contact).await?),
        (None, None) => None,
    };
    let floor = filter.floor();
    if let Some(threads) = threads {
        let mut args = filter.args(tenant, sight, Uuid::max(), floor, 1);
        args.push(batch(&threads)?);
        let count: Option<(i64,)> = db.first(IN_THREADS, args).await?;
        return Ok(Counted {
            count: count.map_or(0, |row| row.0),
            is_all: true,
        });
    }
    if let Some(label) = &filter.batch {
        let mut args = filter.args(tenant, sight, Uuid::max(), floor, 1);
        args.push(label.into());
        let count: Option<(i64,)> = db.first(IN_BATCH, args).await?;
        return Ok(Counted {
            count: count.map_or(0, |row| row.0),
            is_all: true,
        });
    }
    if filter.is_plain() && sight == Sight::All {
        let count: Option<(i64,)> = db.first(ALL, args![tenant]).await?;
        return Ok(Counted {
            count: count.map_or(0, |row| row.0),
            is_all: true,
        });
    }
    let from = args![tenant, filter.ceiling(), floor, LOOKED_AT];
    let end: Option<(Uuid,)> = db.first(FLOOR, from).await?;
    let end = end.map(|row| row.0);
    let args = filter.args(tenant, sight, Uuid::max(), end.unwrap_or(floor), 1);
    let count: Option<(i64,)> = db.first(LISTED, args).await?;
    Ok(Counted {
        count: count.map_or(0, |row| row.0),
        is_all: end.is_none(),
    })
}
