//! Deciding about messages that wait because their template has become a marketing template.

use domain::{TemplateId, TenantId};
use serde_json::json;
use store::audit::{self, Who};
use store::event_log;
use store::outbox::look::Hold;
use store::templates::{self, Template, waiting};

use super::{ActError, Side, act, decides};
use crate::Engine;
use crate::outbound::queue;
use crate::templates::fold::Fold;
use crate::templates::{held, sync};

/// What becomes of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// They go, at the price of marketing.
    Send,
    /// They are cancelled.
    Cancel,
}

/// Messages cancelled at once.
const STEP: i64 = 200;

/// Decides about the messages that wait; gives how many they are. Who decides to send decides for the template; who
/// decides to cancel, for a tenant, only for that one's messages.
///
/// # Errors
/// [`ActError`].
pub async fn release(
    engine: &Engine,
    side: Side,
    who: &Who,
    id: TemplateId,
    decision: Decision,
) -> Result<u64, ActError> {
    let row = match (side, decision) {
        (Side::Tenant(tenant), Decision::Cancel) => templates::get(&engine.db, tenant, id)
            .await?
            .ok_or(ActError::NotFound)?,
        // Others may wait with the same template: only whose it is decides that it costs more.
        _ => decides(engine, side, id).await?,
    };
    if row.became_marketing_at.is_none() {
        return Err(ActError::Conflict(
            "nothing_waits",
            "nothing waits for a decision about this template".to_owned(),
        ));
    }
    let word = Hold::TemplateBecameMarketing.as_str();
    let tally = waiting::any_tenant_tally(&engine.db, &row.waba_id, &held::key(&row)).await?;
    let waits = tally.iter().filter(|one| {
        let his = side.tenant().is_none_or(|tenant| tenant.0 == one.tenant_id);
        one.hold.as_deref() == Some(word) && (his || decision == Decision::Send)
    });
    match decision {
        Decision::Cancel => {
            let mut count = 0;
            for one in waits {
                count += cancel(engine, TenantId(one.tenant_id), who, &row).await?;
            }
            Ok(count)
        }
        Decision::Send => {
            let count = waits.map(|one| u64::try_from(one.count).unwrap_or(0)).sum();
            accept(engine, side, who, id, count).await?;
            Ok(count)
        }
    }
}

/// Takes back what of a tenant's waits.
async fn cancel(
    engine: &Engine,
    tenant: TenantId,
    who: &Who,
    row: &Template,
) -> store::Result<u64> {
    let mut count = 0;
    loop {
        let mut cancelled = 0;
        for message in mine(engine, tenant, row).await? {
            if queue::cancel_message(engine, tenant, message, who).await? == queue::Cancelled::Yes {
                cancelled += 1;
            }
        }
        count += cancelled;
        if cancelled == 0 {
            return Ok(count);
        }
    }
}

/// Its price is accepted: what waits goes.
async fn accept(
    engine: &Engine,
    side: Side,
    who: &Who,
    id: TemplateId,
    count: u64,
) -> Result<(), ActError> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let before = templates::any_tenant_lock(&mut tx, id)
        .await?
        .ok_or(ActError::NotFound)?;
    let mut after = before.clone();
    after.marketing_accepted_at = Some(now.0);
    let mut fold = Fold::new("person", now);
    fold.step(&after, "marketing_accepted", &json!({ "messages": count }));
    fold.change(before, after.clone());
    let folded = fold.write(&mut tx).await?;
    let what = (None, Some(json!({ "messages": count })));
    let act = act(side.tenant(), "template.release", &after, what);
    audit::append(&mut tx, who, act, now).await?;
    event_log::append(&mut tx, &folded.events).await?;
    tx.commit().await?;
    sync::tell(engine, folded.freed);
    Ok(())
}

async fn mine(
    engine: &Engine,
    tenant: TenantId,
    row: &Template,
) -> store::Result<Vec<domain::MessageId>> {
    let word = Hold::TemplateBecameMarketing.as_str();
    let mut tx = engine.db.begin().await?;
    let ids = waiting::held(&mut tx, tenant, &row.waba_id, &held::key(row), word, STEP).await?;
    tx.rollback().await?;
    Ok(ids)
}
