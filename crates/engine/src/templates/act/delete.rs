//! Taking templates away.

use domain::{TemplateId, TenantId};
use meta::graph::GraphCallError;
use secrecy::SecretString;
use store::audit::{self, Who};
use store::event_log;
use store::templates::{self, DRAFT, Template, waiting};

use super::{ActError, access_of, act, own, shown};
use crate::Engine;
use crate::outbound::queue;
use crate::templates::fold::Fold;
use crate::templates::{held, sync};

/// How much goes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extent {
    /// All languages of the name.
    pub all_languages: bool,
    /// With the messages that wait to be sent with it; else such a template stays.
    pub cancel_waiting: bool,
}

/// Messages cancelled at once.
const STEP: i64 = 200;

/// Deletes a template in its language, or in all the languages of its name. Gives how many.
///
/// # Errors
/// [`ActError`].
pub async fn delete(
    engine: &Engine,
    tenant: TenantId,
    who: &Who,
    id: TemplateId,
    extent: Extent,
) -> Result<usize, ActError> {
    let all_languages = extent.all_languages;
    let (row, _) = own(engine, tenant, id).await?;
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let named = templates::any_tenant_lock_named(&mut tx, &row.waba_id, &row.name).await?;
    tx.rollback().await?;
    let goes = |other: &Template| {
        other.id == row.id
            || all_languages && other.owner_tenant == row.owner_tenant && other.global_id.is_none()
    };
    let (going, staying): (Vec<_>, Vec<_>) = named.into_iter().partition(goes);
    if going.iter().any(|one| one.status == "DISABLED") {
        return Err(ActError::Conflict(
            "disabled",
            "WhatsApp does not let a template be deleted that it has switched off".to_owned(),
        ));
    }
    if !extent.cancel_waiting {
        for one in &going {
            nothing_waits(engine, tenant, one).await?;
        }
    }
    // By its name alone Meta takes away whoever's it is.
    let by_name = all_languages && staying.is_empty();
    let at_meta = going.iter().any(|one| one.meta_id.is_some());
    if at_meta {
        let (_, token) = access_of(engine, tenant, Some(&row.waba_id)).await?;
        if by_name {
            take_away(engine, &token, &going, None).await?;
            // Only now: what Meta refuses to delete stays, and so does what waits for it.
            if extent.cancel_waiting {
                for one in &going {
                    take_back(engine, tenant, who, one).await?;
                }
            }
        } else {
            // One that is gone when another one is refused is seen by the list, which is read soon.
            for one in going.iter().filter(|one| one.meta_id.is_some()) {
                let alone = std::slice::from_ref(one);
                let taken = take_away(engine, &token, alone, one.meta_id.as_deref()).await;
                if taken.is_err() {
                    let mut tx = engine.db.begin().await?;
                    sync::job(&mut tx, &row.waba_id, now).await?;
                    tx.commit().await?;
                }
                taken?;
                if extent.cancel_waiting {
                    take_back(engine, tenant, who, one).await?;
                }
            }
        }
    }
    let mut tx = engine.db.begin().await?;
    let mut fold = Fold::new("person", now);
    let mut forgotten = Vec::new();
    for one in &going {
        if one.status == DRAFT && one.meta_id.is_none() {
            templates::any_tenant_forget(&mut tx, one.id).await?;
            forgotten.push(one);
            continue;
        }
        let Some(before) = templates::any_tenant_lock(&mut tx, one.id).await? else {
            continue;
        };
        let mut after = before.clone();
        after.deleted_at = Some(now.0);
        fold.change(before, after);
    }
    let mut folded = fold.write(&mut tx).await?;
    for one in &going {
        let what = (Some(shown(one)), None);
        audit::append(&mut tx, who, act(tenant, "template.delete", one, what), now).await?;
    }
    for one in forgotten {
        let data = serde_json::json!({ "template_id": one.id, "waba_id": one.waba_id, "status": "DELETED" });
        let event = event_log::of(tenant, "template.changed", data.to_string(), now);
        folded.events.push(event);
    }
    event_log::append(&mut tx, &folded.events).await?;
    tx.commit().await?;
    sync::tell(engine, folded.freed);
    Ok(going.len())
}

/// What waits with a template would be refused once it is gone: somebody decides about it first.
async fn nothing_waits(engine: &Engine, tenant: TenantId, row: &Template) -> Result<(), ActError> {
    let tally = waiting::any_tenant_tally(&engine.db, &row.waba_id, &held::key(row)).await?;
    let waits = tally
        .iter()
        .filter(|one| one.tenant_id == tenant.0 && matches!(one.state.as_str(), "queued" | "held"));
    let count: i64 = waits.map(|one| one.count).sum();
    if count == 0 {
        return Ok(());
    }
    Err(ActError::Conflict(
        "messages_wait",
        format!(
            "{count} messages wait to be sent with it ({}): let them go first, or cancel them along with it (cancel_waiting)",
            row.language
        ),
    ))
}

/// Takes back what waits with a template that is gone.
async fn take_back(
    engine: &Engine,
    tenant: TenantId,
    who: &Who,
    row: &Template,
) -> store::Result<()> {
    loop {
        let mut cancelled = 0;
        let waba = &row.waba_id;
        for message in waiting::to_leave(&engine.db, tenant, waba, &held::key(row), STEP).await? {
            let done = queue::cancel_message(engine, tenant, message, who).await?;
            cancelled += u64::from(done == queue::Cancelled::Yes);
        }
        if cancelled == 0 {
            return Ok(());
        }
    }
}

/// Has Meta delete these, which have one name on one account: the one of this id, or all of the name.
async fn take_away(
    engine: &Engine,
    token: &SecretString,
    going: &[Template],
    one: Option<&str>,
) -> Result<(), ActError> {
    let Some(first) = going.first() else {
        return Ok(());
    };
    let (waba, name) = (&first.waba_id, &first.name);
    let asked = engine.graph.delete_template(token, waba, name, one).await;
    let Err(error) = asked else { return Ok(()) };
    let gone = || async {
        let list = engine.graph.templates_named(token, waba, name).await;
        list.is_ok_and(|list| {
            let there = |one: &Template| {
                list.iter().any(|wire| {
                    wire.id == one.meta_id && wire.status.as_deref() != Some("PENDING_DELETION")
                })
            };
            !going.iter().any(there)
        })
    };
    let certain = matches!(&error, GraphCallError::Refused(refusal) if refusal.http_status < 500 && refusal.code != 100);
    // An answer that was lost, or a template that is gone already.
    if certain || !gone().await {
        return Err(crate::shared_account::Unreached::Meta(error).into());
    }
    Ok(())
}
