//! One account's job: looks at Meta's list, plans, and does a part of what is to be done. What is left over, or has to
//! wait, is the next job of the same lane.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::{GlobalTemplateId, Timestamp};
use secrecy::SecretString;
use store::global_templates::acts;
use store::global_templates::contents::{self, Content};
use store::global_templates::placements::{self, Open, Pause, Trouble};
use store::templates::pace;
use store::{numbers, wabas};

use super::content::{by_name, taken, wanted};
use super::plan::{self, Act, AtMeta, Limits, Plan, Spent};
use super::{changed, spread};
use crate::Engine;

const HOUR: Duration = Duration::from_secs(3_600);
const MONTH: Duration = Duration::from_secs(30 * 24 * 3_600);

/// An account at work.
pub(super) struct Account<'a> {
    pub(super) engine: &'a Engine,
    pub(super) waba_id: &'a str,
    pub(super) token: SecretString,
    /// What changed, to tell it once.
    pub(super) told: BTreeSet<GlobalTemplateId>,
}

/// What is to be done about one, and with what.
pub(super) struct Work {
    pub(super) open: Open,
    pub(super) content: Content,
}

/// Does what can be done in an account now.
///
/// # Errors
/// When the database refuses; then the job is tried again, and finds at Meta what was done.
pub(crate) async fn share(engine: &Engine, waba_id: &str) -> store::Result<()> {
    let work = load(engine, waba_id).await?;
    if work.is_empty() {
        return Ok(());
    }
    let token = wabas::any_tenant_token(&engine.db, &engine.sealer, waba_id).await?;
    let Some(token) = token else {
        return pass_over(engine, waba_id).await;
    };
    let mut account = Account {
        engine,
        waba_id,
        token,
        told: BTreeSet::new(),
    };
    let again_at = account.work(&work).await?;
    account.finish(again_at).await
}

async fn load(engine: &Engine, waba_id: &str) -> store::Result<Vec<Work>> {
    let open = placements::any_tenant_open(&engine.db, waba_id).await?;
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let contents = contents::of_waba(&engine.db, waba_id).await?;
    let find = |open: &Open| {
        let fits = |content: &&Content| {
            content.global_id == open.global_id
                && content.version == open.version
                && content.language == open.language
        };
        contents.iter().find(fits).cloned()
    };
    let work = open.into_iter().filter_map(|open| {
        let content = find(&open)?;
        Some(Work { open, content })
    });
    Ok(work.collect())
}

/// There is no way into the account any more. When there is one again, what was passed over is taken up.
async fn pass_over(engine: &Engine, waba_id: &str) -> store::Result<()> {
    let now = engine.clock.now();
    let trouble = Trouble {
        code: None,
        title: "no_access".to_owned(),
        what: "The platform has no access to this WhatsApp account. It gets the template as soon as it is connected again."
            .to_owned(),
    };
    let mut tx = engine.db.begin().await?;
    let globals = placements::any_tenant_skip_all(&mut tx, waba_id, &trouble, now).await?;
    let events: Vec<_> = globals.into_iter().map(|id| changed(id, now)).collect();
    store::event_log::append(&mut tx, &events).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    Ok(())
}

impl Account<'_> {
    /// Gives when the account is to be looked at again.
    async fn work(&mut self, work: &[Work]) -> store::Result<Option<Timestamp>> {
        let engine = self.engine;
        let now = engine.clock.now();
        let due = work.iter().map(|one| one.open.next_at).min();
        if let Some(due) = due.map(Timestamp).filter(|due| *due > now) {
            return Ok(Some(due));
        }
        let limits = self.limits().await?;
        let mut spent = self.spent(now).await?;
        // One page of a hundred templates is one call; the list is looked at before anything is done.
        if let Some(until) = spent.calls_fit(2, &limits, now) {
            let pause = Pause {
                why: "call_limit",
                until,
                trouble: None,
            };
            self.rest(&pause, work, now).await?;
            return Ok(Some(until));
        }
        let listed = engine
            .graph
            .message_templates(&self.token, self.waba_id)
            .await;
        let listed = match listed {
            Ok(listed) => listed,
            Err(error) => return self.unlisted(&error, work).await.map(Some),
        };
        let pages = i64::try_from(listed.len() / 100 + 1).unwrap_or(1);
        spent.calls.push((now, pages));
        let mut tx = engine.db.begin().await?;
        acts::add(&mut tx, self.waba_id, "look", None, pages, now).await?;
        tx.commit().await?;
        let at_meta = by_name(listed);
        let all = contents::of_waba(&engine.db, self.waba_id).await?;
        let wanted: Vec<_> = work.iter().map(|one| wanted(one, &all)).collect();
        let plan = plan::plan(now, &wanted, &at_meta, spent, &limits);
        self.carry_out(work, &at_meta, plan).await
    }

    async fn limits(&self) -> store::Result<Limits> {
        let mut tx = self.engine.db.begin().await?;
        let numbers = numbers::any_tenant_of_waba(&mut tx, self.waba_id).await?;
        tx.rollback().await?;
        let mut numbers = numbers.iter();
        Ok(Limits::of(numbers.any(|number| {
            number.status.as_deref() == Some("CONNECTED")
        })))
    }

    async fn spent(&self, now: Timestamp) -> store::Result<Spent> {
        let (hour, month) = (now.minus(HOUR), now.minus(MONTH));
        let rows = acts::of_waba(&self.engine.db, self.waba_id, hour, month).await?;
        let mut spent = Spent::default();
        for row in rows {
            if row.at > hour {
                spent.calls.push((row.at, row.calls));
                if row.kind == "create" {
                    spent.creations.push(row.at);
                }
            }
            if let Some(meta_id) = row.meta_id.filter(|_| row.kind == "edit") {
                spent.edits.entry(meta_id).or_default().push(row.at);
            }
        }
        // What people made there counts as well; what they made and what we made are not told apart.
        let lately = pace::any_tenant_lately(&self.engine.db, self.waba_id, hour).await?;
        let others = lately.len().saturating_sub(spent.creations.len());
        let first = lately.first().copied().unwrap_or(now);
        spent.creations.extend(std::iter::repeat_n(first, others));
        spent.creations.sort_unstable_by_key(|at| at.0);
        Ok(spent)
    }

    async fn carry_out(
        &mut self,
        work: &[Work],
        at_meta: &AtMeta,
        plan: Plan,
    ) -> store::Result<Option<Timestamp>> {
        self.settle(work, at_meta, &plan).await?;
        let mut again_at = plan.again_at;
        for (place, act) in plan.acts {
            let one = &work[place];
            let asked = match act {
                Act::Create => self.create(one).await?,
                Act::Edit(meta_id) => {
                    let name = (one.open.name.clone(), one.open.language.clone());
                    let approved = at_meta
                        .get(&name)
                        .is_some_and(|there| there.status == "APPROVED");
                    self.edit(one, &meta_id, approved).await?
                }
                Act::Adopt | Act::Wait(..) | Act::Fail(_) => Ok(()),
            };
            if let Err(stop) = asked {
                again_at = Some(again_at.map_or(stop.at, |at| at.min(stop.at)));
                if stop.whole_account {
                    return Ok(Some(stop.at));
                }
            }
        }
        Ok(again_at)
    }

    /// Writes down everything for which Meta need not be asked.
    async fn settle(&mut self, work: &[Work], at_meta: &AtMeta, plan: &Plan) -> store::Result<()> {
        let now = self.engine.clock.now();
        let mut tx = self.engine.db.begin().await?;
        for (place, act) in &plan.acts {
            let one = &work[*place];
            let key = one.open.key();
            match act {
                Act::Create | Act::Edit(_) => continue,
                Act::Adopt => {
                    let name = (one.open.name.clone(), one.open.language.clone());
                    if let Some(there) = at_meta.get(&name) {
                        self.write_done(&mut tx, one, &taken(there), "synced", now)
                            .await?;
                    }
                }
                Act::Wait(why, until) => {
                    let pause = Pause {
                        why,
                        until: *until,
                        trouble: None,
                    };
                    placements::wait(&mut tx, &key, &pause, true, now).await?;
                }
                Act::Fail(trouble) => {
                    placements::fail(&mut tx, &key, one.open.version, trouble, now).await?;
                }
            }
            self.told.insert(one.open.global_id);
        }
        tx.commit().await
    }

    pub(super) async fn rest(
        &mut self,
        pause: &Pause,
        work: &[Work],
        now: Timestamp,
    ) -> store::Result<()> {
        let mut tx = self.engine.db.begin().await?;
        placements::any_tenant_wait_all(&mut tx, self.waba_id, pause, now).await?;
        tx.commit().await?;
        self.told.extend(work.iter().map(|one| one.open.global_id));
        Ok(())
    }

    /// Leaves the rest to the next job, and tells who watches.
    async fn finish(&self, again_at: Option<Timestamp>) -> store::Result<()> {
        let now = self.engine.clock.now();
        let mut tx = self.engine.db.begin().await?;
        if let Some(again_at) = again_at {
            let wabas = [self.waba_id.to_owned()];
            spread::due(&mut tx, &wabas, again_at.max(now), now).await?;
        }
        let events: Vec<_> = self.told.iter().map(|id| changed(*id, now)).collect();
        store::event_log::append(&mut tx, &events).await?;
        tx.commit().await?;
        if !self.told.is_empty() {
            crate::templates::tell(self.engine, false);
        }
        Ok(())
    }
}
