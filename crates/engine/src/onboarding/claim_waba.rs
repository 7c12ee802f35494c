//! WABA and numbers become the tenant's here, with the token that reaches them. From now on their webhooks are
//! routed, so nothing is lost when Meta begins to send them.

use domain::Timestamp;
use domain::connection::ConnectionState;
use meta::graph::{PhoneNumber, Waba};
use serde_json::json;
use store::Tx;
use store::audit::{self, Act, Target, Who};
use store::connections::{self, Connection, runs, tokens};

use super::cause::{Cause, Stop};
use super::work::{Ended, Inspected, Work};

pub(super) async fn act(work: &mut Work) -> Result<Ended, Stop> {
    let found = work.inspected()?;
    let token = work.token().await?;
    if work.known.waba_id.as_ref() == Some(&found.waba_id) {
        return Err(Stop::failed(Cause::WabaIsPlatforms, &found.waba_id));
    }
    let graph = work.graph();
    let waba = graph.waba(&token, &found.waba_id).await?;
    let numbers = graph.phone_numbers(&token, &found.waba_id).await?;
    if let Some(claimed) = &work.claims.phone_number_id
        && !numbers.iter().any(|number| number.id == *claimed)
    {
        return Err(Stop::failed(Cause::NumberNotInWaba, claimed));
    }
    match keep(work, &found, &token, &waba, &numbers).await {
        Err(Stop::Store(error)) if error.is_conflict() => {
            // Somebody else connected it a moment ago.
            Err(Stop::failed(Cause::WabaTaken, &found.waba_id))
        }
        Err(stop) => Err(stop),
        Ok(()) => {
            let name = waba.name.as_deref().unwrap_or(&found.waba_id);
            let count = numbers.len();
            let word = if count == 1 { "number" } else { "numbers" };
            Ok(Ended::done(format!("{name}, {count} {word}")))
        }
    }
}

/// The same business has signed up again, and its browser did not say for which account: the new connection goes on
/// where the old one was.
async fn succeed(
    tx: &mut Tx,
    row: &mut Connection,
    holder: &Connection,
    now: Timestamp,
) -> Result<(), Stop> {
    let held = connections::lock(tx, holder.tenant_id, holder.id).await?;
    let mut held = held.ok_or(Stop::Gone)?;
    runs::cancel(tx, held.id, now).await?;
    row.allocation_id = held.allocation_id.take();
    row.billing_mode.clone_from(&held.billing_mode);
    row.way.clone_from(&held.way);
    row.connected_at = held.connected_at;
    held.set_state(ConnectionState::Disconnected);
    held.problem = None;
    held.disconnected_at = Some(now.0);
    held.disconnect_reason = Some("SUCCEEDED".to_owned());
    connections::update(tx, &held, now).await?;
    Ok(())
}

async fn keep(
    work: &mut Work,
    found: &Inspected,
    token: &secrecy::SecretString,
    waba: &Waba,
    numbers: &[PhoneNumber],
) -> Result<(), Stop> {
    let engine = &work.engine;
    let (now, tenant) = (engine.clock.now(), work.connection.tenant_id);
    let mut tx = work.begin().await?;
    let row = connections::lock(&mut tx, tenant, work.connection.id).await?;
    let mut row = row.ok_or(Stop::Gone)?;
    let holder = connections::any_tenant_of_waba_in(&mut tx, &found.waba_id).await?;
    if let Some(holder) = holder.filter(|holder| holder.id != row.id) {
        if holder.tenant_id != tenant || row.waba_id.is_some() {
            return Err(Stop::failed(Cause::WabaTaken, &found.waba_id));
        }
        succeed(&mut tx, &mut row, &holder, now).await?;
    }
    if connections::any_tenant_is_leaving(&mut tx, crate::jobs::DISCONNECT, &found.waba_id, row.id)
        .await?
    {
        // Whoever had it before is being taken off it at Meta: what is made now would be taken along. Asked after the
        // holder, because the job comes with the end of the connection.
        return Err(Stop::Again {
            cause: Cause::MetaBusy,
            detail: format!("{} is being disconnected elsewhere", found.waba_id),
            wait: None,
        });
    }
    let known = tokens::any_tenant_get_in(&mut tx, &found.waba_id).await?;
    if known.is_some_and(|known| known.tenant_id.is_none()) {
        return Err(Stop::failed(Cause::WabaIsPlatforms, &found.waba_id));
    }
    let owner = waba.owner_business_info.clone().unwrap_or_default();
    row.waba_id = Some(found.waba_id.clone());
    row.business_id = owner.id;
    row.business_name = owner.name;
    row.set_way(work.way()?)?;
    row.coexistence = numbers.iter().any(|number| work.is_on_app(number));
    connections::update(&mut tx, &row, now).await?;
    let debugged = tokens::Debugged {
        expires_at: found.expires_at.map(Timestamp::from_seconds),
        scopes: found.scopes.clone(),
    };
    let name = waba.name.as_deref().unwrap_or(&found.waba_id);
    let named = (found.waba_id.as_str(), name);
    tokens::claim(
        &mut tx,
        &engine.sealer,
        tenant,
        named,
        token,
        &debugged,
        now,
    )
    .await?;
    super::numbers::take(&mut tx, work, &found.waba_id, numbers, now).await?;
    runs::forget(&mut tx, work.run.id).await?;
    let act = Act {
        tenant: Some(tenant),
        action: "connection.claim",
        target: Target {
            kind: "connection",
            id: Some(row.id.to_string()),
            name: Some(name),
        },
        before: None,
        after: Some(json!({
            "waba_id": found.waba_id,
            "business_id": row.business_id,
            "numbers": numbers.iter().map(|number| &number.id).collect::<Vec<_>>(),
        })),
    };
    let who = Who::system(&format!("onboarding, for {}", work.run.started_by));
    audit::append(&mut tx, &who, act, now).await?;
    tx.commit().await?;
    engine.wake.jobs.notify_one();
    work.connection = row;
    Ok(())
}
