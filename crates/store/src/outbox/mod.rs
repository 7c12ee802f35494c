//! Messages on their way out.
//!
//! A row is `queued` when it may leave now, `held` while something is in its way (for how long: `hold_until`; none
//! when somebody has to act), `sending` once it is handed to the network (committed before the network is touched),
//! then gone when Meta has answered for good. `uncertain` is a send whose answer was lost: it waits for the status
//! webhook that carries its id, and after its settle time for the tenant's policy.
//!
//! `claim` is what the sender takes and puts back, `stop` what people hold back and take out, `look` what they see.

pub mod claim;
pub mod holds;
pub mod look;
pub mod stop;

pub use look::{Place, Tally, any_tenant_tally, place};

use domain::{MessageId, TenantId, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use crate::db::{Result, Sql, Tx, args, batch, statements};

/// A send to enqueue. Ids are 32 hex digits, times µs.
#[derive(Debug, Clone, Serialize)]
pub struct New {
    /// The message's id.
    pub id: String,
    /// Tenant.
    pub tenant: String,
    /// The conversation that it stands in.
    pub conversation: String,
    /// From which number.
    pub number: String,
    /// To whom: digits or a BSUID.
    pub recipient: String,
    /// `domain::message::Lane::rank`.
    pub lane: i64,
    /// The body that Meta is sent.
    pub body: String,
    /// The template (`name/language`), where it is one; all else needs an open service window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// The endpoint, where it is not `messages`: `marketing_messages`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<&'static str>,
    /// The label by which it can be paused and cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
    /// Whether it waits while quiet hours last, as mailings do.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub rests: bool,
    /// Not before (µs); later than `at` for a scheduled one.
    pub next_at: i64,
    /// Not after (µs).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send_before: Option<i64>,
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
    /// `domain::message::Lane::rank`.
    pub lane: i64,
    /// The body that Meta is sent.
    pub body: String,
    /// The template (`name/language`), where it is one.
    pub template: Option<String>,
    /// The endpoint, where it is not `messages`.
    pub endpoint: Option<String>,
    /// The label by which it can be paused and cancelled.
    pub batch: Option<String>,
    /// Whether it waits while quiet hours last, as mailings do.
    pub rests: bool,
    /// Not after (µs).
    pub send_before: Option<i64>,
    /// How often Meta refused it for a passing reason.
    pub attempts: i64,
    /// How often its outcome was unknown.
    pub doubts: i64,
    /// Until when it is held (µs), where it is.
    pub hold_until: Option<i64>,
    /// When it was enqueued.
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
    /// When the contact last wrote in the conversation (µs).
    pub last_inbound_at: Option<i64>,
}

/// What becomes of a row that stays in the outbox.
#[derive(Debug, Clone, Serialize)]
pub struct Later {
    /// The message, 32 hex digits.
    pub id: String,
    /// `queued`, `held`, or `uncertain` when the outcome is unknown.
    pub state: &'static str,
    /// What holds it; see [`crate::outbox::look::Hold`].
    pub hold: Option<&'static str>,
    /// Until when (µs); none when somebody has to act.
    pub hold_until: Option<i64>,
    /// When an uncertain one is settled by policy (µs).
    pub settle_at: Option<i64>,
    /// How many doubts are added.
    pub doubts: i64,
    /// How many refusals are added.
    pub tries: i64,
    /// Why.
    pub last_error: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Id {
    pub(crate) id: String,
}

/// The columns of [`Entry`], and what they are read from.
macro_rules! entry {
    () => {
        "o.id, o.tenant_id, o.phone_number_id, o.recipient, o.lane, o.body, o.template, o.endpoint, o.batch, o.rests, o.send_before, o.attempts, o.doubts, \
         o.hold_until, o.created_at, c.last_inbound_at FROM outbox o LEFT JOIN conversations c ON c.id = o.conversation_id"
    };
}
pub(crate) use entry;

statements! {
    ADD = Sql::Each {
        sqlite: "INSERT INTO outbox (id, tenant_id, conversation_id, phone_number_id, recipient, lane, body, template, endpoint, batch, attempts, doubts, \
            next_at, send_before, created_at, rests, state, hold, hold_until) \
            SELECT unhex(value->>'id'), unhex(value->>'tenant'), unhex(value->>'conversation'), value->>'number', value->>'recipient', value->>'lane', \
            value->>'body', value->>'template', value->>'endpoint', value->>'batch', 0, 0, value->>'next_at', value->>'send_before', value->>'at', coalesce(value->>'rests', 0), \
            CASE WHEN value->>'next_at' > value->>'at' THEN 'held' ELSE 'queued' END, \
            CASE WHEN value->>'next_at' > value->>'at' THEN 'scheduled' END, \
            CASE WHEN value->>'next_at' > value->>'at' THEN value->>'next_at' END FROM jsonb_each($1)",
        postgres: "INSERT INTO outbox (id, tenant_id, conversation_id, phone_number_id, recipient, lane, body, template, endpoint, batch, attempts, doubts, \
            next_at, send_before, created_at, rests, state, hold, hold_until) \
            SELECT id, tenant, conversation, number, recipient, lane, body, template, endpoint, batch, 0, 0, next_at, send_before, at, coalesce(rests, FALSE), \
            CASE WHEN next_at > at THEN 'held' ELSE 'queued' END, CASE WHEN next_at > at THEN 'scheduled' END, CASE WHEN next_at > at THEN next_at END \
            FROM json_to_recordset($1::json) AS b(id uuid, tenant uuid, conversation uuid, number text, recipient text, lane bigint, body text, \
            template text, endpoint text, batch text, next_at bigint, send_before bigint, at bigint, rests boolean)",
    };
    // The labels of what is added, so that the latest are found without reading their messages.
    LABEL = Sql::Each {
        sqlite: "INSERT INTO batches (tenant_id, batch, first_at, last_at) SELECT DISTINCT unhex(value->>'tenant'), value->>'batch', $2, $2 \
            FROM jsonb_each($1) WHERE value->>'batch' IS NOT NULL ON CONFLICT (tenant_id, batch) DO UPDATE SET last_at = excluded.last_at",
        postgres: "INSERT INTO batches (tenant_id, batch, first_at, last_at) SELECT DISTINCT tenant, batch, CAST($2 AS BIGINT), CAST($2 AS BIGINT) \
            FROM json_to_recordset($1::json) AS b(tenant uuid, batch text) WHERE batch IS NOT NULL ORDER BY tenant, batch \
            ON CONFLICT (tenant_id, batch) DO UPDATE SET last_at = excluded.last_at",
    };
    DONE = Sql::Each {
        sqlite: "DELETE FROM outbox WHERE id IN (SELECT unhex(value->>'id') FROM jsonb_each($1))",
        postgres: "DELETE FROM outbox USING json_to_recordset($1::json) AS b(id uuid) WHERE outbox.id = b.id",
    };
    // What stays in doubt keeps the reason why it is.
    LATER = Sql::Each {
        sqlite: "UPDATE outbox SET state = b.value->>'state', hold = b.value->>'hold', hold_until = b.value->>'hold_until', \
            next_at = coalesce(b.value->>'hold_until', b.value->>'settle_at', next_at), settle_at = b.value->>'settle_at', \
            doubts = doubts + (b.value->>'doubts'), attempts = attempts + (b.value->>'tries'), \
            last_error = CASE WHEN outbox.state = 'uncertain' AND b.value->>'state' = 'uncertain' THEN coalesce(last_error, b.value->>'last_error') \
            ELSE b.value->>'last_error' END, claimed_by = NULL \
            FROM jsonb_each($1) b WHERE outbox.id = unhex(b.value->>'id')",
        postgres: "UPDATE outbox SET state = b.state, hold = b.hold, hold_until = b.hold_until, next_at = coalesce(b.hold_until, b.settle_at, outbox.next_at), \
            settle_at = b.settle_at, doubts = outbox.doubts + b.doubts, attempts = outbox.attempts + b.tries, \
            last_error = CASE WHEN outbox.state = 'uncertain' AND b.state = 'uncertain' THEN coalesce(outbox.last_error, b.last_error) ELSE b.last_error END, \
            claimed_by = NULL \
            FROM json_to_recordset($1::json) AS b(id uuid, state text, hold text, hold_until bigint, settle_at bigint, doubts bigint, tries bigint, \
            last_error text) WHERE outbox.id = b.id",
    };
}

/// Enqueues sends.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_add(tx: &mut Tx, rows: &[New]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.run(ADD, vec![batch(rows)?]).await?;
    let labelled: Vec<_> = rows.iter().filter(|row| row.batch.is_some()).collect();
    if let Some(first) = labelled.first() {
        let labels: Vec<_> = labelled.iter().map(|row| Label::of(row)).collect();
        let mut args = vec![batch(&labels)?];
        args.extend(args![first.at]);
        tx.run(LABEL, args).await?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Label<'a> {
    tenant: &'a str,
    batch: Option<&'a str>,
}

impl<'a> Label<'a> {
    fn of(row: &'a New) -> Self {
        Self {
            tenant: &row.tenant,
            batch: row.batch.as_deref(),
        }
    }
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

/// Puts claimed sends back, holds them, or marks them as uncertain.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_later(tx: &mut Tx, rows: &[Later]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.run(LATER, vec![batch(rows)?]).await.map(drop)
}
