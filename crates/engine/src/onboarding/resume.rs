//! Going on with a connection that stopped, or with a number of it that was never registered.

use domain::connection::{ConnectionState, RunKind, RunState, Step, StepState};
use domain::{ConnectionId, TenantId};
use secrecy::{ExposeSecret as _, SecretString};
use store::audit::Who;
use store::connections::runs::{self, Outcome, Run};
use store::connections::{self, numbers};
use store::{DbError, wabas};

use super::begin::{BeginError, add_job, skip_exchange, write_down, written};
use super::run::tell;
use super::work::Claims;
use crate::Engine;

/// What helps to go on.
#[derive(Debug, Default)]
pub struct Resume {
    /// The PIN of a number that has one of its own.
    pub pin: Option<SecretString>,
    /// A number of the connection that is to be registered.
    pub phone_number_id: Option<String>,
}

/// Goes on where the last run stopped. A number that is named is registered, also where the last run was about another.
///
/// # Errors
/// [`BeginError`]; then nothing was begun.
pub async fn resume(
    engine: &Engine,
    tenant: TenantId,
    id: ConnectionId,
    wanted: Resume,
    who: &Who,
) -> Result<(), BeginError> {
    let pin = wanted.pin.as_ref();
    if pin.is_some_and(|pin| !super::pin::is_pin(pin.expose_secret())) {
        return Err(BeginError::Wrong {
            field: "pin",
            problem: "must have six digits",
        });
    }
    let now = engine.clock.now();
    let has_kept = has_kept(engine, tenant, id).await?;
    let mut tx = engine.db.begin().await?;
    let row = connections::lock(&mut tx, tenant, id).await?;
    let mut row = row.ok_or(BeginError::NoConnection)?;
    let last = runs::latest_in(&mut tx, tenant, id).await?;
    let last = last.ok_or(BeginError::CodeNeeded)?;
    if last.is_running() {
        return Err(BeginError::AtWork);
    }
    let mut steps = runs::steps_in(&mut tx, last.id).await?;
    let mut token = runs::token_in(&mut tx, &engine.sealer, &last).await?;
    let is_over = |wanted: Step| {
        let mut steps = steps.iter();
        steps.any(|step| step.step == wanted.as_str() && step.is_over())
    };
    let has_code = is_over(Step::ExchangeCode);
    // Fresh access that came to nothing: what is kept from before is looked at again.
    let goes_back = has_kept && !is_over(Step::ClaimWaba);
    let has_token = token.is_some() || has_kept;
    if row.is(ConnectionState::Disconnected) || !(goes_back || has_code && has_token) {
        return Err(BeginError::CodeNeeded);
    }
    let mut claims: Claims =
        serde_json::from_str(&last.claims).map_err(|error| DbError::Corrupt(error.to_string()))?;
    if goes_back {
        steps.clear();
        token = None;
        let kept = Claims {
            waba_id: row.waba_id.clone(),
            coexistence: row.coexistence,
            way: Some(row.way.clone()),
            setup_link: claims.setup_link,
            by_link: claims.by_link,
            further: claims.further,
            ..Claims::default()
        };
        claims = kept;
    }
    if pin.is_none() && claims.phone_number_id.is_some() {
        // A number that failed takes nothing from looking at the chosen one again.
        claims.further = None;
    }
    if let Some(number) = wanted.phone_number_id {
        let own = match &row.waba_id {
            Some(waba) => numbers::any_tenant_of_waba_in(&mut tx, waba).await?,
            None => Vec::new(),
        };
        let is_own = |one: &numbers::ConnectedNumber| {
            one.phone_number_id == number && one.tenant_id == Some(tenant.into())
        };
        if !own.iter().any(is_own) {
            return Err(BeginError::Wrong {
                field: "phone_number_id",
                problem: "is not a number of this connection",
            });
        }
        // The only one, or the one that was chosen, is what the connection is about.
        let is_chosen = own.len() == 1 || claims.phone_number_id.as_ref() == Some(&number);
        claims.further = (!is_chosen).then_some(number);
        // It has to be registered, whatever was before.
        steps.retain(|step| step.step != Step::RegisterNumber.as_str());
    }
    if let (Some(pin), Some(waba)) = (pin, &row.waba_id) {
        let all = numbers::any_tenant_of_waba_in(&mut tx, waba).await?;
        // A PIN is one number's: the further one's, or the chosen one's where one was chosen.
        let is_meant = |number: &&numbers::ConnectedNumber| {
            let id = Some(&number.phone_number_id);
            let further = claims.further.as_ref();
            let chosen = claims.phone_number_id.as_ref();
            let about = match further {
                Some(_) => further == id,
                None => chosen.is_none() || chosen == id,
            };
            about && !number.has_pin
        };
        for number in all.iter().filter(is_meant) {
            let id = &number.phone_number_id;
            numbers::any_tenant_set_pin(&mut tx, &engine.sealer, id, Some(pin), now).await?;
        }
    }
    let by = who.name.as_str();
    let run = Run::new((tenant, id), RunKind::Resume, written(&claims)?, by, now);
    runs::insert(
        &mut tx,
        &engine.sealer,
        &run,
        Step::ALL,
        None,
        token.as_ref(),
    )
    .await?;
    runs::forget(&mut tx, last.id).await?;
    if goes_back {
        skip_exchange(&mut tx, &run, "the access that is kept is used", now).await?;
    }
    // What was done is not done again; reading and verifying are, because Meta may say something else by now.
    let kept = steps.iter().filter(|step| step.is_over());
    for step in kept {
        let Ok(word) = step.step.parse::<Step>() else {
            continue;
        };
        if matches!(word, Step::ReadFacts | Step::SyncTemplates | Step::Verify) {
            continue;
        }
        let again = word == Step::RegisterNumber || word == Step::ShareCredit;
        if again && last.state == RunState::Done.as_str() {
            continue;
        }
        let outcome = Outcome {
            state: step.state.parse().unwrap_or(StepState::Done),
            cause: step.cause.clone(),
            detail: step.detail.clone(),
            result: step.result.clone(),
        };
        runs::end_step(&mut tx, run.id, word, &outcome, now).await?;
    }
    if !row.is(ConnectionState::Connected) {
        row.set_state(ConnectionState::Connecting);
        row.problem = None;
    }
    connections::update(&mut tx, &row, now).await?;
    add_job(&mut tx, &row, &run, now).await?;
    write_down(&mut tx, who, &row, "connection.resume", now).await?;
    tell(&mut tx, &row, Some(run.id), None, now).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    engine.wake.jobs.notify_one();
    Ok(())
}

/// Whether there is access to a connection's WABA from before.
async fn has_kept(engine: &Engine, tenant: TenantId, id: ConnectionId) -> store::Result<bool> {
    let row = connections::get(&engine.db, tenant, id).await?;
    Ok(match row.and_then(|row| row.waba_id) {
        Some(waba) => wabas::any_tenant_token(&engine.db, &engine.sealer, &waba)
            .await?
            .is_some(),
        None => false,
    })
}
