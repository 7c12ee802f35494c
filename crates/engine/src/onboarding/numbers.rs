//! The numbers of a WABA that is being connected become the tenant's, so that what comes for them finds its way.

use domain::Timestamp;
use meta::graph::PhoneNumber;
use store::connections::{self, numbers as connected};
use store::{Tx, jobs, numbers};

use super::cause::{Cause, Stop};
use super::work::Work;
use crate::outbound::settle;
use crate::shared_account::facts;

/// Writes what Meta says about the numbers and gives them to the tenant. What was parked for them is replayed.
pub(super) async fn take(
    tx: &mut Tx,
    work: &Work,
    waba_id: &str,
    list: &[PhoneNumber],
    now: Timestamp,
) -> Result<(), Stop> {
    let tenant = work.connection.tenant_id;
    for number in list {
        let known = numbers::any_tenant_get_in(tx, &number.id).await?;
        let mut holder = known.as_ref().and_then(numbers::PhoneNumber::tenant);
        if let Some(before) = holder.filter(|before| *before != tenant)
            && connections::has_left(tx, before, waba_id).await?
        {
            // Meta took the account from them; it is this business's now, and so are its numbers.
            numbers::unassign(tx, before, &number.id).await?;
            settle::fail_queued(&work.engine, tx, before, &number.id).await?;
            holder = None;
        }
        let is_fallback = known.as_ref().is_some_and(|known| known.is_fallback);
        if is_fallback || holder.is_some_and(|holder| holder != tenant) {
            let display = number.display_phone_number.as_deref().unwrap_or(&number.id);
            return Err(Stop::failed(Cause::NumberTaken, display));
        }
        numbers::any_tenant_upsert_facts_in(tx, &number.id, waba_id, &facts(number), now).await?;
        let (name, on_app) = (number.name_status.as_deref(), number.is_on_biz_app);
        connected::any_tenant_set_facts(tx, &number.id, name, on_app).await?;
        if holder.is_none() && numbers::assign(tx, tenant, &number.id, now).await? {
            let (kind, id) = (crate::jobs::REPLAY_NUMBER, &number.id);
            jobs::add(tx, kind, id, id, now, now).await?;
        }
    }
    Ok(())
}
