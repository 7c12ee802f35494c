//! What sending has taught about numbers, WABAs, the app and templates: how fast each may go, and what it waits for.
//!
//! One lock guards it; nothing is awaited under it. What a restart should know is written down by the sender.

use std::collections::HashMap;
use std::time::Duration;

use domain::Timestamp;
use meta::errors::Scope;
use store::number_pace::{NumberPace, TemplateHold};
use store::outbox::Entry;
use store::outbox::claim::Waiting;
use store::outbox::look::Hold;

use super::brake::Brake;
use super::dispatch::Advice;
use super::held::{FIRST_PROBE, Held, Minute, UNHEARD, probe_after};
use super::late::Refusal;
use super::silence::{self, Silence};
use crate::health::standing;

/// The longest rest when Meta cannot be reached.
const LONGEST_UNREACHABLE: Duration = Duration::from_secs(5);
/// Name of the brake that holds for everything the app sends.
const APP: &str = "app";

/// Whether a number may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    /// Yes.
    Open,
    /// One message, which tries whether what held it is over.
    Probe,
    /// Not now.
    Shut,
}

#[derive(Debug, Default)]
struct Number {
    brake: Brake,
    held: Option<Held>,
    /// Tries in a row that did not reach Meta.
    unreachable: u32,
    silence: Silence,
    taken: Minute,
    /// Something changed that is not written down.
    dirty: bool,
}

#[derive(Debug)]
pub(super) struct Template {
    hold: TemplateHold,
    /// One message was let go to try.
    probing: bool,
    dirty: bool,
}

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Learned {
    numbers: HashMap<String, Number>,
    /// By WABA, and the app's.
    shared: HashMap<String, Brake>,
    pub(super) templates: HashMap<(String, String), Template>,
    /// Templates that are free again, for the database.
    freed: Vec<(String, String)>,
}

impl Learned {
    /// What was known before a restart.
    pub(super) fn known(
        paces: Vec<NumberPace>,
        templates: Vec<TemplateHold>,
        now: Timestamp,
    ) -> Self {
        let numbers = paces.into_iter().map(|pace| {
            let why = pace.slowed_code.zip(pace.slowed_reason);
            let held = pace.hold.as_deref().and_then(Hold::parse).map(|hold| Held {
                since: Timestamp(pace.hold_since.unwrap_or(now.0)),
                // What waits for Meta's word has no time.
                until: Timestamp(pace.hold_until.unwrap_or(match hold {
                    Hold::Account => i64::MAX,
                    _ => now.0,
                })),
                probes: pace.probes,
                ..Held::new(
                    hold,
                    pace.hold_code.unwrap_or_default(),
                    pace.hold_explanation.as_deref().unwrap_or_default(),
                    now,
                )
            });
            let number = Number {
                brake: Brake::known(pace.factor_permille, pace.slowed_until, why, now),
                held,
                ..Number::default()
            };
            (pace.phone_number_id, number)
        });
        let templates = templates.into_iter().map(|hold| {
            let key = (hold.phone_number_id.clone(), hold.template.clone());
            let template = Template {
                hold,
                probing: false,
                dirty: false,
            };
            (key, template)
        });
        Self {
            numbers: numbers.collect(),
            templates: templates.collect(),
            ..Self::default()
        }
    }

    /// Whether a number may send now.
    pub(super) fn gate(&self, number: &str, waba: &str, now: Timestamp) -> Gate {
        let shut =
            |brake: Option<&Brake>| brake.is_some_and(|brake| brake.shut_until(now).is_some());
        if shut(self.shared.get(APP)) || shut(self.shared.get(waba)) {
            return Gate::Shut;
        }
        let Some(number) = self.numbers.get(number) else {
            return Gate::Open;
        };
        if number.brake.shut_until(now).is_some() {
            return Gate::Shut;
        }
        match &number.held {
            None => Gate::Open,
            Some(held) if held.until <= now => Gate::Probe,
            Some(_) => Gate::Shut,
        }
    }

    /// Whether a number waits until something is mended.
    pub(super) fn is_held(&self, number: &str) -> bool {
        self.numbers
            .get(number)
            .is_some_and(|number| number.held.is_some())
    }

    /// The share of its throughput that a number may use now.
    pub(super) fn share(&mut self, number: &str, waba: &str, now: Timestamp) -> f64 {
        let mut share = 1.0;
        for name in [APP, waba] {
            if let Some(brake) = self.shared.get_mut(name) {
                share *= brake.factor(now).0;
            }
        }
        if let Some(number) = self.numbers.get_mut(number) {
            let (factor, changed) = number.brake.factor(now);
            number.dirty |= changed;
            share *= factor;
        }
        share
    }

    /// A message that tries whether a number's hold is over is on its way: the next one only after this.
    pub(super) fn probing(&mut self, number: &str, now: Timestamp) {
        if let Some(held) = self
            .numbers
            .get_mut(number)
            .and_then(|number| number.held.as_mut())
        {
            held.trying = true;
            held.until = now.plus(if silence::is_silence(held) {
                silence::rest(held.probes)
            } else {
                FIRST_PROBE
            });
        }
    }

    /// Whether a message of a template must wait. The one that tries whether it is over need not.
    pub(super) fn holds_template(&mut self, number: &str, template: &str) -> bool {
        let key = (number.to_owned(), template.to_owned());
        match self.templates.get_mut(&key) {
            None => false,
            Some(held) => !std::mem::take(&mut held.probing),
        }
    }

    /// Templates for which one message may try now whether it is over.
    pub(super) fn templates_to_try(&mut self, now: Timestamp) -> Vec<(String, String)> {
        let due = self
            .templates
            .iter_mut()
            .filter(|(_, held)| held.hold.until <= now.0);
        due.map(|(key, held)| {
            held.hold.until = now.plus(FIRST_PROBE).0;
            held.probing = true;
            key.clone()
        })
        .collect()
    }

    /// Nobody waits for a template any more: it is forgotten.
    pub(super) fn forget_template(&mut self, key: &(String, String)) {
        if self.templates.remove(key).is_some() {
            self.freed.push(key.clone());
        }
    }

    /// What an answer taught.
    pub(super) fn advise(&mut self, entry: &Entry, waba: &str, advice: &Advice, now: Timestamp) {
        let name = &entry.phone_number_id;
        if advice.is_answer() {
            self.answered(name);
        }
        match advice {
            Advice::Taken => self.taken(entry, now),
            Advice::None | Advice::Reached | Advice::Pair { .. } => {}
            Advice::Slow {
                scope,
                code,
                why,
                rest,
            } => self.slow(name, waba, *scope, (*code, why), *rest, now),
            Advice::Rest { code, why, rest } => {
                self.number(name).brake.rest(*code, why, *rest, now);
            }
            Advice::Unknown => {
                let number = self.number(name);
                number.silence.heard_nothing(&mut number.held, now);
            }
            Advice::Unreachable { why } => {
                let number = self.number(name);
                if number.held.as_ref().is_some_and(silence::is_silence) {
                    number.silence.heard_nothing(&mut number.held, now);
                }
                number.unreachable = (number.unreachable + 1).min(8);
                let rest =
                    Duration::from_millis(250 << number.unreachable).min(LONGEST_UNREACHABLE);
                number.brake.rest(0, why, rest, now);
            }
            Advice::Hold {
                hold,
                code,
                explanation,
            } => {
                let held = Held::new(*hold, *code, explanation, now);
                self.hold(name, held, now);
            }
            Advice::HoldTemplate { code, explanation } => {
                if let Some(template) = &entry.template {
                    self.hold_template(name, template, *code, explanation, now);
                }
            }
        }
    }

    fn answered(&mut self, name: &str) {
        if let Some(number) = self.numbers.get_mut(name) {
            number.unreachable = 0;
            number.dirty |= number.silence.broken(&mut number.held);
        }
    }

    /// No token: nothing can be sent.
    pub(super) fn no_token(&mut self, number: &str, explanation: &str, now: Timestamp) {
        let held = Held::new(Hold::Token, 190, explanation, now);
        self.hold(number, held, now);
    }

    /// Meta had taken messages and let them fail afterwards.
    pub(super) fn late(&mut self, name: &str, waba: &str, refusal: &Refusal, now: Timestamp) {
        match refusal {
            Refusal::Slow {
                scope,
                code,
                why,
                rest,
            } => self.slow(name, waba, *scope, (*code, why), *rest, now),
            Refusal::Hold {
                hold,
                code,
                explanation,
            } => {
                let held = Held {
                    late: true,
                    ..Held::new(*hold, *code, explanation, now)
                };
                self.hold(name, held, now);
            }
        }
    }

    fn slow(
        &mut self,
        name: &str,
        waba: &str,
        scope: Scope,
        (code, why): (i64, &str),
        rest: Duration,
        now: Timestamp,
    ) {
        let brake = match scope {
            Scope::App => self.shared.entry(APP.to_owned()).or_default(),
            Scope::Waba => self.shared.entry(waba.to_owned()).or_default(),
            Scope::Number | Scope::Pair => &mut self.number(name).brake,
        };
        brake.cut(code, why, rest, now);
        if matches!(scope, Scope::App | Scope::Waba) {
            // It is shown where people look: at the number.
            self.number(name).brake.rest(code, why, rest, now);
        }
    }

    /// What Meta told by webhooks, and that there is a token again: the one holds without a try, the other ends a wait.
    pub(super) fn stands(&mut self, name: &str, row: &Waiting, now: Timestamp) {
        let blocked = row
            .standing
            .as_deref()
            .filter(|word| standing::blocks(word));
        let known = self
            .numbers
            .get(name)
            .and_then(|number| number.held.as_ref());
        match (blocked, known) {
            (Some(word), _) => {
                let explanation = standing::explanation(word);
                if known.is_some_and(|held| {
                    held.hold == Hold::Account && held.explanation == explanation
                }) {
                    return;
                }
                self.number(name).held = Some(Held {
                    until: Timestamp(i64::MAX),
                    ..Held::new(Hold::Account, 0, explanation, now)
                });
            }
            (None, Some(held)) if held.hold == Hold::Account => self.number(name).held = None,
            (None, Some(held)) if held.hold == Hold::Token => {
                let mended = row
                    .token_works_since
                    .is_some_and(|since| since > held.since.0.max(held.tried_at));
                let shut = held.until > now;
                if mended
                    && shut
                    && let Some(held) = self.number(name).held.as_mut()
                {
                    held.until = now;
                    held.tried_at = now.0;
                }
            }
            (None, _) => {}
        }
    }

    fn number(&mut self, name: &str) -> &mut Number {
        let number = self.numbers.entry(name.to_owned()).or_default();
        number.dirty = true;
        number
    }

    fn hold(&mut self, name: &str, mut held: Held, now: Timestamp) {
        let number = self.number(name);
        if let Some(before) = &number.held {
            if before.hold == Hold::Account {
                return;
            }
            held.tried_at = before.tried_at;
            held.since = before.since;
            // Those that were under way together say it together: that is one try.
            held.probes = if before.until > now.plus(FIRST_PROBE / 2) && before.probes > 0 {
                before.probes
            } else {
                before.probes + 1
            };
        } else {
            held.probes = 1;
        }
        held.until = now.plus(probe_after(held.probes));
        number.held = Some(held);
    }

    fn hold_template(
        &mut self,
        name: &str,
        template: &str,
        code: i64,
        explanation: &str,
        now: Timestamp,
    ) {
        let key = (name.to_owned(), template.to_owned());
        let held = self.templates.entry(key).or_insert_with(|| Template {
            hold: TemplateHold {
                phone_number_id: name.to_owned(),
                template: template.to_owned(),
                code,
                explanation: explanation.to_owned(),
                since: now.0,
                until: now.0,
                probes: 0,
            },
            probing: false,
            dirty: true,
        });
        held.hold.probes += 1;
        held.hold.code = code;
        explanation.clone_into(&mut held.hold.explanation);
        // Meta pauses a template for three hours at first: an answer once in a while is enough.
        held.hold.until = now.plus(probe_after(held.hold.probes)).0;
        held.dirty = true;
    }

    fn taken(&mut self, entry: &Entry, now: Timestamp) {
        let number = self
            .numbers
            .entry(entry.phone_number_id.clone())
            .or_default();
        number.taken.add(now);
        match &mut number.held {
            // What was under way when Meta told of a ban may still be taken.
            Some(held) if held.hold == Hold::Account => {}
            None => {}
            Some(held) if held.late => {
                held.taken = true;
                held.until = now.plus(UNHEARD);
                number.dirty = true;
            }
            Some(_) => {
                number.held = None;
                number.dirty = true;
            }
        }
        if !self.templates.is_empty()
            && let Some(template) = &entry.template
        {
            self.forget_template(&(entry.phone_number_id.clone(), template.clone()));
        }
    }

    /// What is to be written down: of every number that changed, or (`all`) that sends.
    pub(super) fn unwritten(&mut self, all: bool, now: Timestamp) -> Changes {
        let mut changes = Changes {
            freed: std::mem::take(&mut self.freed),
            ..Changes::default()
        };
        for (name, number) in &mut self.numbers {
            if number
                .held
                .as_ref()
                .is_some_and(|held| held.taken && held.until <= now)
            {
                number.held = None;
                number.dirty = true;
            }
            let (_, changed) = number.brake.factor(now);
            let count = number.taken.count(now);
            if std::mem::take(&mut number.dirty) || changed || (all && count > 0) {
                changes.numbers.push(shown(name, number, count, now));
            }
        }
        for held in self.templates.values_mut() {
            if std::mem::take(&mut held.dirty) {
                changes.templates.push(held.hold.clone());
            }
        }
        changes
    }
}

/// What is to be written down.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub(super) numbers: Vec<NumberPace>,
    pub(super) templates: Vec<TemplateHold>,
    pub(super) freed: Vec<(String, String)>,
}

impl Changes {
    pub(super) fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.templates.is_empty() && self.freed.is_empty()
    }
}

fn shown(name: &str, number: &Number, sent_last_minute: i64, now: Timestamp) -> NumberPace {
    let (factor_permille, slowed_until, why) = number.brake.shown();
    let held = number.held.as_ref();
    NumberPace {
        factor_permille,
        slowed_until,
        slowed_code: why.map(|why| why.0),
        slowed_reason: why.map(|why| why.1.clone()),
        hold: held.map(|held| held.hold.as_str().to_owned()),
        hold_code: held.map(|held| held.code),
        hold_until: held
            .map(|held| held.until.0)
            .filter(|until| *until < i64::MAX),
        hold_since: held.map(|held| held.since.0),
        hold_explanation: held.map(|held| held.explanation.clone()),
        probes: held.map_or(0, |held| held.probes),
        sent_last_minute,
        counted_at: now.0,
        ..NumberPace::new(name)
    }
}
