//! Giving a number to a tenant and taking it back.

use std::collections::HashSet;

use domain::{TenantId, Timestamp};
use meta::graph::GraphCallError;
use serde_json::json;
use store::audit::{self, Act, Target, Who};
use store::numbers::{self, PhoneNumber};
use store::{event_log, jobs, tenants, wabas};

use super::refresh::facts;
use crate::Engine;

/// Why a number was not assigned.
#[derive(Debug, thiserror::Error)]
pub enum AssignError {
    /// There is no such tenant.
    #[error("there is no such tenant")]
    NoTenant,
    /// The number is the platform's fallback, from which several tenants may send.
    #[error("the number {0} is the platform's fallback; make another one the fallback first")]
    IsFallback(String),
    /// Another tenant has the number.
    #[error(
        "the number {phone_number_id} is already assigned to {tenant_name}; unassign it there first"
    )]
    Taken {
        /// The number.
        phone_number_id: String,
        /// Who has it.
        tenant: TenantId,
        /// Their name.
        tenant_name: String,
    },
    /// The tenant has another number.
    #[error("this tenant already has the number {0}; unassign it first")]
    HasAnother(String),
    /// The platform has no WABA to which the number could belong.
    #[error(
        "the platform has no WhatsApp Business Account yet; set meta.waba_id and meta.system_user_token"
    )]
    NoWaba,
    /// The id is not one of Meta's.
    #[error("a phone_number_id has 5 to 20 digits; this one is {0:?}")]
    BadId(String),
    /// The number is not known here and Meta could not be asked, or does not know it.
    #[error(
        "the number {phone_number_id} is not in the pool and WhatsApp does not name it: {source}"
    )]
    Unknown {
        /// The number.
        phone_number_id: String,
        /// What Meta said.
        source: GraphCallError,
    },
    /// The tenant has no number to take back.
    #[error("this tenant has no number assigned")]
    NothingAssigned,
    /// The database refused.
    #[error(transparent)]
    Store(#[from] store::DbError),
}

/// Assigns a number of the pool. One that is not known yet is taken in: with the given display number,
/// else with the one that Meta names. Assigning it again to the same tenant changes nothing. What is
/// parked for the number is replayed at once.
///
/// # Errors
/// [`AssignError`]; then nothing changed.
pub async fn assign(
    engine: &Engine,
    tenant: TenantId,
    phone_number_id: &str,
    display_phone_number: Option<&str>,
    who: &Who,
) -> Result<PhoneNumber, AssignError> {
    if !(5..=20).contains(&phone_number_id.len())
        || !phone_number_id.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Err(AssignError::BadId(phone_number_id.to_owned()));
    }
    if tenants::get(&engine.db, tenant).await?.is_none() {
        return Err(AssignError::NoTenant);
    }
    let known = numbers::any_tenant_get(&engine.db, phone_number_id).await?;
    if known.as_ref().is_some_and(|number| number.is_fallback) {
        return Err(AssignError::IsFallback(phone_number_id.to_owned()));
    }
    if let Some(known) = &known {
        not_connected(engine, tenant, known).await?;
    }
    let missing = known.is_none();
    let given = display_phone_number
        .map(str::trim)
        .filter(|text| !text.is_empty());
    if missing && given.is_none() {
        take_in(engine, phone_number_id).await?;
    }
    let waba = if missing && given.is_some() {
        default_waba(engine).await?
    } else {
        String::new()
    };
    let now = engine.clock.now();
    let shared_wabas = shared_wabas(engine).await?;
    let mut tx = engine.db.begin().await?;
    // The lock on the tenant keeps two assignments to it apart; the number itself is moved only from the pool.
    let row = tenants::lock(&mut tx, tenant)
        .await?
        .ok_or(AssignError::NoTenant)?;
    if let Some(display) = given.filter(|_| missing) {
        let per_second = i64::from(meta::limits::THROUGHPUT_STANDARD_MPS);
        numbers::any_tenant_insert_bare(&mut tx, phone_number_id, &waba, display, per_second, now)
            .await?;
    }
    let others = numbers::of_tenant_in(&mut tx, tenant).await?;
    if let Some(same) = others
        .iter()
        .find(|number| number.phone_number_id == phone_number_id)
    {
        return Ok(same.clone());
    }
    let mut shared = others.iter();
    let shared = shared.find(|number| shared_wabas.contains(&number.waba_id));
    if let Some(other) = shared {
        return Err(AssignError::HasAnother(other.display_phone_number.clone()));
    }
    if !numbers::assign(&mut tx, tenant, phone_number_id, now).await? {
        let holder = numbers::any_tenant_get_in(&mut tx, phone_number_id)
            .await?
            .and_then(|number| number.tenant());
        tx.rollback().await?;
        return Err(taken(engine, phone_number_id, holder).await?);
    }
    jobs::add(
        &mut tx,
        crate::jobs::REPLAY_NUMBER,
        phone_number_id,
        phone_number_id,
        now,
        now,
    )
    .await?;
    let number = numbers::any_tenant_get_in(&mut tx, phone_number_id)
        .await?
        .ok_or(AssignError::NothingAssigned)?;
    crate::global_templates::spread_in(&mut tx, None, Some(&number.waba_id), now).await?;
    let held = json!({ "tenant_id": tenant.to_string(), "tenant": row.name });
    let act = moved("number.assign", tenant, &number, json!(null), held);
    audit::append(&mut tx, who, act, now).await?;
    tell(&mut tx, tenant, phone_number_id, "number.assigned", now).await?;
    tx.commit().await?;
    engine.wake.jobs.notify_one();
    engine.wake.events.notify_waiters();
    if missing && given.is_some() {
        // Taken in on the administrator's word; its pace and quality are Meta's to tell.
        let (engine, id) = (engine.clone(), phone_number_id.to_owned());
        tokio::spawn(async move {
            if let Err(error) = take_in(&engine, &id).await {
                tracing::warn!(phone_number_id = %id, error = %error, "what WhatsApp says about this number is not known yet");
            }
        });
    }
    Ok(number)
}

/// Takes the tenant's number back into the pool. Its conversations stay the tenant's.
///
/// # Errors
/// [`AssignError`]; then nothing changed.
pub async fn unassign(
    engine: &Engine,
    tenant: TenantId,
    who: &Who,
) -> Result<PhoneNumber, AssignError> {
    let now = engine.clock.now();
    let shared_wabas = shared_wabas(engine).await?;
    let mut tx = engine.db.begin().await?;
    let row = tenants::lock(&mut tx, tenant)
        .await?
        .ok_or(AssignError::NoTenant)?;
    let number = numbers::of_tenant_in(&mut tx, tenant)
        .await?
        .into_iter()
        .find(|number| shared_wabas.contains(&number.waba_id))
        .ok_or(AssignError::NothingAssigned)?;
    if !numbers::unassign(&mut tx, tenant, &number.phone_number_id).await? {
        return Err(AssignError::NothingAssigned);
    }
    let held = json!({ "tenant_id": tenant.to_string(), "tenant": row.name });
    let act = moved("number.unassign", tenant, &number, held, json!(null));
    audit::append(&mut tx, who, act, now).await?;
    // Tells what it does: the event log is locked after the audit log, here as everywhere.
    crate::outbound::settle::fail_queued(engine, &mut tx, tenant, &number.phone_number_id).await?;
    tell(
        &mut tx,
        tenant,
        &number.phone_number_id,
        "number.unassigned",
        now,
    )
    .await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    Ok(PhoneNumber {
        tenant_id: None,
        assigned_at: None,
        ..number
    })
}

/// The platform's own WABAs. A number of a tenant's own comes and goes with its connection.
async fn shared_wabas(engine: &Engine) -> store::Result<HashSet<String>> {
    let wabas = wabas::any_tenant_list(&engine.db).await?;
    let shared = wabas.into_iter().filter(|waba| waba.tenant_id.is_none());
    Ok(shared.map(|waba| waba.waba_id).collect())
}

/// A number of a WABA that is, or was, a tenant's own is nobody's to give away.
async fn not_connected(
    engine: &Engine,
    tenant: TenantId,
    number: &PhoneNumber,
) -> Result<(), AssignError> {
    let wabas = wabas::any_tenant_list(&engine.db).await?;
    let owner = wabas
        .into_iter()
        .find(|waba| waba.waba_id == number.waba_id)
        .and_then(|waba| waba.tenant_id.map(TenantId));
    match owner {
        Some(owner) if number.tenant() != Some(tenant) => {
            Err(taken(engine, &number.phone_number_id, Some(owner)).await?)
        }
        Some(_) | None => Ok(()),
    }
}

fn moved<'a>(
    action: &'static str,
    tenant: TenantId,
    number: &'a PhoneNumber,
    before: serde_json::Value,
    after: serde_json::Value,
) -> Act<'a> {
    Act {
        tenant: Some(tenant),
        action,
        target: Target {
            kind: "phone_number",
            id: Some(number.phone_number_id.clone()),
            name: Some(&number.display_phone_number),
        },
        before: Some(before),
        after: Some(after),
    }
}

async fn tell(
    tx: &mut store::Tx,
    tenant: TenantId,
    number: &str,
    kind: &'static str,
    now: Timestamp,
) -> store::Result<()> {
    let data = format!(r#"{{"phone_number_id":"{number}","tenant_id":"{tenant}"}}"#);
    event_log::append(tx, &[event_log::of(tenant, kind, data, now)]).await
}

async fn taken(
    engine: &Engine,
    phone_number_id: &str,
    holder: Option<TenantId>,
) -> Result<AssignError, store::DbError> {
    let Some(tenant) = holder else {
        return Ok(AssignError::NothingAssigned);
    };
    let tenant_name = tenants::get(&engine.db, tenant)
        .await?
        .map(|tenant| tenant.name)
        .unwrap_or_default();
    Ok(AssignError::Taken {
        phone_number_id: phone_number_id.to_owned(),
        tenant,
        tenant_name,
    })
}

/// Asks Meta for a number that is not known here.
async fn take_in(engine: &Engine, phone_number_id: &str) -> Result<(), AssignError> {
    let waba = default_waba(engine).await?;
    let token = wabas::any_tenant_token(&engine.db, &engine.sealer, &waba)
        .await?
        .ok_or(AssignError::NoWaba)?;
    let number = engine
        .graph
        .phone_number(&token, phone_number_id)
        .await
        .map_err(|source| AssignError::Unknown {
            phone_number_id: phone_number_id.to_owned(),
            source,
        })?;
    numbers::any_tenant_upsert_facts(
        &engine.db,
        phone_number_id,
        &waba,
        &facts(&number),
        engine.clock.now(),
    )
    .await?;
    Ok(())
}

async fn default_waba(engine: &Engine) -> Result<String, AssignError> {
    let wabas = wabas::any_tenant_list(&engine.db).await?;
    wabas
        .into_iter()
        .find(|waba| waba.tenant_id.is_none())
        .map(|waba| waba.waba_id)
        .ok_or(AssignError::NoWaba)
}
