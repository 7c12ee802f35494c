//! What other systems reported, and what the rules made of it. An event's row is its place in the queue as well.

pub mod keys;
pub mod results;
pub mod sources;

use std::collections::HashMap;

use domain::{EventId, TenantId, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, batch, printable, statements};
use crate::page::Page;

/// An event's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Event {
    /// Its id here.
    #[sqlx(try_from = "Uuid")]
    pub id: EventId,
    /// Whose it is.
    #[sqlx(try_from = "Uuid")]
    pub tenant_id: TenantId,
    /// The other system's id of it.
    pub event_id: String,
    /// What happened.
    #[sqlx(rename = "type")]
    pub kind: String,
    /// What it carries (JSON).
    pub data: String,
    /// When it happened (µs), where it was said.
    pub occurred_at: Option<i64>,
    /// The source that posted it, where it was one.
    pub source_id: Option<Uuid>,
    /// `waiting`, `ignored`, `skipped`, `sent`, `scheduled`, `cancelled`, `held`, `failed`.
    pub state: String,
    /// When it came.
    #[sqlx(try_from = "i64")]
    pub received_at: Timestamp,
    /// When the rules were last applied (µs).
    pub handled_at: Option<i64>,
}

/// An event to look up by the other system's id.
#[derive(Debug, Clone, Serialize)]
pub struct Lookup<'a> {
    /// The caller's own number for it.
    pub n: usize,
    /// Tenant, 32 hex digits.
    pub tenant: String,
    /// The other system's id.
    pub event: &'a str,
}

/// An event that is on file.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Known {
    /// The caller's number for it.
    pub n: i64,
    /// Its id here.
    #[sqlx(try_from = "Uuid")]
    pub id: EventId,
    /// SHA-256 of its content.
    pub digest: Vec<u8>,
}

/// An event to keep.
#[derive(Debug, Clone, Serialize)]
pub struct New {
    /// Id, 32 hex digits.
    pub id: String,
    /// Tenant, 32 hex digits.
    pub tenant: String,
    /// The other system's id.
    pub event: String,
    /// What happened.
    pub kind: String,
    /// JSON text.
    pub data: String,
    /// SHA-256 of the content, hex.
    pub digest: String,
    /// When it happened (µs).
    pub occurred_at: Option<i64>,
    /// The source, 32 hex digits.
    pub source: Option<String>,
    /// Now (µs).
    pub at: i64,
}

/// Which events are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this type.
    pub kind: Option<String>,
    /// In this state.
    pub state: Option<String>,
    /// With this text in the other system's id or in what they carry.
    pub text: Option<String>,
    /// With a message that did not arrive, or of which nobody knows.
    pub message_failed: bool,
}

/// Waiting events of a tenant that are taken at least, also where many tenants have some.
const FEWEST: usize = 8;

/// The state of an event whose rules were applied: the worst that any rule made of it.
macro_rules! outcome {
    // What is to be tried again comes first: nothing but a waiting event is looked at.
    () => {
        "CASE (SELECT MIN(CASE r.state WHEN 'retrying' THEN 1 WHEN 'failed' THEN 2 WHEN 'held' THEN 3 WHEN 'scheduled' THEN 4 WHEN 'sent' THEN 5 \
         WHEN 'cancelled' THEN 6 ELSE 7 END) FROM notification_results r WHERE r.event_id = events.id) WHEN 1 THEN 'waiting' WHEN 2 THEN 'failed' \
         WHEN 3 THEN 'held' WHEN 4 THEN 'scheduled' WHEN 5 THEN 'sent' WHEN 6 THEN 'cancelled' WHEN 7 THEN 'skipped' ELSE 'ignored' END"
    };
}

/// Messages of a tenant that did not arrive, or of which nobody knows whether they did.
macro_rules! undelivered {
    ($tenant:literal) => {
        concat!(
            "SELECT d.message_id AS id FROM dead_letters d WHERE d.tenant_id = ",
            $tenant,
            " AND d.state IN ('open', 'done') AND d.status IN ('failed', 'expired') UNION ALL SELECT o.id FROM outbox o WHERE o.tenant_id = ",
            $tenant,
            " AND o.state = 'uncertain'"
        )
    };
}

statements! {
    FIND = Sql::Each {
        sqlite: "SELECT b.value->>'n' AS n, e.id, e.digest FROM jsonb_each($1) b \
            CROSS JOIN events e ON e.tenant_id = unhex(b.value->>'tenant') AND e.event_id = b.value->>'event'",
        postgres: "SELECT b.n, e.id, e.digest FROM json_to_recordset($1::json) AS b(n bigint, tenant uuid, event text) \
            JOIN events e ON e.tenant_id = b.tenant AND e.event_id = b.event",
    };
    ADD = Sql::Each {
        sqlite: "INSERT INTO events (id, tenant_id, event_id, type, data, digest, occurred_at, source_id, state, next_at, received_at) \
            SELECT unhex(value->>'id'), unhex(value->>'tenant'), value->>'event', value->>'kind', value->>'data', unhex(value->>'digest'), value->>'occurred_at', \
            unhex(value->>'source'), 'waiting', 0, value->>'at' FROM jsonb_each($1)",
        postgres: "INSERT INTO events (id, tenant_id, event_id, type, data, digest, occurred_at, source_id, state, next_at, received_at) \
            SELECT id, tenant, event, kind, data, decode(digest, 'hex'), occurred_at, source, 'waiting', 0, at \
            FROM json_to_recordset($1::json) AS b(id uuid, tenant uuid, event text, kind text, data text, digest text, occurred_at bigint, source uuid, at bigint)",
    };
    // From one tenant to the next by one step into the index, however much each has waiting.
    WHOSE = Sql::Both("WITH RECURSIVE whose (tenant) AS (\
            SELECT (SELECT f.tenant_id FROM events f WHERE f.state = 'waiting' ORDER BY f.tenant_id LIMIT 1) \
            UNION ALL \
            SELECT (SELECT f.tenant_id FROM events f WHERE f.state = 'waiting' AND f.tenant_id > whose.tenant ORDER BY f.tenant_id LIMIT 1) \
            FROM whose WHERE whose.tenant IS NOT NULL) \
        SELECT tenant AS id FROM whose WHERE tenant IS NOT NULL");
    // Of each tenant its oldest.
    WAITING = Sql::Each {
        sqlite: "SELECT e.id, e.tenant_id, e.event_id, e.type, e.data, e.occurred_at, e.source_id, e.state, e.received_at, e.handled_at FROM json_each($1) b \
            CROSS JOIN events e WHERE e.id IN (SELECT f.id FROM events f WHERE f.tenant_id = unhex(b.value) AND f.state = 'waiting' AND f.next_at <= $2 ORDER BY f.id LIMIT $3) \
            ORDER BY e.id",
        postgres: "SELECT e.id, e.tenant_id, e.event_id, e.type, e.data, e.occurred_at, e.source_id, e.state, e.received_at, e.handled_at \
            FROM json_array_elements_text($1::json) AS b(tenant) CROSS JOIN LATERAL (SELECT f.* FROM events f WHERE f.tenant_id = b.tenant::uuid AND f.state = 'waiting' \
            AND f.next_at <= $2 ORDER BY f.id LIMIT $3) e ORDER BY e.id",
    };
    SOME = Sql::Each {
        sqlite: "SELECT id, tenant_id, event_id, type, data, occurred_at, source_id, state, received_at, handled_at FROM events WHERE id IN (SELECT unhex(value) FROM json_each($1))",
        postgres: "SELECT id, tenant_id, event_id, type, data, occurred_at, source_id, state, received_at, handled_at FROM events \
            WHERE id IN (SELECT value::uuid FROM json_array_elements_text($1::json))",
    };
    BACKLOG = Sql::Both("SELECT COUNT(*) AS count, MIN(received_at) AS oldest FROM events WHERE state = 'waiting'");
    POSTPONE = Sql::Each {
        sqlite: "UPDATE events SET next_at = $2 WHERE id IN (SELECT unhex(value) FROM json_each($1)) AND state = 'waiting'",
        postgres: "UPDATE events SET next_at = $2 WHERE id IN (SELECT value::uuid FROM json_array_elements_text($1::json)) AND state = 'waiting'",
    };
    LOCK_ALL = Sql::Each {
        // One writer at a time.
        sqlite: "SELECT id FROM events WHERE id IS NULL AND $1 IS NULL",
        postgres: "SELECT id FROM events WHERE id IN (SELECT value::uuid FROM json_array_elements_text($1::json)) ORDER BY id FOR UPDATE",
    };
    SETTLE = Sql::Each {
        sqlite: concat!("UPDATE events SET handled_at = $2, state = ", outcome!(), " WHERE id IN (SELECT unhex(value) FROM json_each($1)) RETURNING id, tenant_id, state"),
        postgres: concat!("UPDATE events SET handled_at = $2, state = ", outcome!(), " WHERE id IN (SELECT value::uuid FROM json_array_elements_text($1::json)) RETURNING id, tenant_id, state"),
    };
    AGAIN_ALL = Sql::Each {
        sqlite: "UPDATE events SET state = 'waiting', next_at = 0 WHERE id IN (SELECT unhex(value) FROM json_each($1))",
        postgres: "UPDATE events SET state = 'waiting', next_at = 0 WHERE id IN (SELECT value::uuid FROM json_array_elements_text($1::json))",
    };
    AGAIN = Sql::Both("UPDATE events SET state = 'waiting', next_at = 0 WHERE tenant_id = $1 AND id = $2");
    GET = Sql::Both("SELECT id, tenant_id, event_id, type, data, occurred_at, source_id, state, received_at, handled_at FROM events WHERE tenant_id = $1 AND id = $2");
    LOCK = Sql::Each {
        sqlite: "SELECT id, tenant_id, event_id, type, data, occurred_at, source_id, state, received_at, handled_at FROM events WHERE tenant_id = $1 AND id = $2",
        postgres: "SELECT id, tenant_id, event_id, type, data, occurred_at, source_id, state, received_at, handled_at FROM events WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
    };
    LIST = Sql::Both("SELECT id, tenant_id, event_id, type, data, occurred_at, source_id, state, received_at, handled_at FROM events \
        WHERE tenant_id = $1 AND id < $2 AND (CAST($4 AS TEXT) IS NULL OR type = $4) AND (CAST($5 AS TEXT) IS NULL OR state = $5) \
        AND (CAST($6 AS TEXT) IS NULL OR event_id = $6 OR lower(event_id) LIKE $7 ESCAPE '!' OR lower(data) LIKE $7 ESCAPE '!') ORDER BY id DESC LIMIT $3");
    // From the messages that failed to their events: there are few of them, however many events there are.
    LIST_FAILED = Sql::Both(concat!("SELECT id, tenant_id, event_id, type, data, occurred_at, source_id, state, received_at, handled_at FROM events \
        WHERE tenant_id = $1 AND id < $2 AND (CAST($4 AS TEXT) IS NULL OR type = $4) AND (CAST($5 AS TEXT) IS NULL OR state = $5) \
        AND (CAST($6 AS TEXT) IS NULL OR event_id = $6 OR lower(event_id) LIKE $7 ESCAPE '!' OR lower(data) LIKE $7 ESCAPE '!') \
        AND id IN (SELECT r.event_id FROM (", undelivered!("$1"), ") f JOIN notification_results r ON r.message_id = f.id AND r.tenant_id = $1) ORDER BY id DESC LIMIT $3"));
    FAILED_OF = Sql::Each {
        sqlite: "SELECT r.event_id, COUNT(*) AS count FROM notification_results r JOIN messages m ON m.id = r.message_id \
            WHERE r.event_id IN (SELECT unhex(value) FROM json_each($1)) AND r.tenant_id = $2 AND m.status IN ('failed', 'expired', 'uncertain') GROUP BY r.event_id",
        postgres: "SELECT r.event_id, COUNT(*) AS count FROM notification_results r JOIN messages m ON m.id = r.message_id \
            WHERE r.event_id IN (SELECT value::uuid FROM json_array_elements_text($1::json)) AND r.tenant_id = $2 AND m.status IN ('failed', 'expired', 'uncertain') GROUP BY r.event_id",
    };
    TYPES = Sql::Both("SELECT DISTINCT type AS kind FROM events WHERE tenant_id = $1 ORDER BY 1 LIMIT 200");
    // What is still to be sent stays, whatever else became of the event; what is held stays as long as an event does, from when it was held.
    TRIM_RESULTS = Sql::Both("DELETE FROM notification_results WHERE event_id IN (SELECT e.id FROM events e WHERE e.received_at < $1 AND e.state NOT IN ('waiting', 'scheduled') \
        AND NOT EXISTS (SELECT 1 FROM notification_results r WHERE r.event_id = e.id \
        AND (r.state IN ('scheduled', 'retrying') OR r.state IN ('held', 'failed') AND r.updated_at >= $1)) ORDER BY e.received_at LIMIT 5000)");
    TRIM = Sql::Both("DELETE FROM events WHERE id IN (SELECT e.id FROM events e WHERE e.received_at < $1 AND e.state NOT IN ('waiting', 'scheduled') \
        AND NOT EXISTS (SELECT 1 FROM notification_results r WHERE r.event_id = e.id) ORDER BY e.received_at LIMIT 5000)");
}

/// What an event's rules came to.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Settled {
    /// The event.
    #[sqlx(try_from = "Uuid")]
    pub id: EventId,
    /// Whose it is.
    #[sqlx(try_from = "Uuid")]
    pub tenant_id: TenantId,
    /// Its state from now on.
    pub state: String,
}

/// How much waits.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Backlog {
    /// Events whose rules were not applied yet.
    pub count: i64,
    /// When the oldest of them came (µs).
    pub oldest: Option<i64>,
}

/// Which of these the tenants have reported before.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_find(tx: &mut Tx, wanted: &[Lookup<'_>]) -> Result<Vec<Known>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    tx.all(FIND, vec![batch(wanted)?]).await
}

/// Keeps events; they wait for the rules. One whose id is on file refuses the batch: somebody was first, begin again.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_add(tx: &mut Tx, rows: &[New]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.run(ADD, vec![batch(rows)?]).await.map(drop)
}

/// Events that wait for the rules: of every tenant the oldest, and `most` of all together, so that who reports much does
/// not make others wait. Where very many tenants have some, they take turns.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_waiting(db: &Db, now: Timestamp, most: usize) -> Result<Vec<Event>> {
    let whose: Vec<(Uuid,)> = db.all(WHOSE, args![]).await?;
    if whose.is_empty() {
        return Ok(Vec::new());
    }
    let mut whose: Vec<_> = whose.into_iter().map(|(id,)| TenantId(id).hex()).collect();
    // Where they are too many for one time, others come first the next time.
    let begin = usize::try_from(now.0 / 1_000).unwrap_or(0) % whose.len();
    whose.rotate_left(begin);
    whose.truncate((most / FEWEST).max(1));
    let each = i64::try_from(most / whose.len()).unwrap_or(1);
    let mut given = vec![batch(&whose)?];
    given.extend(args![now, each]);
    db.all(WAITING, given).await
}

/// These events.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_some(db: &Db, ids: &[EventId]) -> Result<Vec<Event>> {
    db.all(SOME, vec![batch(&hex(ids))?]).await
}

/// How many wait, and since when.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_backlog(db: &Db) -> Result<Option<Backlog>> {
    db.first(BACKLOG, args![]).await
}

/// Lets events wait until later.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_postpone(db: &Db, ids: &[EventId], until: Timestamp) -> Result<()> {
    let mut given = vec![batch(&hex(ids))?];
    given.extend(args![until]);
    db.run(POSTPONE, given).await.map(drop)
}

/// Locks events until the transaction ends. Whoever changes results does this first: then everybody locks in one order,
/// and sees what others have changed.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_lock(tx: &mut Tx, ids: &[EventId]) -> Result<()> {
    let given = vec![batch(&hex(ids))?];
    let _: Vec<(Uuid,)> = tx.all(LOCK_ALL, given).await?;
    Ok(())
}

/// Gives events the state that their results amount to.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_settle(
    tx: &mut Tx,
    ids: &[EventId],
    now: Timestamp,
) -> Result<Vec<Settled>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    // A statement of its own: the next one sees what was changed by whoever held them.
    any_tenant_lock(tx, ids).await?;
    let mut given = vec![batch(&hex(ids))?];
    given.extend(args![now]);
    tx.all(SETTLE, given).await
}

fn hex(ids: &[EventId]) -> Vec<String> {
    ids.iter().map(|id| id.hex()).collect()
}

/// The rules are applied to an event again.
///
/// # Errors
/// When the database refuses.
pub async fn again(tx: &mut Tx, tenant: TenantId, id: EventId) -> Result<()> {
    tx.run(AGAIN, args![tenant, id]).await.map(drop)
}

/// These events are looked at again.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_again(tx: &mut Tx, events: &[EventId]) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    let events: Vec<_> = events.iter().map(|id| id.hex()).collect();
    tx.run(AGAIN_ALL, vec![batch(&events)?]).await.map(drop)
}

/// One event of the tenant.
///
/// # Errors
/// When the database refuses.
pub async fn get(db: &Db, tenant: TenantId, id: EventId) -> Result<Option<Event>> {
    db.first(GET, args![tenant, id]).await
}

/// One event of the tenant, locked until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn lock(tx: &mut Tx, tenant: TenantId, id: EventId) -> Result<Option<Event>> {
    tx.first(LOCK, args![tenant, id]).await
}

/// A page of the tenant's events, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    db: &Db,
    tenant: TenantId,
    filter: &Filter,
    page: Page<EventId>,
) -> Result<Vec<Event>> {
    let text = filter.text.clone().map(printable);
    let pattern = text.as_ref().map(|text| {
        let text = text
            .to_lowercase()
            .replace('!', "!!")
            .replace('%', "!%")
            .replace('_', "!_");
        format!("%{text}%")
    });
    let given = args![
        tenant,
        page.below(),
        page.limit,
        filter.kind.clone(),
        filter.state.clone(),
        text,
        pattern
    ];
    let which = if filter.message_failed {
        LIST_FAILED
    } else {
        LIST
    };
    db.all(which, given).await
}

/// How many messages of these events did not arrive, or may not have; events without any are left out.
///
/// # Errors
/// When the database refuses.
pub async fn failed(
    db: &Db,
    tenant: TenantId,
    events: &[EventId],
) -> Result<HashMap<EventId, i64>> {
    if events.is_empty() {
        return Ok(HashMap::new());
    }
    let mut given = vec![batch(&hex(events))?];
    given.extend(args![tenant]);
    let rows: Vec<(Uuid, i64)> = db.all(FAILED_OF, given).await?;
    Ok(rows
        .into_iter()
        .map(|(id, count)| (EventId(id), count))
        .collect())
}

/// The types that the tenant's systems have reported.
///
/// # Errors
/// When the database refuses.
pub async fn types(db: &Db, tenant: TenantId) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = db.all(TYPES, args![tenant]).await?;
    Ok(rows.into_iter().map(|(kind,)| kind).collect())
}

/// Removes events that came before a moment and lead to nothing any more, some thousands at a time.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_trim(db: &Db, before: Timestamp) -> Result<u64> {
    db.run(TRIM_RESULTS, args![before]).await?;
    let gone = db.run(TRIM, args![before]).await?;
    keys::any_tenant_trim(db, before).await?;
    Ok(gone)
}
