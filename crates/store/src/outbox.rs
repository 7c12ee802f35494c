//! Messages on their way out.
//!
//! A row is `queued`, then `sending` (claimed by one process, committed before the network is touched),
//! then gone when Meta has answered for good. `uncertain` is a send whose answer was lost: it waits for
//! the status webhook that carries its id, and after its settle time for the tenant's policy.

use domain::{MessageId, TenantId, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};

/// A send to enqueue. Ids are 32 hex digits, times µs.
#[derive(Debug, Clone, Serialize)]
pub struct New {
    /// The message's id.
    pub id: String,
    /// Tenant.
    pub tenant: String,
    /// From which number.
    pub number: String,
    /// To whom: digits or a BSUID.
    pub recipient: String,
    /// `domain::message::Lane::rank`.
    pub lane: i64,
    /// The body that Meta is sent.
    pub body: String,
    /// Not before.
    pub next_at: i64,
    /// Now.
    pub at: i64,
}

/// A row of the outbox.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Entry {
    /// The message's id.
    #[sqlx(try_from = "Uuid")]
    pub id: MessageId,
    /// Whose.
    #[sqlx(try_from = "Uuid")]
    pub tenant_id: TenantId,
    /// From which number.
    pub phone_number_id: String,
    /// To whom.
    pub recipient: String,
    /// The body that Meta is sent.
    pub body: String,
    /// How often Meta refused it for a passing reason.
    pub attempts: i64,
    /// How often its outcome was unknown.
    pub doubts: i64,
    /// When it was enqueued.
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
    /// Whether the tenant may (still) send, and from this number.
    pub allowed: bool,
}

/// What became of a claimed send that stays in the outbox.
#[derive(Debug, Clone, Serialize)]
pub struct Later {
    /// The message, 32 hex digits.
    pub id: String,
    /// `queued` to try again, `uncertain` when the outcome is unknown.
    pub state: &'static str,
    /// Not before (µs).
    pub next_at: i64,
    /// When an uncertain one is settled by policy (µs).
    pub settle_at: Option<i64>,
    /// How many doubts are added.
    pub doubts: i64,
    /// How many refusals are added.
    pub tries: i64,
    /// Why.
    pub last_error: Option<String>,
}

/// A number with something to send.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Waiting {
    /// The number.
    pub phone_number_id: String,
    /// Its WABA.
    pub waba_id: String,
    /// Its pace.
    pub messages_per_second: i64,
}

/// Where an outgoing message stands in the queue.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Place {
    /// `queued`, `sending`, `uncertain`.
    pub state: String,
    /// Not before (µs).
    pub next_at: i64,
    /// When an uncertain one is settled by policy (µs); none when somebody has to decide.
    pub settle_at: Option<i64>,
    /// How often Meta refused it for a passing reason.
    pub attempts: i64,
    /// What was last in its way.
    pub last_error: Option<String>,
}

#[derive(Serialize)]
struct Id {
    id: String,
}

#[derive(sqlx::FromRow)]
struct Moment {
    at: Option<i64>,
}

/// How many rows stand in each state.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Tally {
    /// `queued`, `sending`, `uncertain`.
    pub state: String,
    /// How many.
    pub count: i64,
    /// When the oldest of them was added (µs).
    pub oldest: i64,
}

statements! {
    ADD = Sql::Each {
        sqlite: "INSERT INTO outbox (id, tenant_id, phone_number_id, recipient, lane, state, body, attempts, doubts, next_at, created_at) \
            SELECT unhex(value->>'id'), unhex(value->>'tenant'), value->>'number', value->>'recipient', value->>'lane', 'queued', value->>'body', 0, 0, \
            value->>'next_at', value->>'at' FROM jsonb_each($1)",
        postgres: "INSERT INTO outbox (id, tenant_id, phone_number_id, recipient, lane, state, body, attempts, doubts, next_at, created_at) \
            SELECT id, tenant, number, recipient, lane, 'queued', body, 0, 0, next_at, at \
            FROM json_to_recordset($1::json) AS b(id uuid, tenant uuid, number text, recipient text, lane bigint, body text, next_at bigint, at bigint)",
    };
    WAITING = Sql::Both("SELECT n.phone_number_id, n.waba_id, n.messages_per_second FROM phone_numbers n \
        WHERE EXISTS (SELECT 1 FROM outbox o WHERE o.phone_number_id = n.phone_number_id AND o.state = 'queued' AND o.next_at <= $1)");
    DUE = Sql::Each {
        sqlite: "SELECT id, tenant_id, phone_number_id, recipient, body, attempts, doubts, \
            created_at, EXISTS (SELECT 1 FROM phone_numbers n JOIN tenants t ON t.id = outbox.tenant_id WHERE n.phone_number_id = outbox.phone_number_id \
            AND t.status = 'active' AND t.whatsapp_enabled AND (n.tenant_id = t.id OR (n.is_fallback AND t.fallback_allowed))) AS allowed FROM outbox \
            WHERE phone_number_id = $1 AND state = 'queued' AND next_at <= $2 ORDER BY lane, id LIMIT $3",
        postgres: "SELECT id, tenant_id, phone_number_id, recipient, body, attempts, doubts, \
            created_at, EXISTS (SELECT 1 FROM phone_numbers n JOIN tenants t ON t.id = outbox.tenant_id WHERE n.phone_number_id = outbox.phone_number_id \
            AND t.status = 'active' AND t.whatsapp_enabled AND (n.tenant_id = t.id OR (n.is_fallback AND t.fallback_allowed))) AS allowed FROM outbox \
            WHERE phone_number_id = $1 AND state = 'queued' AND next_at <= $2 ORDER BY lane, id LIMIT $3 FOR UPDATE SKIP LOCKED",
    };
    CLAIM = Sql::Each {
        sqlite: "UPDATE outbox SET state = 'sending', claimed_by = $2 \
            WHERE id IN (SELECT unhex(value->>'id') FROM jsonb_each($1)) AND state = 'queued'",
        postgres: "UPDATE outbox SET state = 'sending', claimed_by = $2 \
            FROM json_to_recordset($1::json) AS b(id uuid) WHERE outbox.id = b.id AND state = 'queued'",
    };
    DONE = Sql::Each {
        sqlite: "DELETE FROM outbox WHERE id IN (SELECT unhex(value->>'id') FROM jsonb_each($1))",
        postgres: "DELETE FROM outbox USING json_to_recordset($1::json) AS b(id uuid) WHERE outbox.id = b.id",
    };
    LATER = Sql::Each {
        sqlite: "UPDATE outbox SET state = b.value->>'state', next_at = b.value->>'next_at', settle_at = b.value->>'settle_at', \
            doubts = doubts + (b.value->>'doubts'), attempts = attempts + (b.value->>'tries'), last_error = b.value->>'last_error', claimed_by = NULL \
            FROM jsonb_each($1) b WHERE outbox.id = unhex(b.value->>'id')",
        postgres: "UPDATE outbox SET state = b.state, next_at = b.next_at, settle_at = b.settle_at, doubts = outbox.doubts + b.doubts, attempts = outbox.attempts + b.tries, \
            last_error = b.last_error, claimed_by = NULL \
            FROM json_to_recordset($1::json) AS b(id uuid, state text, next_at bigint, settle_at bigint, doubts bigint, tries bigint, last_error text) \
            WHERE outbox.id = b.id",
    };
    ORPHANS = Sql::Both("SELECT id, tenant_id, phone_number_id, recipient, body, attempts, doubts, \
            created_at, EXISTS (SELECT 1 FROM phone_numbers n JOIN tenants t ON t.id = outbox.tenant_id WHERE n.phone_number_id = outbox.phone_number_id \
            AND t.status = 'active' AND t.whatsapp_enabled AND (n.tenant_id = t.id OR (n.is_fallback AND t.fallback_allowed))) AS allowed FROM outbox \
        WHERE state = 'sending' AND claimed_by <> $1 AND claimed_by NOT LIKE $1 || '.%' ORDER BY id LIMIT $2");
    UNCLAIM = Sql::Both("UPDATE outbox SET state = 'queued', claimed_by = NULL WHERE state = 'sending' AND claimed_by = $1");
    UNSETTLED = Sql::Each {
        sqlite: "SELECT id, tenant_id, phone_number_id, recipient, body, attempts, doubts, \
            created_at, EXISTS (SELECT 1 FROM phone_numbers n JOIN tenants t ON t.id = outbox.tenant_id WHERE n.phone_number_id = outbox.phone_number_id \
            AND t.status = 'active' AND t.whatsapp_enabled AND (n.tenant_id = t.id OR (n.is_fallback AND t.fallback_allowed))) AS allowed FROM outbox \
        WHERE state = 'uncertain' AND settle_at IS NOT NULL AND settle_at <= $1 ORDER BY settle_at LIMIT $2",
        postgres: "SELECT id, tenant_id, phone_number_id, recipient, body, attempts, doubts, \
            created_at, EXISTS (SELECT 1 FROM phone_numbers n JOIN tenants t ON t.id = outbox.tenant_id WHERE n.phone_number_id = outbox.phone_number_id \
            AND t.status = 'active' AND t.whatsapp_enabled AND (n.tenant_id = t.id OR (n.is_fallback AND t.fallback_allowed))) AS allowed FROM outbox \
        WHERE state = 'uncertain' AND settle_at IS NOT NULL AND settle_at <= $1 ORDER BY settle_at LIMIT $2 FOR UPDATE SKIP LOCKED",
    };
    GET = Sql::Each {
        sqlite: "SELECT id, tenant_id, phone_number_id, recipient, body, attempts, doubts, \
            created_at, EXISTS (SELECT 1 FROM phone_numbers n JOIN tenants t ON t.id = outbox.tenant_id WHERE n.phone_number_id = outbox.phone_number_id \
            AND t.status = 'active' AND t.whatsapp_enabled AND (n.tenant_id = t.id OR (n.is_fallback AND t.fallback_allowed))) AS allowed FROM outbox WHERE id = $2 AND tenant_id = $1 AND state = $3",
        postgres: "SELECT id, tenant_id, phone_number_id, recipient, body, attempts, doubts, \
            created_at, EXISTS (SELECT 1 FROM phone_numbers n JOIN tenants t ON t.id = outbox.tenant_id WHERE n.phone_number_id = outbox.phone_number_id \
            AND t.status = 'active' AND t.whatsapp_enabled AND (n.tenant_id = t.id OR (n.is_fallback AND t.fallback_allowed))) AS allowed FROM outbox WHERE id = $2 AND tenant_id = $1 AND state = $3 FOR UPDATE",
    };
    OF_TENANT_ON_NUMBER = Sql::Both("SELECT id, tenant_id, phone_number_id, recipient, body, attempts, doubts, \
            created_at, EXISTS (SELECT 1 FROM phone_numbers n JOIN tenants t ON t.id = outbox.tenant_id WHERE n.phone_number_id = outbox.phone_number_id \
            AND t.status = 'active' AND t.whatsapp_enabled AND (n.tenant_id = t.id OR (n.is_fallback AND t.fallback_allowed))) AS allowed FROM outbox \
        WHERE tenant_id = $1 AND phone_number_id = $2 AND state = 'queued'");
    PLACE = Sql::Both("SELECT state, next_at, settle_at, attempts, last_error FROM outbox WHERE id = $2 AND tenant_id = $1");
    NEXT = Sql::Both("SELECT MIN(next_at) AS at FROM outbox WHERE state = 'queued'");
    TALLY = Sql::Both("SELECT state, COUNT(*) AS count, MIN(created_at) AS oldest FROM outbox GROUP BY state ORDER BY state");
}

/// Enqueues sends.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_add(tx: &mut Tx, rows: &[New]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.run(ADD, vec![batch(rows)?]).await.map(drop)
}

/// The numbers that have something due.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_waiting(db: &Db, now: Timestamp) -> Result<Vec<Waiting>> {
    db.all(WAITING, args![now]).await
}

/// When the next queued send is due, if any.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_next(db: &Db) -> Result<Option<Timestamp>> {
    Ok(db
        .first::<Moment>(NEXT, args![])
        .await?
        .and_then(|row| row.at)
        .map(Timestamp))
}

/// Claims up to `limit` sends of a number under a name, `<process>.<number>`. They are safe to send only
/// after commit.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_claim(
    tx: &mut Tx,
    phone_number_id: &str,
    process: &str,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Entry>> {
    let due: Vec<Entry> = tx.all(DUE, args![phone_number_id, now, limit]).await?;
    if due.is_empty() {
        return Ok(due);
    }
    let ids: Vec<_> = due.iter().map(|entry| Id { id: entry.id.hex() }).collect();
    let mut args = vec![batch(&ids)?];
    args.extend(args![process]);
    tx.run(CLAIM, args).await?;
    Ok(due)
}

/// Removes what Meta has answered for good.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_done(tx: &mut Tx, ids: impl IntoIterator<Item = MessageId>) -> Result<u64> {
    let ids: Vec<_> = ids.into_iter().map(|id| Id { id: id.hex() }).collect();
    if ids.is_empty() {
        return Ok(0);
    }
    tx.run(DONE, vec![batch(&ids)?]).await
}

/// Puts claimed sends back, or marks them as uncertain.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_later(tx: &mut Tx, rows: &[Later]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.run(LATER, vec![batch(rows)?]).await.map(drop)
}

/// Sends that a process which is gone had claimed. Claims are named `<process>.<number>`.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_orphans(tx: &mut Tx, this_process: &str, limit: i64) -> Result<Vec<Entry>> {
    tx.all(ORPHANS, args![this_process, limit]).await
}

/// Undoes a claim that nobody has heard the end of: none of it was sent.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_unclaim(db: &Db, claim: &str) -> Result<u64> {
    db.run(UNCLAIM, args![claim]).await
}

/// Uncertain sends whose settle time has passed.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_unsettled(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<Entry>> {
    tx.all(UNSETTLED, args![now, limit]).await
}

/// Where a message of the tenant stands in the queue; `None` when it has left it.
///
/// # Errors
/// When the database refuses.
pub async fn place(db: &Db, tenant: TenantId, id: MessageId) -> Result<Option<Place>> {
    db.first(PLACE, args![tenant, id]).await
}

/// A tenant's uncertain send, for a person's decision.
///
/// # Errors
/// When the database refuses.
pub async fn uncertain(tx: &mut Tx, tenant: TenantId, id: MessageId) -> Result<Option<Entry>> {
    tx.first(GET, args![tenant, id, "uncertain"]).await
}

/// What a tenant has queued on a number.
///
/// # Errors
/// When the database refuses.
pub async fn queued_on(tx: &mut Tx, tenant: TenantId, phone_number_id: &str) -> Result<Vec<Entry>> {
    tx.all(OF_TENANT_ON_NUMBER, args![tenant, phone_number_id])
        .await
}

/// How many rows stand in each state.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_tally(db: &Db) -> Result<Vec<Tally>> {
    db.all(TALLY, args![]).await
}
