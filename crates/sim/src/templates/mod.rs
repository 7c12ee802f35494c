//! The life of a template: review, quality, pauses, another category, deletion; each told by webhook.

mod decision;
mod ending;
mod quality;
mod review;
mod spec;
mod told;

use std::collections::HashMap;
use std::sync::Arc;

use crate::sim::Shared;
use crate::timeline::Event;
use crate::world::World;
pub(crate) use decision::{Decision, Word, archive, decide, reject, replaced};
pub(crate) use ending::{deletable, delete, locked_until};
pub(crate) use quality::{Cause, lower, unpause};
pub(crate) use review::{Rejection, flaw, judged_category, rejection, submitted};
pub use review::{ReviewMode, ReviewPolicy};
pub use spec::TemplateSpec;
pub(crate) use spec::default_templates;
pub(crate) use told::components;

pub(crate) const HOUR_MS: u64 = 3_600_000;
pub(crate) const DAY_MS: u64 = 24 * HOUR_MS;
/// How long the name of a deleted template is taken, and how long what was sent with it is still delivered.
pub(crate) const LOCK_MS: u64 = 30 * DAY_MS;

/// Lives by the template's id.
pub(crate) type Lives = HashMap<String, Life>;

/// What is known of a template beside what Meta shows.
#[derive(Debug, Default)]
pub(crate) struct Life {
    /// Pauses for low quality; the third disables it.
    pub(crate) pauses: u32,
    /// When it was edited while it was approved, in virtual milliseconds.
    pub(crate) edits: Vec<u64>,
    /// It was approved once, so that its name stays taken after its end.
    pub(crate) approved: bool,
    /// Messages accepted with it.
    pub(crate) sends: u64,
    /// When the review ends by itself.
    pub(crate) review_ms: Option<u64>,
    /// When its pause ends by itself.
    pub(crate) unpause_ms: Option<u64>,
    /// When the announced category comes.
    pub(crate) category_ms: Option<u64>,
    /// When nothing is left of it.
    pub(crate) gone_ms: Option<u64>,
}

/// What happens to a template by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Reviewed,
    Unpaused,
    Recategorised,
    Gone,
}

impl Life {
    fn due(&mut self, moment: Moment) -> &mut Option<u64> {
        match moment {
            Moment::Reviewed => &mut self.review_ms,
            Moment::Unpaused => &mut self.unpause_ms,
            Moment::Recategorised => &mut self.category_ms,
            Moment::Gone => &mut self.gone_ms,
        }
    }
}

impl World {
    /// A template and the account that holds it.
    pub(crate) fn template(&self, id: &str) -> Option<(&str, &TemplateSpec)> {
        self.wabas.iter().find_map(|(waba_id, waba)| {
            let found = waba.templates.iter().find(|known| known.id == id)?;
            Some((waba_id.as_str(), found))
        })
    }

    /// As [`World::template`], to change it.
    pub(crate) fn template_mut(&mut self, id: &str) -> Option<(&str, &mut TemplateSpec)> {
        self.wabas.iter_mut().find_map(|(waba_id, waba)| {
            let found = waba.templates.iter_mut().find(|known| known.id == id)?;
            Some((waba_id.as_str(), found))
        })
    }

    pub(crate) fn life(&mut self, id: &str) -> &mut Life {
        if !self.lives.contains_key(id) {
            self.lives.insert(id.to_owned(), Life::default());
        }
        self.lives.entry(id.to_owned()).or_default()
    }
}

/// Plans what happens to a template by itself; an earlier plan of this kind is void.
fn plan(shared: &Shared, world: &mut World, id: &str, moment: Moment, due_ms: u64) {
    *world.life(id).due(moment) = Some(due_ms);
    shared.timeline.schedule(
        due_ms,
        Event::Template {
            id: Arc::from(id),
            moment,
            due_ms,
        },
    );
}

/// A planned moment has come, unless the plan was changed since.
pub(crate) fn happen(shared: &Shared, id: &str, moment: Moment, due_ms: u64) {
    let updates = {
        let mut world = shared.world();
        let world = &mut *world;
        let planned = world.lives.get_mut(id).map(|life| life.due(moment));
        match planned {
            Some(planned) if *planned == Some(due_ms) => *planned = None,
            _ => return,
        }
        let now_ms = shared.clock.now_ms();
        match moment {
            Moment::Reviewed => review::judge(shared, world, id, due_ms),
            Moment::Unpaused => quality::unpause(world, id, now_ms),
            Moment::Recategorised => decision::recategorise(world, id, now_ms),
            Moment::Gone => ending::gone(world, id),
        }
    };
    for update in updates {
        shared.emit(update);
    }
}

/// The plans of all templates, anew: the queue of what is to come was emptied.
pub(crate) fn resume(shared: &Shared) {
    let world = shared.world();
    for (id, life) in &world.lives {
        let plans = [
            (Moment::Reviewed, life.review_ms),
            (Moment::Unpaused, life.unpause_ms),
            (Moment::Recategorised, life.category_ms),
            (Moment::Gone, life.gone_ms),
        ];
        for (moment, due_ms) in plans {
            if let Some(due_ms) = due_ms {
                let id = Arc::from(id.as_str());
                shared
                    .timeline
                    .schedule(due_ms, Event::Template { id, moment, due_ms });
            }
        }
    }
}
