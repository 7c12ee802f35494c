//! What a rule would do with an event, without doing it.

use domain::identity::Person;
use domain::notification::{Flaw, Reason, Rule};
use domain::{TenantId, Timestamp};
use meta::graph::outbound::Preview;
use serde_json::{Value, json};
use store::contacts::{self, Lookup};

use super::decide::{Begun, Decision, begin, finish};
use super::rules;
use super::world::World;
use crate::Engine;
use crate::templates::Templates;

/// What would happen.
#[derive(Debug, Clone, Default)]
pub struct DryRun {
    /// Whether a message would be sent, now or later.
    pub matches: bool,
    /// Why not: the reason's word and what exactly.
    pub why_not: Option<(&'static str, String)>,
    /// Digits with country code.
    pub recipient: Option<String>,
    /// What the event calls them.
    pub recipient_name: Option<String>,
    /// Of the template.
    pub language: Option<String>,
    /// Which one.
    pub template: Option<String>,
    /// What Meta would get.
    pub message: Option<Value>,
    /// As a phone shows it.
    pub preview: Option<Preview>,
    /// When it would leave, where not at once.
    pub due_at: Option<Timestamp>,
    /// What is wrong with the rule.
    pub problems: Vec<Flaw>,
    /// What will hold its messages as things stand.
    pub warnings: Vec<Flaw>,
}

/// Applies a rule to an event, and changes nothing. `kind` is the event's type; the rule's own when left out.
///
/// # Errors
/// When the database refuses.
pub async fn dry_run(
    engine: &Engine,
    templates: &Templates,
    tenant: TenantId,
    rule: &Rule,
    kind: Option<&str>,
    data: Value,
) -> store::Result<DryRun> {
    let now = engine.clock.now();
    let found = rules::check(engine, templates, tenant, rule).await?;
    let mut run = DryRun {
        problems: found.flaws,
        warnings: found.warnings,
        ..DryRun::default()
    };
    let of_rule = rule.event_type.as_str();
    let kind = kind.unwrap_or_else(|| of_rule.strip_suffix(".*").unwrap_or(of_rule));
    if kind != of_rule.strip_suffix(".*").unwrap_or(of_rule) && !rule.event_type.matches(kind) {
        run.why_not = Some((
            "event_type",
            format!("the rule is for {of_rule}, and the event is {kind}"),
        ));
        return Ok(run);
    }
    let event =
        json!({ "type": kind, "id": "dry-run", "occurred_at": now.rfc3339(), "data": data });
    let world = World::of(engine, templates, tenant).await?;
    let mut begun = begin(rule, &event, world.zone(), false, now);
    if let Begun::Decided(Decision::Schedule(at)) = begun {
        // What is sent then is shown as far as it is known now.
        run.due_at = Some(at);
        begun = begin(rule, &event, world.zone(), true, now);
    }
    let to = match begun {
        Begun::To(to) => to,
        Begun::Decided(decision) => return Ok(ended(run, decision)),
    };
    run.recipient = Some(to.phone.clone());
    run.recipient_name.clone_from(&to.name);
    let identities = Person::from_phone(&to.phone).identities();
    let lookups: Vec<_> = identities
        .iter()
        .map(|identity| Lookup {
            n: 0,
            tenant: tenant.hex(),
            kind: identity.kind.as_str(),
            value: &identity.value,
        })
        .collect();
    let consents = contacts::any_tenant_consent(&engine.db, &lookups).await?;
    let decision = finish(tenant, &world, rule, &event, to, consents.first(), now);
    Ok(ended(run, decision))
}

fn ended(mut run: DryRun, decision: Decision) -> DryRun {
    match decision {
        Decision::Send(send) => {
            run.matches = true;
            run.due_at = run.due_at.or(send.quiet_until);
            run.message = serde_json::to_value(&send.checked.message).ok();
            run.recipient = Some(send.phone);
            run.language = Some(send.language);
            run.template = Some(send.name);
            run.preview = Some(send.preview);
        }
        Decision::Schedule(at) => run.due_at = Some(at),
        Decision::Skip(reason, why) | Decision::Hold(reason, why) => {
            run.why_not = Some((reason.as_str(), why));
        }
        Decision::Later => {
            run.why_not = Some((
                Reason::TemplateMissing.as_str(),
                "WhatsApp does not tell now which templates there are; try again".to_owned(),
            ));
        }
    }
    run
}
