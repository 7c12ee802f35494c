//! Idempotency keys: committed together with the message they stand for, so that a repeated request
//! finds the first one's message and a crash between the two is impossible.

use domain::{MessageId, TenantId, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};

/// A key to look up or to keep.
#[derive(Debug, Clone, Serialize)]
pub struct Key {
    /// The caller's own number for it.
    pub n: usize,
    /// Tenant, 32 hex digits.
    pub tenant: String,
    /// As the client gave it.
    pub key: String,
    /// SHA-256 of the request, hex: the same key with another request is a mistake.
    pub fingerprint: String,
    /// The message, 32 hex digits.
    pub message: String,
    /// Now (µs).
    pub at: i64,
}

/// A key on file.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Known {
    /// The caller's number for it.
    pub n: i64,
    /// SHA-256 of the first request.
    pub fingerprint: Vec<u8>,
    /// The first request's message.
    #[sqlx(try_from = "Uuid")]
    pub message_id: MessageId,
}

statements! {
    FIND = Sql::Each {
        sqlite: "SELECT b.value->>'n' AS n, k.fingerprint, k.message_id FROM jsonb_each($1) b \
            CROSS JOIN idempotency_keys k ON k.tenant_id = unhex(b.value->>'tenant') AND k.key = b.value->>'key'",
        postgres: "SELECT b.n, k.fingerprint, k.message_id FROM json_to_recordset($1::json) AS b(n bigint, tenant uuid, key text) \
            JOIN idempotency_keys k ON k.tenant_id = b.tenant AND k.key = b.key",
    };
    KEEP = Sql::Each {
        sqlite: "INSERT INTO idempotency_keys (tenant_id, key, fingerprint, message_id, created_at) \
            SELECT unhex(value->>'tenant'), value->>'key', unhex(value->>'fingerprint'), unhex(value->>'message'), value->>'at' FROM jsonb_each($1)",
        postgres: "INSERT INTO idempotency_keys (tenant_id, key, fingerprint, message_id, created_at) \
            SELECT tenant, key, decode(fingerprint, 'hex'), message, at \
            FROM json_to_recordset($1::json) AS b(tenant uuid, key text, fingerprint text, message uuid, at bigint)",
    };
    GET = Sql::Both("SELECT CAST(0 AS BIGINT) AS n, fingerprint, message_id FROM idempotency_keys WHERE tenant_id = $1 AND key = $2");
    TRIM = Sql::Both("DELETE FROM idempotency_keys WHERE created_at < $1");
}

/// Which keys are on file.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_find(tx: &mut Tx, keys: &[Key]) -> Result<Vec<Known>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    tx.all(FIND, vec![batch(keys)?]).await
}

/// What a key of the tenant stands for.
///
/// # Errors
/// When the database refuses.
pub async fn find(db: &Db, tenant: TenantId, key: &str) -> Result<Option<Known>> {
    db.first(GET, args![tenant, key]).await
}

/// Keeps keys. One that is on file already refuses the batch: then somebody else was first, try again.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_keep(tx: &mut Tx, keys: &[Key]) -> Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    tx.run(KEEP, vec![batch(keys)?]).await.map(drop)
}

/// Removes keys older than `before`.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_trim(db: &Db, before: Timestamp) -> Result<u64> {
    db.run(TRIM, args![before]).await
}
