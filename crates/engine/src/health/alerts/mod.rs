//! Alerts: raised and resolved by themselves from what is on file, told once on every stage.

mod templates;
mod wanted;
mod words;

use std::collections::HashMap;

use domain::{TenantId, Timestamp};
use store::alerts::{self, New};
use store::events::results;
use store::{event_log, links, standings, vitals};

pub use templates::Stopped;
pub use wanted::{DAYS, Seen, wanted};
pub use words::{Words, words};

use crate::Engine;
use crate::texts::Language;

/// Meta posts a status for everything that it takes, within seconds; so long without any is silence.
const SILENCE: std::time::Duration = std::time::Duration::from_secs(15 * 60);
/// When a message was taken is known to a minute.
const BLUR: std::time::Duration = std::time::Duration::from_secs(120);

/// Looks at everything, raises what is new, resolves what is over, and tells people. Safe to run twice at once.
///
/// # Errors
/// When the database cannot be reached.
pub async fn sweep(engine: &Engine) -> store::Result<()> {
    let now = engine.clock.now();
    for waba_id in standings::any_tenant_ended(&engine.db, now).await? {
        super::standing::settle_now(engine, &waba_id).await?;
    }
    let seen = look(engine, now).await?;
    change(engine, wanted(&seen, now), now).await?;
    tell(engine).await
}

async fn look(engine: &Engine, now: Timestamp) -> store::Result<Seen> {
    let db = &engine.db;
    let today = now.minus(std::time::Duration::from_secs(24 * 3_600));
    let numbers = vitals::any_tenant_numbers(db).await?;
    let sent_at = numbers.iter().filter_map(|number| number.sent_at).max();
    Ok(Seen {
        accounts: vitals::any_tenant_accounts(db).await?,
        silent_since: silent_since(engine, sent_at.map(Timestamp), now).await?,
        numbers,
        aspects: standings::any_tenant_all(db).await?,
        troubled: links::any_tenant_troubled(db).await?,
        dead: vitals::any_tenant_dead(db, today, wanted::DEAD).await?,
        oldest: vitals::any_tenant_oldest(db).await?.map(Timestamp),
        templates: templates::stopped(db).await?,
        held: results::any_tenant_held(db).await?,
    })
}

/// Meta took a message a while ago and has posted nothing since.
async fn silent_since(
    engine: &Engine,
    sent_at: Option<Timestamp>,
    now: Timestamp,
) -> store::Result<Option<Timestamp>> {
    let Some(sent_at) = sent_at.filter(|at| now.since(*at) >= SILENCE) else {
        return Ok(None);
    };
    let before = engine.log.position_before(sent_at.minus(BLUR)).await?;
    let last = engine.log.last().await?;
    Ok((before >= last).then_some(sent_at))
}

async fn change(engine: &Engine, wanted: Vec<New>, now: Timestamp) -> store::Result<()> {
    let key = |scope: &str, kind: &str, subject: &str| {
        (scope.to_owned(), kind.to_owned(), subject.to_owned())
    };
    let mut tx = engine.db.begin().await?;
    let open = alerts::any_tenant_open(&mut tx).await?;
    let mut known: HashMap<_, _> = open
        .into_iter()
        .map(|alert| (key(&alert.scope, &alert.kind, &alert.subject), alert))
        .collect();
    let mut scopes: Vec<Option<TenantId>> = Vec::new();
    for new in wanted {
        match known.remove(&key(&new.scope(), new.kind, &new.subject)) {
            Some(alert) if alert.stage == new.stage && alert.parameters == new.parameters => {
                continue;
            }
            Some(alert) if alert.stage == new.stage => {
                alerts::any_tenant_restate(&mut tx, alert.id, &new, now).await?;
            }
            Some(alert) => alerts::any_tenant_restage(&mut tx, alert.id, &new, now).await?,
            None => {
                alerts::any_tenant_raise(&mut tx, &new, now).await?;
            }
        }
        scopes.push(new.tenant);
    }
    for over in known.into_values() {
        alerts::any_tenant_resolve(&mut tx, over.id, now).await?;
        scopes.push(over.tenant_id.map(TenantId));
    }
    if scopes.is_empty() {
        return tx.rollback().await;
    }
    scopes.sort_unstable();
    scopes.dedup();
    let events: Vec<_> = scopes
        .into_iter()
        .map(|scope| changed(scope, now))
        .collect();
    event_log::append(&mut tx, &events).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    Ok(())
}

/// That the alerts of a tenant, or the platform's, are others now.
pub fn changed(tenant: Option<TenantId>, now: Timestamp) -> event_log::New {
    event_log::New {
        tenant: tenant.map(TenantId::hex),
        kind: "alerts.changed",
        data: "{}".to_owned(),
        at: now.0,
    }
}

/// Writes to owners and administrators. What cannot be mailed is shown in the page all the same.
async fn tell(engine: &Engine) -> store::Result<()> {
    for alert in alerts::any_tenant_untold(&engine.db).await? {
        // Noted first: who is told twice stops reading.
        if !alerts::any_tenant_told(&engine.db, alert.id, engine.clock.now()).await? {
            continue;
        }
        if !engine.mailer.is_on() || alert.severity == "info" {
            continue;
        }
        let tenant = alert.tenant_id.map(TenantId);
        for reader in alerts::any_tenant_readers(&engine.db, tenant).await? {
            let language = Language::of(&reader.language);
            let words = words(&alert, language);
            let with = [
                ("title", words.title.as_str()),
                ("detail", words.detail.as_str()),
                ("action", words.action.as_str()),
            ];
            let text = language.say("mail-alert", &with);
            engine.mailer.send(&reader.email, &words.title, text).await;
        }
    }
    Ok(())
}

/// How many alerts are open, by severity, for the metrics.
///
/// # Errors
/// When the database refuses.
pub async fn counts(engine: &Engine) -> store::Result<Vec<(String, i64)>> {
    alerts::any_tenant_counts(&engine.db).await
}
