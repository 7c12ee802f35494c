//! Rows in line with Meta's list: read now and then, after webhooks that say only part of it, and when somebody asks.

use std::collections::HashMap;
use std::time::Duration;

use domain::{TenantId, Timestamp};
use meta::graph::{GraphCallError, GraphClient, Template as Wire};
use secrecy::SecretString;
use store::db::Role;
use store::templates::{self, Template, books};
use store::{Tx, jobs, numbers, wabas};
use tokio_util::sync::CancellationToken;

use super::fold::{Fold, learn};
use crate::Engine;
use crate::shared_account::Unreached;

/// The kind of the job that reads an account's list; the payload is the WABA.
pub const SYNC: &str = "sync_templates";
/// How often an account's list is read.
const EVERY: Duration = Duration::from_secs(15 * 60);
/// How often is looked for accounts whose list is to be read.
const LOOK: Duration = Duration::from_secs(30);
/// Accounts whose list is begun to be read at one look: so they are spread over the time.
const AT_ONCE: i64 = 100;
/// Webhooks that come together are one reading.
const GAP: Duration = Duration::from_secs(2);

/// Jobs of an account's templates run one after the other.
pub fn lane(waba_id: &str) -> String {
    format!("templates:{waba_id}")
}

/// Has the list of an account read soon.
pub(crate) async fn job(tx: &mut Tx, waba_id: &str, now: Timestamp) -> store::Result<bool> {
    jobs::add_once(tx, SYNC, &lane(waba_id), waba_id, now.plus(GAP), now).await
}

/// Runs until `stop`: has every account's list read now and then. One process does it at a time.
pub async fn run(engine: Engine, stop: CancellationToken) {
    let mut role: Option<Role> = None;
    loop {
        if stop
            .run_until_cancelled(tokio::time::sleep(LOOK))
            .await
            .is_none()
        {
            return;
        }
        let held = match role.as_mut() {
            Some(role) => role.still_held().await,
            None => false,
        };
        if !held {
            role = Role::try_take(&engine.address, "templates")
                .await
                .ok()
                .flatten();
        }
        if role.is_some()
            && let Err(error) = sweep(&engine).await
        {
            tracing::warn!(error = %error, "cannot look for templates to be read");
        }
    }
}

/// Has the lists read whose time has come. Gives how many.
///
/// # Errors
/// When the database cannot be reached.
pub async fn sweep(engine: &Engine) -> store::Result<usize> {
    let now = engine.clock.now();
    let due = books::any_tenant_due(&engine.db, now.minus(EVERY), AT_ONCE).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let mut tx = engine.db.begin().await?;
    for waba_id in &due {
        jobs::add_once(&mut tx, SYNC, &lane(waba_id), waba_id, now, now).await?;
    }
    tx.commit().await?;
    engine.wake.jobs.notify_one();
    Ok(due.len())
}

/// Reads an account's whole list. Gives how many templates it has, and how many of them changed here.
///
/// # Errors
/// [`Unreached`]; then nothing changed.
pub async fn sync(engine: &Engine, waba_id: &str) -> Result<(usize, usize), Unreached> {
    let token = wabas::any_tenant_token(&engine.db, &engine.sealer, waba_id).await?;
    let token = token.ok_or(Unreached::NoToken)?;
    with(engine, &engine.graph, &token, waba_id).await
}

/// [`sync`] by another way.
pub(crate) async fn with(
    engine: &Engine,
    graph: &GraphClient,
    token: &SecretString,
    waba_id: &str,
) -> Result<(usize, usize), Unreached> {
    let began = engine.clock.now();
    let list = match graph.message_templates(token, waba_id).await {
        Ok(list) => list,
        Err(error) => {
            crate::health::tokens::heed(engine, waba_id, &error);
            books::any_tenant_failed(&engine.db, waba_id, &error.to_string()).await?;
            return Err(error.into());
        }
    };
    let mut tx = engine.db.begin().await?;
    let rows = templates::any_tenant_lock_waba(&mut tx, waba_id).await?;
    let changed = apply(&mut tx, engine, waba_id, rows, &list, began).await?;
    books::any_tenant_synced(&mut tx, waba_id, began).await?;
    store::event_log::append(&mut tx, &changed.events).await?;
    tx.commit().await?;
    tell(engine, changed.freed);
    if let Err(error) = super::library::read_types(engine, graph, token, waba_id).await {
        tracing::warn!(error = %error, waba = waba_id, "the kinds of values of library templates cannot be read yet");
    }
    Ok((list.len(), changed.changed))
}

/// Reads the templates of one name.
pub(crate) async fn named(
    engine: &Engine,
    token: &SecretString,
    waba_id: &str,
    name: &str,
) -> Result<Vec<Wire>, Unreached> {
    let began = engine.clock.now();
    let list = engine.graph.templates_named(token, waba_id, name).await?;
    let mut tx = engine.db.begin().await?;
    let rows = templates::any_tenant_lock_named(&mut tx, waba_id, name).await?;
    let changed = apply(&mut tx, engine, waba_id, rows, &list, began).await?;
    store::event_log::append(&mut tx, &changed.events).await?;
    tx.commit().await?;
    tell(engine, changed.freed);
    Ok(list)
}

/// Reads one template by Meta's id and gives its row as it is then; none when Meta does not have it.
pub(crate) async fn one(
    engine: &Engine,
    token: &SecretString,
    row: &Template,
) -> Result<Option<Template>, Unreached> {
    let Some(meta_id) = &row.meta_id else {
        return Ok(None);
    };
    let wire = match engine.graph.template(token, meta_id).await {
        Ok(wire) => wire,
        Err(GraphCallError::Refused(error)) if error.subcode == Some(33) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let Some(before) = templates::any_tenant_lock(&mut tx, row.id).await? else {
        return Ok(None);
    };
    let after = learn(&before, &wire, now);
    let mut fold = Fold::new("sync", now);
    fold.change(before, after.clone());
    let folded = fold.write(&mut tx).await?;
    store::event_log::append(&mut tx, &folded.events).await?;
    tx.commit().await?;
    tell(engine, folded.freed);
    Ok(Some(after))
}

/// Whoever remembers templates or waits for one looks again.
pub(crate) fn tell(engine: &Engine, freed: bool) {
    engine
        .wake
        .templates
        .fetch_add(1, std::sync::atomic::Ordering::AcqRel);
    engine.wake.events.notify_waiters();
    engine.wake.health.notify_one();
    if freed {
        engine.wake.sender.notify_one();
    }
}

/// Holds what Meta has of an account (or of a name) against the rows: new ones, changed ones, and those that are gone.
async fn apply(
    tx: &mut Tx,
    engine: &Engine,
    waba_id: &str,
    rows: Vec<Template>,
    list: &[Wire],
    began: Timestamp,
) -> store::Result<super::fold::Folded> {
    let now = engine.clock.now();
    let mut fold = Fold::new("sync", now);
    let mut by_name: HashMap<(String, String), Template> = rows
        .into_iter()
        .map(|row| ((row.name.clone(), row.language.clone()), row))
        .collect();
    let mut owners = None;
    for wire in list {
        let (Some(name), Some(language), Some(_)) = (&wire.name, &wire.language, &wire.id) else {
            continue;
        };
        match by_name.remove(&(name.clone(), language.clone())) {
            Some(before) => {
                let after = learn(&before, wire, now);
                fold.change(before, after);
            }
            None => {
                let mut row = Template::new(waba_id, name, language, now);
                if owners.is_none() {
                    owners = Some(Owners::of(tx, waba_id).await?);
                }
                row.owner_tenant = owners
                    .as_ref()
                    .and_then(|owners| owners.of_name(name))
                    .map(|tenant| tenant.0);
                fold.add(learn(&row, wire, now));
            }
        }
    }
    for (_, before) in by_name {
        // A draft is not there, and what was made meanwhile is not in the list yet.
        let recent = before.submitted_at.is_some_and(|at| at >= began.0);
        if before.meta_id.is_some() && !recent {
            let mut after = before.clone();
            after.deleted_at = Some(now.0);
            fold.change(before, after);
        }
    }
    fold.write(tx).await
}

/// Whose a template on a shared account is, by the end of its name.
struct Owners(Vec<TenantId>);

impl Owners {
    async fn of(tx: &mut Tx, waba_id: &str) -> store::Result<Self> {
        let owners = numbers::any_tenant_waba_owners(tx).await?;
        let owned = owners
            .iter()
            .any(|owner| owner.waba_id == waba_id && owner.tenant_id.is_some());
        if owned {
            return Ok(Self(Vec::new()));
        }
        let numbers = numbers::any_tenant_of_waba(tx, waba_id).await?;
        Ok(Self(
            numbers
                .iter()
                .filter_map(store::numbers::PhoneNumber::tenant)
                .collect(),
        ))
    }

    fn of_name(&self, name: &str) -> Option<TenantId> {
        self.0
            .iter()
            .copied()
            .find(|tenant| name.ends_with(&super::act::suffix(*tenant)))
    }
}
