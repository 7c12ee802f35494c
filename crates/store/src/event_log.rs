//! What happened, in order: the source of live updates in the browser and of tenants' webhooks.

use domain::{TenantId, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};

/// An event to append. Its data is small: ids and words, from which a reader fetches the rest.
#[derive(Debug, Clone, Serialize)]
pub struct New {
    /// Tenant, 32 hex digits; none for the platform's own events.
    pub tenant: Option<String>,
    /// What happened, such as `message.received`.
    pub kind: &'static str,
    /// JSON text.
    pub data: String,
    /// Now (µs).
    pub at: i64,
}

/// An event's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Event {
    /// Its place in the order.
    pub seq: i64,
    /// Whose it is.
    pub tenant_id: Option<Uuid>,
    /// What happened.
    pub kind: String,
    /// JSON text.
    pub data: String,
    /// When (µs).
    pub created_at: i64,
}

statements! {
    // The lock keeps the order of numbers and the order of becoming visible the same across nodes; it
    // lives until commit, so appending is the last statement of a transaction.
    APPEND = Sql::Each {
        sqlite: "INSERT INTO event_log (tenant_id, kind, data, created_at) \
            SELECT unhex(value->>'tenant'), value->>'kind', value->>'data', value->>'at' FROM jsonb_each($1)",
        postgres: "INSERT INTO event_log (tenant_id, kind, data, created_at) SELECT b.tenant, b.kind, b.data, b.at \
            FROM (SELECT pg_advisory_xact_lock(7741002)) AS in_order, \
            json_to_recordset($1::json) AS b(tenant uuid, kind text, data text, at bigint)",
    };
    AFTER = Sql::Both("SELECT seq, tenant_id, kind, data, created_at FROM event_log WHERE seq > $1 ORDER BY seq LIMIT $2");
    LAST = Sql::Both("SELECT seq, tenant_id, kind, data, created_at FROM event_log ORDER BY seq DESC LIMIT 1");
    TRIM = Sql::Both("DELETE FROM event_log WHERE created_at < $1 AND seq < (SELECT MAX(seq) FROM event_log)");
}

/// Appends events. Call it last in a transaction.
///
/// # Errors
/// When the database refuses.
pub async fn append(tx: &mut Tx, events: &[New]) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    tx.run(APPEND, vec![batch(events)?]).await.map(drop)
}

/// Events of all tenants after `seq`, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_after(db: &Db, seq: i64, limit: i64) -> Result<Vec<Event>> {
    db.all(AFTER, args![seq, limit]).await
}

/// The number of the newest event; 0 when there is none.
///
/// # Errors
/// When the database refuses.
pub async fn last(db: &Db) -> Result<i64> {
    Ok(db
        .first::<Event>(LAST, args![])
        .await?
        .map_or(0, |event| event.seq))
}

/// Removes events older than `before`; the newest one stays, so that numbers never start again.
///
/// # Errors
/// When the database refuses.
pub async fn trim(db: &Db, before: Timestamp) -> Result<u64> {
    db.run(TRIM, args![before]).await
}

/// An event of one tenant.
pub fn of(tenant: TenantId, kind: &'static str, data: String, now: Timestamp) -> New {
    New {
        tenant: Some(tenant.hex()),
        kind,
        data,
        at: now.0,
    }
}
