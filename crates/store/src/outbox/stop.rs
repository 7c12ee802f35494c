//! What people hold back and take out, and what is too late.

use domain::{MessageId, TenantId, Timestamp};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, statements};

/// Which of a tenant's sends are meant; no member, all of them.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Of this number.
    pub number: Option<String>,
    /// Under this label.
    pub batch: Option<String>,
    /// In this lane (`domain::message::Lane::rank`).
    pub lane: Option<i64>,
    /// This message alone.
    pub message: Option<MessageId>,
}

/// A send that is about to be taken out of the queue.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Taken {
    /// The message.
    #[sqlx(try_from = "Uuid")]
    pub id: MessageId,
    /// Whose.
    #[sqlx(try_from = "Uuid")]
    pub tenant_id: TenantId,
    /// The conversation that it stands in.
    pub conversation_id: Option<Uuid>,
}

statements! {
    HOLD = Sql::Both("UPDATE outbox SET state = 'held', hold = $5, hold_until = NULL WHERE state = 'queued' \
        AND (tenant_id = $1 OR CAST($1 AS TEXT) IS NULL) AND (phone_number_id = $2 OR CAST($2 AS TEXT) IS NULL) \
        AND (batch = $3 OR CAST($3 AS TEXT) IS NULL) AND (lane = $4 OR CAST($4 AS TEXT) IS NULL)");
    UNHOLD = Sql::Both("UPDATE outbox SET state = 'queued', hold = NULL, hold_until = NULL WHERE state = 'held' AND hold = $4 \
        AND (tenant_id = $1 OR CAST($1 AS TEXT) IS NULL) AND (phone_number_id = $2 OR CAST($2 AS TEXT) IS NULL) \
        AND (batch = $3 OR CAST($3 AS TEXT) IS NULL)");
    UNHOLD_TEMPLATE = Sql::Both("UPDATE outbox SET state = 'queued', hold = NULL, hold_until = NULL WHERE state = 'held' AND hold = 'template' \
        AND phone_number_id = $1 AND template = $2");
    PROBE_TEMPLATE = Sql::Both("UPDATE outbox SET state = 'queued', hold = NULL, hold_until = NULL WHERE id = (SELECT h.id FROM outbox h \
        WHERE h.state = 'held' AND h.hold = 'template' AND h.phone_number_id = $1 AND h.template = $2 ORDER BY h.lane, h.id LIMIT 1)");
    UNHOLD_BUDGET = Sql::Both("UPDATE outbox SET state = 'queued', hold = NULL, hold_until = NULL WHERE state = 'held' AND hold = 'budget' \
        AND phone_number_id IN (SELECT n.phone_number_id FROM phone_numbers n JOIN wabas w ON w.waba_id = n.waba_id WHERE coalesce(w.portfolio_id, w.waba_id) = $1)");
    // One that was in doubt before may have left: it is not taken out.
    STOPPABLE = Sql::Each {
        sqlite: "SELECT id, tenant_id, conversation_id FROM outbox WHERE tenant_id = $1 AND state IN ('queued', 'held') AND doubts = 0 \
            AND (phone_number_id = $2 OR $2 IS NULL) AND (batch = $3 OR $3 IS NULL) AND (lane = $4 OR $4 IS NULL) AND (id = $5 OR $5 IS NULL) LIMIT $6",
        postgres: "SELECT id, tenant_id, conversation_id FROM outbox WHERE tenant_id = $1 AND state IN ('queued', 'held') AND doubts = 0 \
            AND (phone_number_id = $2 OR CAST($2 AS TEXT) IS NULL) AND (batch = $3 OR CAST($3 AS TEXT) IS NULL) AND (lane = $4 OR CAST($4 AS TEXT) IS NULL) \
            AND (id = $5 OR CAST($5 AS TEXT) IS NULL) ORDER BY id LIMIT $6 FOR UPDATE",
    };
    EXPIRED = Sql::Each {
        sqlite: "SELECT id, tenant_id, conversation_id FROM outbox WHERE send_before <= $1 AND state IN ('queued', 'held') AND doubts = 0 \
            ORDER BY send_before LIMIT $2",
        postgres: "SELECT id, tenant_id, conversation_id FROM outbox WHERE send_before <= $1 AND state IN ('queued', 'held') AND doubts = 0 \
            ORDER BY send_before LIMIT $2 FOR UPDATE SKIP LOCKED",
    };
    EXPIRED_IN_DOUBT = Sql::Both("UPDATE outbox SET state = 'uncertain', hold = NULL, hold_until = NULL, settle_at = NULL, last_error = $2 \
        WHERE send_before <= $1 AND state IN ('queued', 'held') AND doubts > 0");
}

/// Holds what is queued: of a tenant (or of all, on a number), until somebody acts. Gives how many.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_hold(
    tx: &mut Tx,
    tenant: Option<TenantId>,
    which: &Selection,
    hold: &str,
) -> Result<u64> {
    let args = args![
        tenant,
        which.number.clone(),
        which.batch.clone(),
        which.lane,
        hold
    ];
    tx.run(HOLD, args).await
}

/// Queues what one thing held. Whatever else stands in its way is found when its turn comes.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_unhold(
    tx: &mut Tx,
    tenant: Option<TenantId>,
    which: &Selection,
    hold: &str,
) -> Result<u64> {
    let args = args![tenant, which.number.clone(), which.batch.clone(), hold];
    tx.run(UNHOLD, args).await
}

/// Queues what waited for a template.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_unhold_template(
    tx: &mut Tx,
    phone_number_id: &str,
    template: &str,
) -> Result<u64> {
    tx.run(UNHOLD_TEMPLATE, args![phone_number_id, template])
        .await
}

/// Queues one message that waits for a template, to try whether it is over. False when nobody waits for it.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_probe_template(
    db: &Db,
    phone_number_id: &str,
    template: &str,
) -> Result<bool> {
    Ok(db
        .run(PROBE_TEMPLATE, args![phone_number_id, template])
        .await?
        == 1)
}

/// Queues what waited for the portfolio's budget.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_unhold_budget(tx: &mut Tx, portfolio: &str) -> Result<u64> {
    tx.run(UNHOLD_BUDGET, args![portfolio]).await
}

/// Up to `limit` of a tenant's sends that have not left, locked so that the sender does not take them meanwhile.
///
/// # Errors
/// When the database refuses.
pub async fn stoppable(
    tx: &mut Tx,
    tenant: TenantId,
    which: &Selection,
    limit: i64,
) -> Result<Vec<Taken>> {
    let args = args![
        tenant,
        which.number.clone(),
        which.batch.clone(),
        which.lane,
        which.message,
        limit,
    ];
    tx.all(STOPPABLE, args).await
}

/// Up to `limit` sends that have not left and whose time is over.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_expired(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<Taken>> {
    tx.all(EXPIRED, args![now, limit]).await
}

/// Sends whose time is over and that may have left at the first try: a person decides.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_expired_in_doubt(tx: &mut Tx, now: Timestamp, why: &str) -> Result<u64> {
    tx.run(EXPIRED_IN_DOUBT, args![now, why]).await
}
