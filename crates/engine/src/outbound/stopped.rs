//! Templates whose messages wait, as the sender remembers them: what is enqueued is held when Meta tells, and what comes
//! to the queue afterwards (scheduled ones, repetitions) is held here.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use store::outbox::Entry;
use store::outbox::claim::Waiting;
use store::outbox::look::Hold;
use store::{outbox, templates};

use super::lane::Around;
use super::sender::Shared;
use crate::Engine;
use crate::templates::{TemplateHold, hold_of};

/// How often is looked for what another process changed.
const LOOK: Duration = Duration::from_secs(5);

/// By account and then by `name/language`.
#[derive(Debug, Default)]
pub(super) struct Stopped {
    by_account: HashMap<String, HashMap<String, TemplateHold>>,
    generation: Option<u64>,
    looked: Option<Instant>,
}

impl Stopped {
    /// What holds a message of this account.
    pub(super) fn holds(&self, waba_id: &str, entry: &Entry) -> Option<TemplateHold> {
        let found = *self
            .by_account
            .get(waba_id)?
            .get(entry.template.as_deref()?)?;
        found.holds(entry.created_at).then_some(found)
    }

    fn is_due(&self, generation: u64) -> bool {
        self.generation != Some(generation)
            || self.looked.is_none_or(|looked| looked.elapsed() >= LOOK)
    }
}

/// Reads which templates are stopped, where something may have changed. A template that can be sent again is forgotten
/// by what Meta's refusals had taught as well.
pub(super) async fn look(engine: &Engine, shared: &Shared) -> store::Result<()> {
    let generation = engine.wake.templates.load(Ordering::Acquire);
    if !shared.stopped(|stopped| stopped.is_due(generation)) {
        return Ok(());
    }
    let mut by_account: HashMap<String, HashMap<String, TemplateHold>> = HashMap::new();
    for row in templates::any_tenant_stopped(&engine.db).await? {
        if let Some(hold) = hold_of(&row) {
            let key = format!("{}/{}", row.name, row.language);
            by_account.entry(row.waba_id).or_default().insert(key, hold);
        }
    }
    let before = shared.stopped(|stopped| {
        stopped.generation = Some(generation);
        stopped.looked = Some(Instant::now());
        std::mem::replace(&mut stopped.by_account, by_account.clone())
    });
    let is_free = |account: &String, key: &String| {
        by_account
            .get(account)
            .is_none_or(|now| !now.contains_key(key))
    };
    let freed: Vec<(String, String)> = before
        .iter()
        .flat_map(|(account, keys)| {
            let keys = keys.keys().filter(move |key| is_free(account, key));
            keys.map(move |key| (account.clone(), key.clone()))
        })
        .collect();
    if !freed.is_empty() {
        // What was held here by a memory that was older than the decision.
        let mut tx = engine.db.begin().await?;
        for (account, template) in &freed {
            templates::waiting::any_tenant_free(&mut tx, account, template).await?;
        }
        tx.commit().await?;
    }
    for (_, template) in freed {
        shared.learned(|learned| {
            let held = learned.templates.keys().filter(|(_, key)| *key == template);
            for key in held.cloned().collect::<Vec<_>>() {
                learned.forget_template(&key);
            }
        });
    }
    Ok(())
}

/// Lets go what was held while Meta's word about its template was being written: the writer could not see it, and
/// nobody comes back for it.
pub(super) async fn late(engine: &Engine) -> store::Result<()> {
    for (number, key) in templates::waiting::any_tenant_awaited(&engine.db).await? {
        let Some((name, language)) = key.rsplit_once('/') else {
            continue;
        };
        let row = templates::any_tenant_of_number(&engine.db, &number, name, language).await?;
        if row.is_some_and(|row| hold_of(&row).is_none()) {
            templates::waiting::any_tenant_heard(&engine.db, &number, &key).await?;
            engine.wake.sender.notify_one();
        }
    }
    Ok(())
}

impl Shared {
    /// What holds a message for the sake of its template: Meta's word about it, or Meta's refusals.
    pub(super) fn template_holds(
        &self,
        waiting: &Waiting,
        entry: &Entry,
    ) -> Option<(Hold, &'static str)> {
        let template = entry.template.as_deref()?;
        let waba_id = waiting.waba_id.as_deref().unwrap_or_default();
        if let Some(found) = self.stopped(|stopped| stopped.holds(waba_id, entry)) {
            return Some((found.hold, found.explanation()));
        }
        let refused =
            self.learned(|learned| learned.holds_template(&entry.phone_number_id, template));
        refused.then_some((
            Hold::Template,
            "WhatsApp has paused this template or switched it off",
        ))
    }
}

/// Lets one message of each template go whose time to try has come.
pub(super) async fn try_again(around: &Around) -> store::Result<()> {
    let now = around.engine.clock.now();
    for key in around
        .shared
        .learned(|learned| learned.templates_to_try(now))
    {
        let tried =
            outbox::stop::any_tenant_probe_template(&around.engine.db, &key.0, &key.1).await?;
        if !tried {
            around
                .shared
                .learned(|learned| learned.forget_template(&key));
        }
    }
    Ok(())
}
