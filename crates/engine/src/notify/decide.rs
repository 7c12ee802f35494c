//! One rule and one event: what shall happen. Nothing is changed here.

use domain::identity::Person;
use domain::message::{Lane, Origin};
use domain::notification::{Due, Facts, QuietHoursWish, Reason, Resolved, Rule, Wrong, fill};
use domain::{Sight, TenantId, Timestamp};
use meta::graph::outbound::definition::Definition;
use meta::graph::outbound::{Content, Preview, Problem, Template, check};
use serde_json::Value;
use store::contacts::Consent;

use super::world::World;
use crate::outbound::draft::{Terms, addressed};
use crate::outbound::request::Checked;

/// What a rule makes of an event.
pub(super) enum Decision {
    /// A message.
    Send(Box<ToSend>),
    /// A message at another time.
    Schedule(Timestamp),
    /// No message, and nobody has to do anything.
    Skip(Reason, String),
    /// No message, until somebody mends something.
    Hold(Reason, String),
    /// Nobody can say now: Meta does not tell which templates there are.
    Later,
}

/// A message that can be recorded.
pub(super) struct ToSend {
    pub(super) checked: Checked,
    pub(super) phone: String,
    pub(super) preview: Preview,
    /// Until when quiet hours last where the person lives, for what waits for their end.
    pub(super) quiet_until: Option<Timestamp>,
    pub(super) language: String,
    pub(super) name: String,
}

/// The part of a decision for which nobody has to be asked.
pub(super) enum Begun {
    /// It is decided.
    Decided(Decision),
    /// To this person, if they want it.
    To(Resolved),
}

/// Looks at conditions, schedule and recipient. `is_due` says that the scheduled moment has come.
pub(super) fn begin(
    rule: &Rule,
    event: &Value,
    zone: Option<&str>,
    is_due: bool,
    now: Timestamp,
) -> Begun {
    let decided = |decision| Begun::Decided(decision);
    if let Err(why) = rule.applies(event) {
        return decided(Decision::Skip(Reason::Conditions, why));
    }
    if is_due
        && let Some(schedule) = &rule.schedule
        && schedule.is_over(event, zone, now)
    {
        let why = "the date itself had passed when the message could be sent".to_owned();
        return decided(Decision::Skip(Reason::TooLate, why));
    }
    let to = match rule.recipient.resolve(event) {
        Ok(to) => to,
        Err(wrong) => return decided(held(&[wrong])),
    };
    if let (Some(schedule), false) = (&rule.schedule, is_due) {
        match schedule.due(event, zone, now) {
            Ok(Due::At(at)) => return decided(Decision::Schedule(at)),
            Ok(Due::Now) => {}
            Err(wrong) if wrong.reason == Reason::TooLate => {
                return decided(Decision::Skip(wrong.reason, wrong.problem));
            }
            Err(wrong) => return decided(held(&[wrong])),
        }
    }
    Begun::To(to)
}

/// Chooses the template, fills it and asks whether it may be sent.
pub(super) fn finish(
    tenant: TenantId,
    world: &World,
    rule: &Rule,
    event: &Value,
    to: Resolved,
    consent: Option<&Consent>,
    now: Timestamp,
) -> Decision {
    let number = match &world.number {
        Ok(number) => number,
        Err(reason) => return Decision::Hold(*reason, reason.what_to_do().to_owned()),
    };
    let Some(catalogue) = &world.catalogue else {
        return Decision::Later;
    };
    let choices = rule.choices(event, &world.language);
    let mut found = choices
        .iter()
        .filter_map(|choice| Some((choice, catalogue.approved(choice.name, &choice.languages)?)));
    let Some((choice, definition)) = found.next() else {
        return unsendable(catalogue, &choices);
    };
    if let Some(why) = unwanted(rule, definition, consent) {
        return Decision::Skip(Reason::OptedOut, why);
    }
    let facts = Facts {
        language: &definition.language,
        time_zone: world.zone(),
    };
    let filled = match fill(choice.parameters, choice.field, event, &facts) {
        Ok(filled) => filled,
        Err(wrongs) => return held(&wrongs),
    };
    let content = match definition.fill(&filled) {
        Ok(content) => content,
        Err(problems) => return mismatch(definition, &problems),
    };
    let mut problems = check("template", &content);
    if problems.is_empty() {
        problems = definition.judge(&content);
    }
    if !problems.is_empty() {
        return mismatch(definition, &problems);
    }
    let person = Person {
        profile_name: to.name,
        ..Person::from_phone(&to.phone)
    };
    let template = serde_json::from_value::<Template>(content.clone()).ok();
    let message = template.and_then(|template| addressed(&person, Content::Template(template)));
    let Some(message) = message else {
        return Decision::Hold(
            Reason::Refused,
            "the message cannot be written in WhatsApp's form".to_owned(),
        );
    };
    let problems = message.validate_envelope();
    if !problems.is_empty() {
        return Decision::Hold(Reason::Refused, told(&problems));
    }
    let rests = rule.quiet_hours == QuietHoursWish::Respect;
    let quiet = world.quiet.as_ref().filter(|_| rests);
    let quiet_until = quiet.and_then(|quiet| quiet.until(&to.phone, now));
    let checked = Checked {
        tenant,
        number: number.phone_number_id.clone(),
        person,
        message,
        lane: Lane::Transactional,
        origin: Origin::Notification,
        author: None,
        terms: Terms {
            batch: rule.batch.clone(),
            rests,
            ..Terms::default()
        },
        needs_window: false,
        sight: Sight::All,
    };
    Decision::Send(Box::new(ToSend {
        checked,
        phone: to.phone,
        quiet_until,
        preview: definition.preview(&content),
        language: definition.language.clone(),
        name: definition.name.clone(),
    }))
}

/// Marketing needs that nobody said stop; everything needs that nobody asked not to be written to, unless the rule is for
/// what they must be told.
fn unwanted(rule: &Rule, definition: &Definition, consent: Option<&Consent>) -> Option<String> {
    let consent = consent?;
    let stopped = consent.marketing_choice.as_deref() == Some("stop");
    let left = consent.opted_out_at.is_some();
    if definition.category == "MARKETING" && (stopped || left) {
        return Some("this person wants no marketing, and the template is one".to_owned());
    }
    (left && !rule.ignore_opt_out).then(|| "this person asked not to be written to".to_owned())
}

fn unsendable(
    catalogue: &super::catalogue::Catalogue,
    choices: &[domain::notification::Choice<'_>],
) -> Decision {
    let mut seen = Vec::new();
    let mut exists = false;
    for choice in choices {
        let all = catalogue.all(choice.name);
        exists |= !all.is_empty();
        let states: Vec<_> = all
            .iter()
            .map(|one| format!("{} {}", one.language, one.status))
            .collect();
        let states = if states.is_empty() {
            "is not there".to_owned()
        } else {
            format!("is there as {}", states.join(", "))
        };
        seen.push(format!(
            "{} is wanted in {} and {states}",
            choice.name,
            choice.languages.join(", ")
        ));
    }
    let reason = if exists {
        Reason::TemplateNotApproved
    } else {
        Reason::TemplateMissing
    };
    Decision::Hold(reason, seen.join("; "))
}

fn held(wrongs: &[Wrong]) -> Decision {
    let reason = wrongs
        .first()
        .map_or(Reason::Internal, |wrong| wrong.reason);
    let said: Vec<_> = wrongs
        .iter()
        .map(|wrong| format!("{}: {}", wrong.field, wrong.problem))
        .collect();
    Decision::Hold(reason, said.join("; "))
}

fn mismatch(definition: &Definition, problems: &[Problem]) -> Decision {
    let said = format!(
        "{} ({}): {}",
        definition.name,
        definition.language,
        told(problems)
    );
    Decision::Hold(Reason::TemplateMismatch, said)
}

fn told(problems: &[Problem]) -> String {
    let said: Vec<_> = problems
        .iter()
        .map(|problem| problem.problem.as_str())
        .collect();
    said.join("; ")
}
