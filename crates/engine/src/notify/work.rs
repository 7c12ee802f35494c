//! What a batch of events comes to, before any of it is written.

use std::collections::{HashMap, HashSet};

use domain::identity::Person;
use domain::notification::{Reason, Resolved, Rule};
use domain::{EventId, RuleId, TenantId, Timestamp};
use serde_json::Value;
use store::contacts::{self, Consent, Lookup};
use store::events::{Event, results};

use super::decide::{self, Begun, Decision};
use super::handler::LATER;
use super::keys::{self, Keys};
use super::world::World;
use crate::Engine;
use crate::outbound::Wanted;
use crate::templates::Templates;

/// An event that waits, or one whose scheduled message is due.
pub(super) type Piece = (Event, Option<results::Due>);

/// A tenant's rules, and what else decides.
pub(super) struct Tenant {
    pub(super) world: World,
    pub(super) rules: Vec<(RuleId, String, bool, Option<Rule>)>,
}

/// A rule that is about to be applied to an event.
pub(super) struct Pair<'a> {
    event: usize,
    rule: RuleId,
    name: &'a str,
    body: &'a Rule,
    is_due: bool,
    to: Resolved,
}

#[derive(Default)]
pub(super) struct Work<'a> {
    pairs: Vec<Pair<'a>>,
    pub(super) rows: Vec<results::New>,
    pub(super) cancels: Vec<results::Cancel>,
    /// The events that are the newest of their keys.
    pub(super) newest: Vec<store::events::keys::New>,
    /// Events that wait, because nobody can say what they lead to.
    pub(super) later: HashSet<EventId>,
}

pub(super) fn result(
    event: &Event,
    rule: (RuleId, &str),
    state: &'static str,
    why: Option<(Reason, String)>,
    now: Timestamp,
) -> results::New {
    let (reason, detail) = why.map_or((None, None), |(reason, detail)| {
        (Some(reason.as_str()), Some(detail))
    });
    results::New {
        event: event.id.hex(),
        rule: rule.0.hex(),
        tenant: event.tenant_id.hex(),
        name: rule.1.to_owned(),
        state,
        reason,
        detail: detail.map(|detail| detail.chars().take(1_000).collect()),
        message: None,
        due_at: None,
        key: None,
        at: now.0,
    }
}

/// Whether a rule is applied: to a new event, or to one that is tried again. What was settled stays, and who asks for
/// one rule again does not ask for new ones.
pub(super) fn is_asked(rule: RuleId, before: &[results::Outcome]) -> bool {
    let again = |one: &results::Outcome| one.rule_id == rule && one.state == "retrying";
    before.is_empty() || before.iter().any(again)
}

impl<'a> Work<'a> {
    /// A new event, or one that is tried again.
    #[expect(clippy::too_many_arguments, reason = "all of it decides")]
    pub(super) fn begin(
        &mut self,
        n: usize,
        event: &Event,
        before: &[results::Outcome],
        tenant: &'a Tenant,
        keys: &Keys,
        root: &Value,
        now: Timestamp,
    ) {
        for (rule, name, enabled, body) in &tenant.rules {
            let standing = before.iter().find(|outcome| outcome.rule_id == *rule);
            let retried = standing.is_some_and(|outcome| outcome.state == "retrying");
            if !is_asked(*rule, before) {
                continue;
            }
            let Some(body) = body else {
                if retried {
                    let why = (
                        Reason::RuleBroken,
                        "this version cannot read the rule".to_owned(),
                    );
                    self.rows
                        .push(result(event, (*rule, name), "failed", Some(why), now));
                }
                continue;
            };
            // Also where the rule is switched off: a date that was moved is no more.
            let word = keys::word(body, event, root);
            let effects = word
                .as_ref()
                .and_then(|word| keys.effects(*rule, word, event));
            if let Some((newest, cancel)) = effects {
                self.newest.push(newest);
                self.cancels.push(cancel);
            }
            if !body.event_type.matches(&event.kind) {
                if retried {
                    let said = format!("the rule is for {} by now", body.event_type.as_str());
                    let why = Some((Reason::Conditions, said));
                    self.rows
                        .push(result(event, (*rule, name), "skipped", why, now));
                }
                continue;
            }
            if !enabled {
                if retried {
                    let why = (Reason::RuleOff, "the rule is switched off".to_owned());
                    self.rows
                        .push(result(event, (*rule, name), "held", Some(why), now));
                }
                continue;
            }
            // What was due when it was held is due still.
            let due = standing.and_then(|outcome| outcome.due_at);
            let is_due = retried && due.is_some_and(|at| at <= now.0);
            if let Some(why) = word.and_then(|word| keys.over(*rule, &word, event)) {
                self.rows
                    .push(result(event, (*rule, name), "skipped", Some(why), now));
                continue;
            }
            self.one((n, event), (*rule, name, body), is_due, tenant, root, now);
        }
        // Rules that are gone by now.
        for outcome in before.iter().filter(|outcome| outcome.state == "retrying") {
            if !tenant
                .rules
                .iter()
                .any(|(rule, ..)| *rule == outcome.rule_id)
            {
                let why = (
                    Reason::RuleDeleted,
                    "the rule is not there any more".to_owned(),
                );
                self.rows.push(result(
                    event,
                    (outcome.rule_id, &outcome.rule_name),
                    "failed",
                    Some(why),
                    now,
                ));
            }
        }
    }

    /// A scheduled message whose time has come.
    pub(super) fn fire(
        &mut self,
        n: usize,
        event: &Event,
        due: &results::Due,
        tenant: &'a Tenant,
        root: &Value,
        now: Timestamp,
    ) {
        let found = tenant.rules.iter().find(|(rule, ..)| *rule == due.rule_id);
        let (state, why) = match found {
            Some((rule, name, true, Some(body))) => {
                return self.one((n, event), (*rule, name, body), true, tenant, root, now);
            }
            Some((_, _, false, _)) => (
                "skipped",
                (
                    Reason::RuleOff,
                    "the rule was switched off when the message was due",
                ),
            ),
            Some((_, _, true, None)) => (
                "failed",
                (Reason::RuleBroken, "this version cannot read the rule"),
            ),
            None => (
                "cancelled",
                (
                    Reason::RuleDeleted,
                    "the rule was deleted before the message was due",
                ),
            ),
        };
        let why = Some((why.0, why.1.to_owned()));
        self.rows.push(result(
            event,
            (due.rule_id, &due.rule_name),
            state,
            why,
            now,
        ));
    }

    fn one(
        &mut self,
        (n, event): (usize, &Event),
        rule: (RuleId, &'a str, &'a Rule),
        is_due: bool,
        tenant: &Tenant,
        root: &Value,
        now: Timestamp,
    ) {
        let (id, name, body) = rule;
        match decide::begin(body, root, tenant.world.zone(), is_due, now) {
            Begun::Decided(decision) => {
                self.decided(event, (id, name, body), decision, root, now);
                if is_due {
                    self.still_due(now);
                }
            }
            Begun::To(to) => self.pairs.push(Pair {
                event: n,
                rule: id,
                name,
                body,
                is_due,
                to,
            }),
        }
    }

    fn decided(
        &mut self,
        event: &Event,
        rule: (RuleId, &str, &Rule),
        decision: Decision,
        root: &Value,
        now: Timestamp,
    ) {
        let (id, name, body) = rule;
        let row = match decision {
            Decision::Skip(reason, why) => {
                result(event, (id, name), "skipped", Some((reason, why)), now)
            }
            // By its key a later event takes it back, held or scheduled.
            Decision::Hold(reason, why) => results::New {
                key: keys::word(body, event, root).map(|word| word.key),
                ..result(event, (id, name), "held", Some((reason, why)), now)
            },
            Decision::Schedule(at) => results::New {
                due_at: Some(at.0),
                key: keys::word(body, event, root).map(|word| word.key),
                ..result(event, (id, name), "scheduled", None, now)
            },
            Decision::Later => {
                self.later.insert(event.id);
                return;
            }
            Decision::Send(_) => return,
        };
        self.rows.push(row);
    }

    /// What was just held was due: it is when somebody tries it again.
    fn still_due(&mut self, now: Timestamp) {
        if let Some(row) = self.rows.last_mut().filter(|row| row.state == "held") {
            row.due_at = Some(now.0);
        }
    }

    /// Chooses and fills the templates; gives the messages with the place of their pair.
    pub(super) async fn finish(
        &mut self,
        engine: &Engine,
        templates: &Templates,
        pieces: &[Piece],
        roots: &[Value],
        tenants: &HashMap<TenantId, Tenant>,
        now: Timestamp,
    ) -> store::Result<Vec<(results::New, Wanted)>> {
        let pairs = std::mem::take(&mut self.pairs);
        let consents = consents(engine, pieces, &pairs).await?;
        // What was approved a moment ago may not stand in the list that is remembered: it is asked for once more.
        let mut newer: HashMap<RuleId, World> = HashMap::new();
        let mut wanted = Vec::new();
        for (place, pair) in pairs.into_iter().enumerate() {
            let event = &pieces[pair.event].0;
            let (id, root) = (event.tenant_id, &roots[pair.event]);
            let Some(tenant) = tenants.get(&id) else {
                continue;
            };
            let consent = consents.get(&place);
            let world = newer.get(&pair.rule).unwrap_or(&tenant.world);
            let mut decision =
                decide::finish(id, world, pair.body, root, pair.to.clone(), consent, now);
            let unknown = matches!(
                decision,
                Decision::Hold(
                    Reason::TemplateMissing
                        | Reason::TemplateNotApproved
                        | Reason::TemplateMismatch,
                    _
                )
            );
            if unknown && !newer.contains_key(&pair.rule) {
                let mut world = World::of(engine, templates, id).await?;
                world.look_again(engine, templates, id, pair.body).await?;
                decision =
                    decide::finish(id, &world, pair.body, root, pair.to.clone(), consent, now);
                newer.insert(pair.rule, world);
            }
            let key = keys::word(pair.body, event, root).map(|word| word.key);
            let may_end = pair.is_due || key.is_some();
            match decision {
                // It can be replaced and cancelled until it leaves.
                Decision::Send(send) if may_end && send.quiet_until.is_some() => {
                    let row = result(event, (pair.rule, pair.name), "scheduled", None, now);
                    self.rows.push(results::New {
                        reason: Some(Reason::QuietHours.as_str()),
                        due_at: send.quiet_until.map(Timestamp::micros),
                        key,
                        ..row
                    });
                }
                Decision::Send(send) => {
                    let row = result(event, (pair.rule, pair.name), "sent", None, now);
                    let quiet = send.quiet_until;
                    let row = results::New {
                        reason: quiet.map(|_| Reason::QuietHours.as_str()),
                        due_at: quiet.map(Timestamp::micros),
                        key,
                        ..row
                    };
                    wanted.push((
                        row,
                        Wanted {
                            checked: send.checked,
                            key: None,
                        },
                    ));
                }
                // A due message waits in its place.
                Decision::Later if pair.is_due => {
                    let row = result(event, (pair.rule, pair.name), "scheduled", None, now);
                    self.rows.push(results::New {
                        due_at: Some(now.plus(LATER).0),
                        key,
                        ..row
                    });
                }
                decision => {
                    let rule = (pair.rule, pair.name, pair.body);
                    self.decided(event, rule, decision, root, now);
                    if pair.is_due {
                        self.still_due(now);
                    }
                }
            }
        }
        Ok(wanted)
    }
}

async fn consents(
    engine: &Engine,
    pieces: &[Piece],
    pairs: &[Pair<'_>],
) -> store::Result<HashMap<usize, Consent>> {
    let identities: Vec<_> = pairs
        .iter()
        .enumerate()
        .flat_map(|(n, pair)| {
            let tenant = pieces[pair.event].0.tenant_id;
            let identities = Person::from_phone(&pair.to.phone).identities();
            identities
                .into_iter()
                .map(move |identity| (n, tenant, identity))
        })
        .collect();
    let lookups: Vec<_> = identities
        .iter()
        .map(|(n, tenant, identity)| Lookup {
            n: *n,
            tenant: tenant.hex(),
            kind: identity.kind.as_str(),
            value: &identity.value,
        })
        .collect();
    let found = contacts::any_tenant_consent(&engine.db, &lookups).await?;
    Ok(found
        .into_iter()
        .filter_map(|consent| Some((usize::try_from(consent.n).ok()?, consent)))
        .collect())
}
