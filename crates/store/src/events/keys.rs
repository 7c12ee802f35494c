//! The newest event of each key of a rule: what an older one that comes later, or is tried again, is held against.

use domain::{EventId, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};

/// A key to look up.
#[derive(Debug, Clone, Serialize)]
pub struct Lookup {
    /// Rule, 32 hex digits.
    pub rule: String,
    /// The key.
    pub key: String,
}

/// The newest event of a key.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Newest {
    /// The rule.
    #[sqlx(try_from = "Uuid")]
    pub rule_id: domain::RuleId,
    /// The key.
    pub key: String,
    /// The event.
    #[sqlx(try_from = "Uuid")]
    pub event_id: EventId,
    /// The latest moment that an event of the key has told (µs).
    pub occurred_at: Option<i64>,
    /// Whether the event cancelled what belongs to the key.
    pub cancelled: bool,
    /// The other system's id of it.
    pub name: String,
    /// What happened.
    pub kind: String,
}

/// A newest event to keep.
#[derive(Debug, Clone, Serialize)]
pub struct New {
    /// Rule, 32 hex digits.
    pub rule: String,
    /// The key.
    pub key: String,
    /// Tenant, 32 hex digits.
    pub tenant: String,
    /// Event, 32 hex digits.
    pub event: String,
    /// See [`Newest::occurred_at`].
    pub occurred_at: Option<i64>,
    /// Whether it cancels.
    pub cancelled: bool,
    /// Now (µs).
    pub at: i64,
}

statements! {
    FIND = Sql::Each {
        sqlite: "SELECT k.rule_id, k.key, k.event_id, k.occurred_at, k.cancelled, coalesce(e.event_id, '') AS name, coalesce(e.type, '') AS kind \
            FROM jsonb_each($1) b CROSS JOIN notification_keys k ON k.rule_id = unhex(b.value->>'rule') AND k.key = b.value->>'key' LEFT JOIN events e ON e.id = k.event_id",
        postgres: "SELECT k.rule_id, k.key, k.event_id, k.occurred_at, k.cancelled, coalesce(e.event_id, '') AS name, coalesce(e.type, '') AS kind \
            FROM json_to_recordset($1::json) AS b(rule uuid, key text) JOIN notification_keys k ON k.rule_id = b.rule AND k.key = b.key \
            LEFT JOIN events e ON e.id = k.event_id",
    };
    PUT = Sql::Each {
        sqlite: "INSERT INTO notification_keys (rule_id, key, tenant_id, event_id, occurred_at, cancelled, at) \
            SELECT unhex(value->>'rule'), value->>'key', unhex(value->>'tenant'), unhex(value->>'event'), value->>'occurred_at', value->>'cancelled', value->>'at' \
            FROM jsonb_each($1) WHERE true ON CONFLICT (rule_id, key) DO UPDATE SET event_id = excluded.event_id, occurred_at = excluded.occurred_at, \
            cancelled = excluded.cancelled, at = excluded.at",
        postgres: "INSERT INTO notification_keys (rule_id, key, tenant_id, event_id, occurred_at, cancelled, at) \
            SELECT rule, key, tenant, event, occurred_at, cancelled, at FROM json_to_recordset($1::json) \
            AS b(rule uuid, key text, tenant uuid, event uuid, occurred_at bigint, cancelled boolean, at bigint) \
            ON CONFLICT (rule_id, key) DO UPDATE SET event_id = excluded.event_id, occurred_at = excluded.occurred_at, cancelled = excluded.cancelled, at = excluded.at",
    };
    // As long as its event is on file, an older one may be tried again.
    TRIM = Sql::Both("DELETE FROM notification_keys WHERE (rule_id, key) IN (SELECT k.rule_id, k.key FROM notification_keys k WHERE k.at < $1 \
        AND NOT EXISTS (SELECT 1 FROM events e WHERE e.id = k.event_id) ORDER BY k.at LIMIT 5000)");
}

/// What is known of these keys.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_find(db: &Db, wanted: &[Lookup]) -> Result<Vec<Newest>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    db.all(FIND, vec![batch(wanted)?]).await
}

/// Keeps the newest events of keys, each key once.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_put(tx: &mut Tx, rows: &[New]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.run(PUT, vec![batch(rows)?]).await.map(drop)
}

/// Forgets keys whose newest event came before a moment and is not on file any more.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_trim(db: &Db, before: Timestamp) -> Result<u64> {
    db.run(TRIM, args![before]).await
}
