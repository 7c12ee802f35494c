//! What the sender takes, hands over, and takes back.

use domain::{MessageId, Sight, TenantId, Timestamp};
use uuid::Uuid;

use super::{Entry, Id, entry};
use crate::db::{Db, Result, Sql, Tx, args, batch, statements};
use crate::sight::{self, seen_in};

/// A tenant with something queued on a number, and all that decides whether and how fast it may leave.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Waiting {
    /// The number.
    pub phone_number_id: String,
    /// The tenant.
    #[sqlx(try_from = "Uuid")]
    pub tenant_id: TenantId,
    /// The number's WABA.
    pub waba_id: Option<String>,
    /// Whose limit counts: the portfolio, or the WABA while no portfolio is known.
    pub portfolio: Option<String>,
    /// Such as `TIER_2K`.
    pub messaging_limit: Option<String>,
    /// The number's throughput.
    pub messages_per_second: Option<i64>,
    /// Whether the tenant may (still) send, and from this number.
    pub allowed: bool,
    /// When its mailings rest (JSON).
    pub quiet_hours: Option<String>,
    /// How the number stands with Meta.
    pub standing: Option<String>,
    /// Why (JSON).
    pub standing_detail: Option<String>,
    /// Since when the account's token works (µs).
    pub token_works_since: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Moment {
    at: Option<i64>,
}

statements! {
    // From one pair of number and tenant to the next by two steps into the index, however much each has queued. Not by
    // comparing the pairs: SQLite begins such a search at the pair itself and walks through all that it has queued.
    WAITING = Sql::Both("WITH RECURSIVE pair (id, number, tenant) AS (\
            SELECT o.id, o.phone_number_id, o.tenant_id FROM outbox o WHERE o.id = (SELECT f.id FROM outbox f WHERE f.state = 'queued' \
                ORDER BY f.phone_number_id, f.tenant_id LIMIT 1) \
            UNION ALL \
            SELECT o.id, o.phone_number_id, o.tenant_id FROM pair CROSS JOIN outbox o WHERE o.id = coalesce((SELECT f.id FROM outbox f WHERE f.state = 'queued' \
                AND f.phone_number_id = pair.number AND f.tenant_id > pair.tenant ORDER BY f.tenant_id LIMIT 1), \
            (SELECT f.id FROM outbox f WHERE f.state = 'queued' AND f.phone_number_id > pair.number ORDER BY f.phone_number_id, f.tenant_id LIMIT 1))) \
        SELECT pair.number AS phone_number_id, pair.tenant AS tenant_id, n.waba_id, coalesce(w.portfolio_id, n.waba_id) AS portfolio, n.messaging_limit, \
            n.messages_per_second, t.quiet_hours, n.standing, n.standing_detail, w.token_works_since, (coalesce(t.status = 'active' AND t.whatsapp_enabled AND (n.tenant_id = t.id OR (n.is_fallback AND t.fallback_allowed)), \
            FALSE)) AS allowed FROM pair LEFT JOIN phone_numbers n ON n.phone_number_id = pair.number LEFT JOIN wabas w ON w.waba_id = n.waba_id \
            LEFT JOIN tenants t ON t.id = pair.tenant");
    DUE = Sql::Each {
        sqlite: concat!("SELECT ", entry!(), " WHERE o.phone_number_id = $1 AND o.tenant_id = $2 AND o.state = 'queued' ORDER BY o.lane, o.id LIMIT $3"),
        postgres: concat!("SELECT ", entry!(), " WHERE o.phone_number_id = $1 AND o.tenant_id = $2 AND o.state = 'queued' ORDER BY o.lane, o.id LIMIT $3 \
            FOR UPDATE OF o SKIP LOCKED"),
    };
    LANE = Sql::Each {
        sqlite: concat!("SELECT ", entry!(), " WHERE o.phone_number_id = $1 AND o.tenant_id = $2 AND o.state = 'queued' AND o.lane = $4 ORDER BY o.id LIMIT $3"),
        postgres: concat!("SELECT ", entry!(), " WHERE o.phone_number_id = $1 AND o.tenant_id = $2 AND o.state = 'queued' AND o.lane = $4 ORDER BY o.id LIMIT $3 \
            FOR UPDATE OF o SKIP LOCKED"),
    };
    MARK = Sql::Each {
        sqlite: "UPDATE outbox SET state = 'sending', claimed_by = $2, hold = NULL, hold_until = NULL \
            WHERE id IN (SELECT unhex(value->>'id') FROM jsonb_each($1)) AND state = 'queued'",
        postgres: "UPDATE outbox SET state = 'sending', claimed_by = $2, hold = NULL, hold_until = NULL \
            FROM json_to_recordset($1::json) AS b(id uuid) WHERE outbox.id = b.id AND state = 'queued'",
    };
    // The plus keeps SQLite from walking through the whole queue in the order of the ids.
    ORPHANS = Sql::Each {
        sqlite: concat!("SELECT ", entry!(), " WHERE o.claimed_by > '' AND o.claimed_by <> $1 AND o.claimed_by NOT LIKE $1 || '.%' \
            AND o.state = 'sending' ORDER BY +o.id LIMIT $2"),
        postgres: concat!("SELECT ", entry!(), " WHERE o.claimed_by > '' AND o.claimed_by <> $1 AND o.claimed_by NOT LIKE $1 || '.%' \
            AND o.state = 'sending' ORDER BY o.id LIMIT $2"),
    };
    UNCLAIM = Sql::Both("UPDATE outbox SET state = 'queued', claimed_by = NULL WHERE claimed_by = $1 AND state = 'sending'");
    UNSETTLED = Sql::Each {
        sqlite: concat!("SELECT ", entry!(), " WHERE o.settle_at <= $1 AND o.state = 'uncertain' ORDER BY o.settle_at LIMIT $2"),
        postgres: concat!("SELECT ", entry!(), " WHERE o.settle_at <= $1 AND o.state = 'uncertain' ORDER BY o.settle_at LIMIT $2 FOR UPDATE OF o SKIP LOCKED"),
    };
    UNCERTAIN = Sql::Each {
        sqlite: concat!("SELECT ", entry!(), " WHERE o.id = $2 AND o.tenant_id = $1 AND o.state = 'uncertain'"),
        postgres: concat!("SELECT ", entry!(), " WHERE o.id = $2 AND o.tenant_id = $1 AND o.state = 'uncertain' FOR UPDATE OF o"),
    };
    // Ids that are there, in doubt and seen.
    UNCERTAIN_SOME = Sql::Each {
        sqlite: concat!("SELECT ", entry!(), " WHERE o.id IN (SELECT unhex(b.value->>'id') FROM jsonb_each($2) b) AND +o.tenant_id = $1 AND o.state = 'uncertain' AND ",
            seen_in!("o.conversation_id", "$3", "$4", "$5")),
        postgres: concat!("SELECT ", entry!(), " JOIN json_to_recordset($2::json) AS b(id uuid) ON o.id = b.id WHERE o.tenant_id = $1 AND o.state = 'uncertain' AND ",
            seen_in!("o.conversation_id", "$3", "$4", "$5"), " FOR UPDATE OF o"),
    };
    // Those that need a person, the oldest first.
    UNCERTAIN_ALL = Sql::Each {
        sqlite: concat!("SELECT ", entry!(), " WHERE o.tenant_id = $1 AND o.state = 'uncertain' AND o.settle_at IS NULL \
            AND (o.phone_number_id = $2 OR CAST($2 AS TEXT) IS NULL) AND ", seen_in!("o.conversation_id", "$3", "$4", "$5"), " ORDER BY o.id LIMIT $6"),
        postgres: concat!("SELECT ", entry!(), " WHERE o.tenant_id = $1 AND o.state = 'uncertain' AND o.settle_at IS NULL \
            AND (o.phone_number_id = $2 OR CAST($2 AS TEXT) IS NULL) AND ", seen_in!("o.conversation_id", "$3", "$4", "$5"), " ORDER BY o.id LIMIT $6 FOR UPDATE OF o"),
    };
    OF_TENANT_ON_NUMBER = Sql::Both(concat!("SELECT ", entry!(), " WHERE o.tenant_id = $1 AND o.phone_number_id = $2 AND o.state IN ('queued', 'held')"));
    // In the order in which they were to leave, so that what was held together keeps its order.
    RELEASE = Sql::Both("UPDATE outbox SET state = 'queued', hold = NULL, hold_until = NULL WHERE id IN \
        (SELECT h.id FROM outbox h WHERE h.state = 'held' AND h.hold_until <= $1 ORDER BY h.hold_until, h.id LIMIT $2) AND state = 'held'");
    NEXT = Sql::Both("SELECT MIN(hold_until) AS at FROM outbox WHERE state = 'held' AND hold_until IS NOT NULL");
    BEHIND = Sql::Both(concat!("SELECT ", entry!(), " WHERE o.state = 'held' AND o.hold_until > $1 AND o.hold IN ('retry', 'pair_rate') \
        ORDER BY o.hold_until LIMIT $2"));
}

/// Who has something queued, on which number.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_waiting(db: &Db) -> Result<Vec<Waiting>> {
    db.all(WAITING, args![]).await
}

/// What a tenant has queued on a number, most urgent lane first, then in the order of coming.
///
/// # Errors
/// When the database refuses.
pub async fn due(
    tx: &mut Tx,
    tenant: TenantId,
    phone_number_id: &str,
    limit: i64,
) -> Result<Vec<Entry>> {
    tx.all(DUE, args![phone_number_id, tenant, limit]).await
}

/// As [`due`], of one lane.
///
/// # Errors
/// When the database refuses.
pub async fn due_in_lane(
    tx: &mut Tx,
    tenant: TenantId,
    phone_number_id: &str,
    lane: i64,
    limit: i64,
) -> Result<Vec<Entry>> {
    tx.all(LANE, args![phone_number_id, tenant, limit, lane])
        .await
}

/// Marks what is about to be handed over under a name, `<process>.<claim>`. It is safe to send only after commit.
/// Gives how many were still queued.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_mark(
    tx: &mut Tx,
    ids: impl IntoIterator<Item = MessageId>,
    claim: &str,
) -> Result<u64> {
    let ids: Vec<_> = ids.into_iter().map(|id| Id { id: id.hex() }).collect();
    if ids.is_empty() {
        return Ok(0);
    }
    let mut args = vec![batch(&ids)?];
    args.extend(args![claim]);
    tx.run(MARK, args).await
}

/// Sends that a process which is gone had handed over, or was about to.
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

/// A tenant's uncertain send, for a person's decision.
///
/// # Errors
/// When the database refuses.
pub async fn uncertain(tx: &mut Tx, tenant: TenantId, id: MessageId) -> Result<Option<Entry>> {
    tx.first(UNCERTAIN, args![tenant, id]).await
}

/// Which of these messages of the tenant are uncertain sends that are seen.
///
/// # Errors
/// When the database refuses.
pub async fn uncertain_some(
    tx: &mut Tx,
    tenant: TenantId,
    sight: Sight,
    ids: &[MessageId],
) -> Result<Vec<Entry>> {
    let ids: Vec<_> = ids.iter().map(|id| Id { id: id.hex() }).collect();
    let mut args = args![tenant];
    args.push(batch(&ids)?);
    args.extend(sight::args(sight));
    tx.all(UNCERTAIN_SOME, args).await
}

/// The tenant's uncertain sends that are seen and need a person, the oldest `limit` of them; of one number, where one
/// is given.
///
/// # Errors
/// When the database refuses.
pub async fn uncertain_all(
    tx: &mut Tx,
    tenant: TenantId,
    sight: Sight,
    phone_number_id: Option<&str>,
    limit: i64,
) -> Result<Vec<Entry>> {
    let mut args = args![tenant, phone_number_id];
    args.extend(sight::args(sight));
    args.extend(args![limit]);
    tx.all(UNCERTAIN_ALL, args).await
}

/// What a tenant has queued or held on a number.
///
/// # Errors
/// When the database refuses.
pub async fn queued_on(tx: &mut Tx, tenant: TenantId, phone_number_id: &str) -> Result<Vec<Entry>> {
    tx.all(OF_TENANT_ON_NUMBER, args![tenant, phone_number_id])
        .await
}

/// Queues what was held until now. Gives how many.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_release(db: &Db, now: Timestamp, limit: i64) -> Result<u64> {
    db.run(RELEASE, args![now, limit]).await
}

/// When the next held send is looked at again, if any.
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

/// What waits to be tried again: what comes after it to the same person in the same lane waits behind it.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_behind(db: &Db, now: Timestamp, limit: i64) -> Result<Vec<Entry>> {
    db.all(BEHIND, args![now, limit]).await
}
