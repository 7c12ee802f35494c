//! What waits in the outbox for the sake of its template.

use std::collections::HashMap;

use domain::{MessageId, TenantId};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, statements};

/// How many messages of a tenant are in the outbox with a template.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Tally {
    /// Whose.
    pub tenant_id: Uuid,
    /// `queued`, `held`, `sending`, `uncertain`.
    pub state: String,
    /// What holds them.
    pub hold: Option<String>,
    /// How many.
    pub count: i64,
}

statements! {
    HOLD = Sql::Both("UPDATE outbox SET state = 'held', hold = $3, hold_until = NULL WHERE state = 'queued' AND template = $2 \
        AND phone_number_id IN (SELECT phone_number_id FROM phone_numbers WHERE waba_id = $1)");
    // Another reason than before: the one that stands in the way now is shown.
    REASON = Sql::Both("UPDATE outbox SET hold = $3, hold_until = NULL WHERE state = 'held' \
        AND hold IN ('template', 'template_paused', 'template_disabled', 'template_review', 'template_became_marketing') AND hold <> $3 AND template = $2 \
        AND phone_number_id IN (SELECT phone_number_id FROM phone_numbers WHERE waba_id = $1)");
    FREE = Sql::Both("UPDATE outbox SET state = 'queued', hold = NULL, hold_until = NULL WHERE state = 'held' \
        AND hold IN ('template', 'template_paused', 'template_disabled', 'template_review', 'template_became_marketing') AND template = $2 \
        AND phone_number_id IN (SELECT phone_number_id FROM phone_numbers WHERE waba_id = $1)");
    WAITING = Sql::Both("SELECT n.waba_id, o.template, COUNT(*) AS count FROM outbox o JOIN phone_numbers n ON n.phone_number_id = o.phone_number_id \
        WHERE o.state = 'held' AND o.hold IN ('template', 'template_paused', 'template_disabled', 'template_review', 'template_became_marketing') \
        GROUP BY n.waba_id, o.template");
    AWAITED = Sql::Both("SELECT DISTINCT phone_number_id, template FROM outbox WHERE state = 'held' AND hold_until IS NULL AND template IS NOT NULL \
        AND hold IN ('template_paused', 'template_disabled', 'template_review')");
    HEARD = Sql::Both("UPDATE outbox SET state = 'queued', hold = NULL, hold_until = NULL WHERE state = 'held' AND hold_until IS NULL \
        AND hold IN ('template_paused', 'template_disabled', 'template_review') AND phone_number_id = $1 AND template = $2");
    HELD = Sql::Each {
        sqlite: "SELECT id FROM outbox WHERE tenant_id = $1 AND state = 'held' AND hold = $4 AND template = $3 \
            AND phone_number_id IN (SELECT phone_number_id FROM phone_numbers WHERE waba_id = $2) ORDER BY id LIMIT $5",
        postgres: "SELECT id FROM outbox WHERE tenant_id = $1 AND state = 'held' AND hold = $4 AND template = $3 \
            AND phone_number_id IN (SELECT phone_number_id FROM phone_numbers WHERE waba_id = $2) ORDER BY id LIMIT $5 FOR UPDATE",
    };
    LEAVING = Sql::Both("SELECT id FROM outbox WHERE tenant_id = $1 AND state IN ('queued', 'held') AND template = $3 \
        AND phone_number_id IN (SELECT phone_number_id FROM phone_numbers WHERE waba_id = $2) ORDER BY id LIMIT $4");
    TALLY = Sql::Both("SELECT tenant_id, state, hold, COUNT(*) AS count FROM outbox WHERE template = $2 \
        AND phone_number_id IN (SELECT phone_number_id FROM phone_numbers WHERE waba_id = $1) GROUP BY tenant_id, state, hold ORDER BY tenant_id, state, hold");
}

/// Holds what is queued with a template (`name/language`) on an account, and what it holds already for another reason
/// of the template's.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_hold(
    tx: &mut Tx,
    waba_id: &str,
    template: &str,
    hold: &str,
) -> Result<u64> {
    tx.run(REASON, args![waba_id, template, hold]).await?;
    tx.run(HOLD, args![waba_id, template, hold]).await
}

/// Queues what was held for the sake of a template.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_free(tx: &mut Tx, waba_id: &str, template: &str) -> Result<u64> {
    tx.run(FREE, args![waba_id, template]).await
}

/// How many messages wait for the sake of their template, by account and `name/language`.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_waiting(db: &Db) -> Result<HashMap<(String, String), i64>> {
    let rows: Vec<(String, String, i64)> = db.all(WAITING, args![]).await?;
    Ok(rows
        .into_iter()
        .map(|(waba, template, count)| ((waba, template), count))
        .collect())
}

/// The numbers and templates (`name/language`) of messages that wait for Meta's word about their template.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_awaited(db: &Db) -> Result<Vec<(String, String)>> {
    db.all(AWAITED, args![]).await
}

/// Queues what waited on a number for Meta's word about a template.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_heard(db: &Db, number: &str, template: &str) -> Result<u64> {
    db.run(HEARD, args![number, template]).await
}

/// Up to `limit` messages of a tenant that are held for this reason.
///
/// # Errors
/// When the database refuses.
pub async fn held(
    tx: &mut Tx,
    tenant: TenantId,
    waba_id: &str,
    template: &str,
    hold: &str,
    limit: i64,
) -> Result<Vec<MessageId>> {
    let args = args![tenant, waba_id, template, hold, limit];
    let rows: Vec<(Uuid,)> = tx.all(HELD, args).await?;
    Ok(rows.into_iter().map(|(id,)| MessageId(id)).collect())
}

/// Up to `limit` messages of a tenant that have not left yet and are to leave with this template.
///
/// # Errors
/// When the database refuses.
pub async fn to_leave(
    db: &Db,
    tenant: TenantId,
    waba_id: &str,
    template: &str,
    limit: i64,
) -> Result<Vec<MessageId>> {
    let rows: Vec<(Uuid,)> = db
        .all(LEAVING, args![tenant, waba_id, template, limit])
        .await?;
    Ok(rows.into_iter().map(|(id,)| MessageId(id)).collect())
}

/// What is in the outbox with a template, by tenant and state.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_tally(db: &Db, waba_id: &str, template: &str) -> Result<Vec<Tally>> {
    db.all(TALLY, args![waba_id, template]).await
}
