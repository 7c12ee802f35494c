//! Numbers are registered for the Cloud API with a PIN of six digits. The PIN is made and kept, sealed, before Meta is
//! told: after a crash it is known. A number that is registered already is left alone, because Meta takes ten
//! registrations within 72 hours.

use meta::graph::{GraphCallError, PhoneNumber};
use secrecy::SecretString;
use store::connections::numbers;

use super::cause::{Cause, Stop, said};
use super::work::{Ended, Work};

pub(super) async fn act(work: &Work) -> Result<Ended, Stop> {
    let token = work.token().await?;
    let graph = work.graph();
    let all = graph.phone_numbers(&token, work.waba()?).await?;
    if all.is_empty() {
        return Ok(Ended::skipped("the account has no number yet"));
    }
    let wanted: Vec<_> = all
        .iter()
        .filter(|number| work.is_about(number) && !work.is_on_app(number))
        .collect();
    if wanted.is_empty() {
        return Ok(Ended::skipped(
            "the number stays registered by the WhatsApp Business app",
        ));
    }
    let mut registered = 0;
    for number in wanted {
        if number.status.as_deref() == Some("CONNECTED") {
            note(work, number).await?;
            continue;
        }
        let pin = pin(work, number).await?;
        if let Err(error) = graph.register(&token, &number.id, &pin).await {
            return Err(refused(work, number, error).await);
        }
        note(work, number).await?;
        registered += 1;
    }
    Ok(match registered {
        0 => Ended::done("registered already"),
        1 => Ended::done("the number is registered"),
        several => Ended::done(format!("{several} numbers are registered")),
    })
}

/// The PIN that is kept, or a new one, kept before it is used.
async fn pin(work: &Work, number: &PhoneNumber) -> Result<SecretString, Stop> {
    let (db, sealer) = (&work.engine.db, &work.engine.sealer);
    if let Some(kept) = numbers::any_tenant_pin(db, sealer, &number.id).await? {
        return Ok(kept);
    }
    let made = super::pin::fresh();
    let mut tx = work.begin().await?;
    let now = work.engine.clock.now();
    numbers::any_tenant_set_pin(&mut tx, sealer, &number.id, Some(&made), now).await?;
    tx.commit().await?;
    Ok(made)
}

/// Notes the registration; what is noted already stays as it is.
async fn note(work: &Work, number: &PhoneNumber) -> Result<(), Stop> {
    let known = numbers::any_tenant_of_waba(&work.engine.db, work.waba()?).await?;
    let known = known
        .iter()
        .find(|known| known.phone_number_id == number.id);
    if known.is_some_and(|known| known.registered_at.is_some()) {
        return Ok(());
    }
    let mut tx = work.begin().await?;
    numbers::any_tenant_registered(&mut tx, &number.id, work.engine.clock.now()).await?;
    Ok(tx.commit().await?)
}

async fn refused(work: &Work, number: &PhoneNumber, error: GraphCallError) -> Stop {
    let GraphCallError::Refused(refused) = &error else {
        return error.into();
    };
    let cause = match refused.code {
        133_005 => Cause::PinMismatch,
        133_008 | 133_009 => Cause::PinLocked,
        133_006 => Cause::NumberNotVerified,
        133_016 => Cause::RegisterLimit,
        133_015 => {
            // Deleted a moment ago: free again after five minutes.
            return Stop::Again {
                cause: Cause::MetaBusy,
                detail: said(refused),
                wait: Some(std::time::Duration::from_secs(300)),
            };
        }
        _ => return error.into(),
    };
    let detail = said(refused);
    if cause == Cause::PinMismatch
        && let Err(stop) = forget(work, number).await
    {
        return stop;
    }
    let display = number.display_phone_number.as_deref().unwrap_or(&number.id);
    Stop::failed(cause, format!("{display}: {detail}"))
}

/// A PIN that Meta does not take is not the number's.
async fn forget(work: &Work, number: &PhoneNumber) -> Result<(), Stop> {
    let mut tx = work.begin().await?;
    let (sealer, now) = (&work.engine.sealer, work.engine.clock.now());
    numbers::any_tenant_set_pin(&mut tx, sealer, &number.id, None, now).await?;
    Ok(tx.commit().await?)
}
