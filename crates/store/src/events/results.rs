//! What each rule made of an event.

use domain::{EventId, MessageId, RuleId, TenantId, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use super::hex;
use crate::db::{Db, DbError, Result, Sql, Tx, args, batch, statements};

/// A result's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Outcome {
    /// The event.
    #[sqlx(try_from = "Uuid")]
    pub event_id: EventId,
    /// The rule.
    #[sqlx(try_from = "Uuid")]
    pub rule_id: RuleId,
    /// What it was called.
    pub rule_name: String,
    /// `sent`, `scheduled`, `cancelled`, `skipped`, `held`, `failed`, `retrying`.
    pub state: String,
    /// Why (`domain::notification::Reason`).
    pub reason: Option<String>,
    /// What exactly.
    pub detail: Option<String>,
    /// The message.
    pub message_id: Option<Uuid>,
    /// When it is due (µs).
    pub due_at: Option<i64>,
    /// What it belongs to.
    pub key: Option<String>,
    /// When it last changed.
    #[sqlx(try_from = "i64")]
    pub updated_at: Timestamp,
}

/// A result to keep.
#[derive(Debug, Clone, Serialize)]
pub struct New {
    /// Event, 32 hex digits.
    pub event: String,
    /// Rule, 32 hex digits.
    pub rule: String,
    /// Tenant, 32 hex digits.
    pub tenant: String,
    /// What the rule is called.
    pub name: String,
    /// See [`Outcome::state`].
    pub state: &'static str,
    /// Why.
    pub reason: Option<&'static str>,
    /// What exactly.
    pub detail: Option<String>,
    /// Message, 32 hex digits.
    pub message: Option<String>,
    /// When it is due (µs).
    pub due_at: Option<i64>,
    /// What it belongs to.
    pub key: Option<String>,
    /// Now (µs).
    pub at: i64,
}

/// What is scheduled, held or about to be tried again under a key and shall not be sent.
#[derive(Debug, Clone, Serialize)]
pub struct Cancel {
    /// Tenant, 32 hex digits.
    pub tenant: String,
    /// Rule, 32 hex digits.
    pub rule: String,
    /// The key.
    pub key: String,
    /// The event by which, 32 hex digits: what it scheduled itself stays.
    pub by: String,
    /// When that happened (µs), where it was said.
    pub occurred_at: Option<i64>,
    /// Why.
    pub reason: &'static str,
    /// By which event, for people.
    pub detail: String,
}

/// A scheduled message whose time has come.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Due {
    /// The event.
    #[sqlx(try_from = "Uuid")]
    pub event_id: EventId,
    /// The rule.
    #[sqlx(try_from = "Uuid")]
    pub rule_id: RuleId,
    /// What it was called.
    pub rule_name: String,
    /// Its key.
    pub key: Option<String>,
}

statements! {
    OF_EVENT = Sql::Both("SELECT event_id, rule_id, rule_name, state, reason, detail, message_id, due_at, key, updated_at FROM notification_results \
        WHERE tenant_id = $1 AND event_id = $2 ORDER BY created_at, rule_id");
    OF_EVENTS = Sql::Each {
        sqlite: "SELECT event_id, rule_id, rule_name, state, reason, detail, message_id, due_at, key, updated_at FROM notification_results \
            WHERE event_id IN (SELECT unhex(value) FROM json_each($1)) ORDER BY created_at, rule_id",
        postgres: "SELECT event_id, rule_id, rule_name, state, reason, detail, message_id, due_at, key, updated_at FROM notification_results \
            WHERE event_id IN (SELECT value::uuid FROM json_array_elements_text($1::json)) ORDER BY created_at, rule_id",
    };
    // What waits for the end of quiet hours and has not become a message is due.
    QUIET_NO_MORE = Sql::Both("UPDATE notification_results SET due_at = $2 WHERE tenant_id = $1 AND state = 'scheduled' AND reason = 'quiet_hours' AND due_at > $2");
    // What is sent, skipped or cancelled stays so, whoever comes a second time.
    PUT = Sql::Each {
        sqlite: "INSERT INTO notification_results (event_id, rule_id, tenant_id, rule_name, state, reason, detail, message_id, due_at, key, created_at, updated_at) \
            SELECT unhex(value->>'event'), unhex(value->>'rule'), unhex(value->>'tenant'), value->>'name', value->>'state', value->>'reason', value->>'detail', \
            unhex(value->>'message'), value->>'due_at', value->>'key', value->>'at', value->>'at' FROM jsonb_each($1) WHERE true \
            ON CONFLICT (event_id, rule_id) DO UPDATE SET rule_name = excluded.rule_name, state = excluded.state, reason = excluded.reason, detail = excluded.detail, \
            message_id = excluded.message_id, due_at = excluded.due_at, key = excluded.key, updated_at = excluded.updated_at \
            WHERE notification_results.state IN ('scheduled', 'retrying')",
        postgres: "INSERT INTO notification_results (event_id, rule_id, tenant_id, rule_name, state, reason, detail, message_id, due_at, key, created_at, updated_at) \
            SELECT event, rule, tenant, name, state, reason, detail, message, due_at, key, at, at FROM json_to_recordset($1::json) AS \
            b(event uuid, rule uuid, tenant uuid, name text, state text, reason text, detail text, message uuid, due_at bigint, key text, at bigint) \
            ON CONFLICT (event_id, rule_id) DO UPDATE SET rule_name = excluded.rule_name, state = excluded.state, reason = excluded.reason, detail = excluded.detail, \
            message_id = excluded.message_id, due_at = excluded.due_at, key = excluded.key, updated_at = excluded.updated_at \
            WHERE notification_results.state IN ('scheduled', 'retrying')",
    };
    // Of older events only: by when they happened where both say so, else by when they came.
    CANCELLING = Sql::Each {
        // One writer at a time.
        sqlite: "SELECT event_id FROM notification_results WHERE event_id IS NULL AND $1 IS NULL",
        postgres: "SELECT DISTINCT r.event_id FROM json_to_recordset($1::json) AS b(tenant uuid, rule uuid, key text) JOIN notification_results r \
            ON r.tenant_id = b.tenant AND r.rule_id = b.rule AND r.key = b.key WHERE r.state IN ('scheduled', 'held', 'retrying')",
    };
    CANCEL = Sql::Each {
        sqlite: "WITH b AS MATERIALIZED (SELECT unhex(value->>'tenant') AS tenant, unhex(value->>'rule') AS rule, value->>'key' AS key, unhex(value->>'by') AS by_event, \
            value->>'occurred_at' AS occurred_at, value->>'reason' AS reason, value->>'detail' AS detail FROM jsonb_each($1)) \
            UPDATE notification_results SET state = 'cancelled', reason = b.reason, detail = b.detail, updated_at = $2 FROM b CROSS JOIN events e \
            WHERE notification_results.tenant_id = b.tenant AND notification_results.rule_id = b.rule AND notification_results.key = b.key \
            AND notification_results.state IN ('scheduled', 'held', 'retrying') AND e.id = notification_results.event_id AND e.id <> b.by_event \
            AND CASE WHEN e.occurred_at <> b.occurred_at THEN e.occurred_at < b.occurred_at ELSE e.id < b.by_event END RETURNING event_id",
        postgres: "UPDATE notification_results SET state = 'cancelled', reason = b.reason, detail = b.detail, updated_at = $2 \
            FROM json_to_recordset($1::json) AS b(tenant uuid, rule uuid, key text, by uuid, occurred_at bigint, reason text, detail text) CROSS JOIN events e \
            WHERE notification_results.tenant_id = b.tenant AND notification_results.rule_id = b.rule AND notification_results.key = b.key \
            AND notification_results.state IN ('scheduled', 'held', 'retrying') AND e.id = notification_results.event_id AND e.id <> b.by \
            AND CASE WHEN e.occurred_at <> b.occurred_at THEN e.occurred_at < b.occurred_at ELSE e.id < b.by END RETURNING notification_results.event_id",
    };
    DUE = Sql::Both("SELECT event_id, rule_id, rule_name, key FROM notification_results WHERE state = 'scheduled' AND due_at <= $1 ORDER BY due_at LIMIT $2");
    RETRY = Sql::Both("UPDATE notification_results SET state = 'retrying', updated_at = $3 WHERE tenant_id = $1 AND event_id = $2 AND state IN ('held', 'failed')");
    RETRY_ONE = Sql::Both("UPDATE notification_results SET state = 'retrying', updated_at = $4 WHERE tenant_id = $1 AND event_id = $2 AND rule_id = $3 \
        AND state IN ('held', 'failed', 'skipped', 'cancelled')");
    // Newest first; the first condition is that of the index.
    STUCK = Sql::Both("SELECT DISTINCT r.event_id FROM notification_results r JOIN events e ON e.id = r.event_id WHERE r.tenant_id = $1 \
        AND r.state IN ('held', 'failed') AND r.event_id < $2 AND r.state = $3 AND (r.reason = $4 OR CAST($4 AS TEXT) IS NULL) \
        AND (e.type = $5 OR CAST($5 AS TEXT) IS NULL) AND (r.rule_id = $6 OR $7) ORDER BY r.event_id DESC LIMIT $8");
    RETRY_MANY = Sql::Each {
        sqlite: "UPDATE notification_results SET state = 'retrying', updated_at = $2 WHERE event_id IN (SELECT unhex(value) FROM json_each($1)) AND tenant_id = $3 \
            AND state = $4 AND (reason = $5 OR CAST($5 AS TEXT) IS NULL) AND (rule_id = $6 OR $7) RETURNING event_id",
        postgres: "UPDATE notification_results SET state = 'retrying', updated_at = $2 WHERE event_id IN (SELECT value::uuid FROM json_array_elements_text($1::json)) \
            AND tenant_id = $3 AND state = $4 AND (reason = $5 OR CAST($5 AS TEXT) IS NULL) AND (rule_id = $6 OR $7) RETURNING event_id",
    };
    HELD = Sql::Both("SELECT tenant_id, COUNT(*) AS count FROM notification_results WHERE state IN ('held', 'failed') AND state = 'held' GROUP BY tenant_id ORDER BY tenant_id");
    // Whoever sends from the account, and has something held for the sake of a template.
    FREEING = Sql::Both("SELECT DISTINCT event_id FROM notification_results WHERE state IN ('held', 'failed') AND state = 'held' \
        AND reason IN ('template_not_approved', 'template_missing') AND tenant_id IN (SELECT n.tenant_id FROM phone_numbers n WHERE n.waba_id = $1 \
        AND n.tenant_id IS NOT NULL UNION SELECT w.tenant_id FROM wabas w WHERE w.waba_id = $1 AND w.tenant_id IS NOT NULL)");
    FREE = Sql::Both("UPDATE notification_results SET state = 'retrying', updated_at = $2 WHERE state IN ('held', 'failed') AND state = 'held' \
        AND reason IN ('template_not_approved', 'template_missing') AND tenant_id IN (SELECT n.tenant_id FROM phone_numbers n WHERE n.waba_id = $1 \
        AND n.tenant_id IS NOT NULL UNION SELECT w.tenant_id FROM wabas w WHERE w.waba_id = $1 AND w.tenant_id IS NOT NULL) RETURNING event_id");
    SCHEDULED = Sql::Both("SELECT COUNT(*) AS count FROM notification_results WHERE state = 'scheduled'");
}

/// What the rules made of one of the tenant's events, in the order in which they came to it.
///
/// # Errors
/// When the database refuses.
pub async fn of_event(db: &Db, tenant: TenantId, event: EventId) -> Result<Vec<Outcome>> {
    db.all(OF_EVENT, args![tenant, event]).await
}

/// What the rules made of these events.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_of(db: &Db, events: &[EventId]) -> Result<Vec<Outcome>> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    db.all(OF_EVENTS, vec![batch(&hex(events))?]).await
}

/// The tenant's quiet hours have changed: what waits for their end is looked at again now.
///
/// # Errors
/// When the database refuses.
pub async fn quiet_no_more(tx: &mut Tx, tenant: TenantId, now: Timestamp) -> Result<()> {
    tx.run(QUIET_NO_MORE, args![tenant, now]).await.map(drop)
}

/// Keeps results.
///
/// # Errors
/// [`DbError::Raced`] when one of them is settled already: roll back, and look again.
pub async fn any_tenant_put(tx: &mut Tx, rows: &[New]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let written = tx.run(PUT, vec![batch(rows)?]).await?;
    if written == rows.len() as u64 {
        Ok(())
    } else {
        Err(DbError::Raced)
    }
}

/// The events of which [`any_tenant_cancel`] may cancel something, to be locked before.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_cancelling(tx: &mut Tx, rows: &[Cancel]) -> Result<Vec<EventId>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<(Uuid,)> = tx.all(CANCELLING, vec![batch(rows)?]).await?;
    Ok(found.into_iter().map(|(id,)| EventId(id)).collect())
}

/// Cancels what older events have scheduled or held under keys, and says of which events.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_cancel(
    tx: &mut Tx,
    rows: &[Cancel],
    now: Timestamp,
) -> Result<Vec<EventId>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut given = vec![batch(rows)?];
    given.extend(args![now]);
    let found: Vec<(Uuid,)> = tx.all(CANCEL, given).await?;
    Ok(found.into_iter().map(|(id,)| EventId(id)).collect())
}

/// Scheduled messages whose time has come, the first ones first.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_due(db: &Db, now: Timestamp, limit: i64) -> Result<Vec<Due>> {
    db.all(DUE, args![now, limit]).await
}

/// What is held of an event, or the result of one rule that sent nothing, is tried again. Says how many there were.
///
/// # Errors
/// When the database refuses.
pub async fn retry(
    tx: &mut Tx,
    tenant: TenantId,
    event: EventId,
    rule: Option<RuleId>,
    now: Timestamp,
) -> Result<u64> {
    match rule {
        Some(rule) => tx.run(RETRY_ONE, args![tenant, event, rule, now]).await,
        None => tx.run(RETRY, args![tenant, event, now]).await,
    }
}

/// Which results are tried again.
#[derive(Debug, Clone)]
pub struct Stuck {
    /// `held` or `failed`.
    pub state: String,
    /// For this reason only.
    pub reason: Option<String>,
    /// Of events of this type only.
    pub kind: Option<String>,
    /// Of this rule only.
    pub rule: Option<RuleId>,
}

/// Results that a filter admits are tried again, those of the newest events first and of so many events at the most that
/// a page has. Says of which events each of them is, and where to go on.
///
/// # Errors
/// When the database refuses.
pub async fn retry_many(
    tx: &mut Tx,
    tenant: TenantId,
    which: &Stuck,
    (before, most): (Option<EventId>, i64),
    now: Timestamp,
) -> Result<(Vec<EventId>, Option<EventId>)> {
    let below = before.map_or(crate::page::LAST_ID, |id| id.0);
    let (state, reason) = (which.state.clone(), which.reason.clone());
    let (rule, any_rule) = (
        which.rule.unwrap_or(RuleId(Uuid::nil())),
        which.rule.is_none(),
    );
    let kind = which.kind.clone();
    let asked = args![
        tenant,
        below,
        state.clone(),
        reason.clone(),
        kind,
        rule,
        any_rule,
        most
    ];
    let found: Vec<(Uuid,)> = tx.all(STUCK, asked).await?;
    let events: Vec<EventId> = found.into_iter().map(|(id,)| EventId(id)).collect();
    if events.is_empty() {
        return Ok((events, None));
    }
    let is_full = i64::try_from(events.len()).is_ok_and(|count| count >= most);
    let next = events.last().copied().filter(|_| is_full);
    super::any_tenant_lock(tx, &events).await?;
    let mut given = vec![batch(&hex(&events))?];
    given.extend(args![now, tenant, state, reason, rule, any_rule]);
    let changed: Vec<(Uuid,)> = tx.all(RETRY_MANY, given).await?;
    let changed = changed.into_iter().map(|(id,)| EventId(id)).collect();
    Ok((changed, next))
}

/// Of which tenants something is held, and how much.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_held(db: &Db) -> Result<Vec<(TenantId, i64)>> {
    let rows: Vec<(Uuid, i64)> = db.all(HELD, args![]).await?;
    Ok(rows
        .into_iter()
        .map(|(id, count)| (TenantId(id), count))
        .collect())
}

/// A template of an account can be sent (again): what is held for the sake of one is tried again. Says of which events
/// that is.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_free(tx: &mut Tx, waba_id: &str, now: Timestamp) -> Result<Vec<EventId>> {
    let events: Vec<(Uuid,)> = tx.all(FREEING, args![waba_id]).await?;
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let events: Vec<_> = events.into_iter().map(|(id,)| EventId(id)).collect();
    super::any_tenant_lock(tx, &events).await?;
    let found: Vec<(Uuid,)> = tx.all(FREE, args![waba_id, now]).await?;
    Ok(found.into_iter().map(|(id,)| EventId(id)).collect())
}

/// How many messages are scheduled.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_scheduled(db: &Db) -> Result<i64> {
    let row: Option<(i64,)> = db.first(SCHEDULED, args![]).await?;
    Ok(row.map_or(0, |(count,)| count))
}

/// The message of a result.
impl Outcome {
    /// Its id, where there is one.
    pub fn message(&self) -> Option<MessageId> {
        self.message_id.map(MessageId)
    }
}
