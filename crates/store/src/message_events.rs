//! What happened to a message on its way that was not ordinary: refusals, waits, doubts, decisions.
//!
//! The ordinary steps stand on the message itself, so a message that simply goes out costs nothing here.

use domain::{MessageId, TenantId, Timestamp};
use serde::Serialize;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};

/// An event to add. Ids are 32 hex digits, times µs.
#[derive(Debug, Clone, Serialize)]
pub struct New {
    /// The message.
    pub id: String,
    /// Whose.
    pub tenant: String,
    /// When.
    pub at: i64,
    /// `refused`, `held`, `uncertain`, `policy`, `settled`, `retried`.
    pub kind: &'static str,
    /// Meta's code, where one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
    /// A sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// More (JSON text).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
}

/// An event's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Event {
    /// When (µs).
    pub at: i64,
    /// What happened.
    pub kind: String,
    /// Meta's code.
    pub code: Option<i64>,
    /// A sentence.
    pub detail: Option<String>,
    /// More (JSON text).
    pub data: Option<String>,
}

/// The most that is read of one message: who waits for a day behind a closed account is refused often.
pub const SHOWN: i64 = 500;

statements! {
    ADD = Sql::Each {
        sqlite: "INSERT INTO message_events (message_id, tenant_id, at, kind, code, detail, data) \
            SELECT unhex(value->>'id'), unhex(value->>'tenant'), value->>'at', value->>'kind', value->>'code', value->>'detail', value->>'data' \
            FROM jsonb_each($1) WHERE true ON CONFLICT (message_id, at, kind) DO NOTHING",
        postgres: "INSERT INTO message_events (message_id, tenant_id, at, kind, code, detail, data) \
            SELECT id, tenant, at, kind, code, detail, data FROM json_to_recordset($1::json) \
            AS b(id uuid, tenant uuid, at bigint, kind text, code bigint, detail text, data text) ON CONFLICT (message_id, at, kind) DO NOTHING",
    };
    OF = Sql::Both("SELECT at, kind, code, detail, data FROM message_events WHERE message_id = $2 AND tenant_id = $1 ORDER BY at DESC, kind LIMIT $3");
    TRIM = Sql::Both("DELETE FROM message_events WHERE at < $1");
}

/// Adds events; the same one twice is one.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_add(tx: &mut Tx, rows: &[New]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.run(ADD, vec![batch(rows)?]).await.map(drop)
}

/// The newest events of a message, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn of(db: &Db, tenant: TenantId, id: MessageId) -> Result<Vec<Event>> {
    db.all(OF, args![tenant, id, SHOWN]).await
}

/// Removes what is older than `before`.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_trim(db: &Db, before: Timestamp) -> Result<u64> {
    db.run(TRIM, args![before]).await
}
