//! Rules: written, held against the tenant's templates, changed and removed.

use domain::notification::{
    Filled, FilledHeader, FilledTexts, Flaw, Header, Parameters, Rule, Texts,
};
use domain::{RuleId, TenantId, Timestamp};
use meta::graph::outbound::Problem;
use meta::graph::outbound::definition::Definition;
use serde_json::{Value, json};
use store::audit::{self, Act, Target, Who};
use store::notification_rules::{self, RuleRow};
use store::{Tx, event_log};

use super::catalogue::{Catalogue, is_near};
use super::world::World;
use crate::Engine;
use crate::templates::Templates;

/// Rules of one tenant.
pub const MOST_RULES: i64 = 200;

/// What a look at a rule found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Why it cannot be kept.
    pub flaws: Vec<Flaw>,
    /// What will hold its messages as things stand.
    pub warnings: Vec<Flaw>,
}

/// Holds a rule against the templates that the tenant has.
///
/// # Errors
/// When the database refuses.
pub async fn check(
    engine: &Engine,
    templates: &Templates,
    tenant: TenantId,
    rule: &Rule,
) -> store::Result<Findings> {
    let mut world = World::of(engine, templates, tenant).await?;
    let mut findings = look(&world, rule);
    if !findings.flaws.is_empty() || !findings.warnings.is_empty() {
        // It may have been made a moment ago.
        world.look_again(engine, templates, tenant, rule).await?;
        findings = look(&world, rule);
    }
    Ok(findings)
}

fn look(world: &World, rule: &Rule) -> Findings {
    let mut findings = Findings::default();
    let catalogue = match (&world.number, &world.catalogue) {
        (Err(reason), _) => {
            findings.warnings.push(Flaw::new(
                "",
                format!("nothing can be sent now: {}", reason.what_to_do()),
            ));
            return findings;
        }
        (Ok(_), None) => {
            let said = "could not be held against WhatsApp's templates, because WhatsApp does not answer; look at it again later";
            findings.warnings.push(Flaw::new("template", said));
            return findings;
        }
        (Ok(_), Some(catalogue)) => catalogue,
    };
    let from_event = |language: &domain::notification::Language| language.path.is_some();
    let main = &rule.template;
    let choices = rule.choices(&json!({}), &world.language);
    for (n, choice) in choices.iter().enumerate() {
        let (field, open) = match (n, &rule.fallback_template) {
            (0, _) | (_, None) => ("template", from_event(&main.language)),
            (_, Some(other)) => (
                "fallback_template",
                from_event(other.language.as_ref().unwrap_or(&main.language)),
            ),
        };
        let all = catalogue.all(choice.name);
        if all.is_empty() {
            findings.flaws.push(missing(field, choice.name, catalogue));
            continue;
        }
        // The event says the language: any may be asked for.
        let mut meant: Vec<_> = all
            .iter()
            .filter(|one| open || choice.languages.contains(&one.language))
            .collect();
        if meant.is_empty() {
            meant.extend(
                all.iter()
                    .filter(|one| is_near(&one.language, &choice.languages)),
            );
        }
        if meant.is_empty() {
            let there: Vec<_> = all.iter().map(|one| one.language.as_str()).collect();
            let said = format!(
                "{} is there in {}, and not in {}",
                choice.name,
                there.join(", "),
                choice.languages.join(", ")
            );
            findings
                .flaws
                .push(Flaw::new(format!("{field}.language"), said));
            continue;
        }
        for definition in &meant {
            findings
                .flaws
                .extend(misfits(definition, choice.parameters, choice.field));
            findings.flaws.extend(of_the_wrong_kind(
                definition,
                choice.parameters,
                choice.field,
            ));
        }
        if !meant.iter().any(|definition| definition.is_approved()) {
            let states: Vec<_> = meant
                .iter()
                .map(|one| format!("{} {}", one.language, one.status))
                .collect();
            let said = format!(
                "{} is not approved yet ({}): messages wait until it is",
                choice.name,
                states.join(", ")
            );
            findings
                .warnings
                .push(Flaw::new(format!("{field}.name"), said));
        }
    }
    findings.flaws.dedup();
    findings
}

fn missing(field: &str, name: &str, catalogue: &Catalogue) -> Flaw {
    let said = match catalogue.some_names() {
        names if names.is_empty() => {
            format!("there is no template {name} in your WhatsApp account; it has none yet")
        }
        names => format!("there is no template {name} in your WhatsApp account; there are {names}"),
    };
    Flaw::new(format!("{field}.name"), said)
}

/// What the template would not take, with any values.
fn misfits(definition: &Definition, parameters: &Parameters, field: &str) -> Vec<Flaw> {
    let problems = match definition.fill(&placeholder(parameters)) {
        Ok(content) => {
            return definition
                .judge_form(&content)
                .into_iter()
                .map(|problem| flaw(definition, field, &content, &problem))
                .collect();
        }
        Err(problems) => problems,
    };
    problems
        .into_iter()
        .map(|problem| {
            Flaw::new(
                format!("{field}.{}", problem.field),
                said(definition, &problem),
            )
        })
        .collect()
}

/// Texts that are always the same, and not of the kind that the template takes at their place.
fn of_the_wrong_kind(definition: &Definition, parameters: &Parameters, field: &str) -> Vec<Flaw> {
    // Values with names have no kinds: Meta's library numbers them.
    let Texts::Ordered(body) = &parameters.body else {
        return Vec::new();
    };
    let each = body.iter().enumerate().flat_map(|(place, one)| {
        let fixed = [("text", &one.text), ("if_missing", &one.if_missing)];
        fixed.map(|(member, text)| (place, member, text.as_deref()))
    });
    let misfits = each.filter_map(|(place, member, text)| {
        let said = definition.misfit(place, text?)?;
        let (name, language) = (&definition.name, &definition.language);
        Some(Flaw::new(
            format!("{field}.body[{place}].{member}"),
            format!("{name} ({language}): {said}"),
        ))
    });
    misfits.collect()
}

fn said(definition: &Definition, problem: &Problem) -> String {
    format!(
        "{} ({}): {}",
        definition.name, definition.language, problem.problem
    )
}

/// Where in the rule stands what Meta names by its place in the message.
fn flaw(definition: &Definition, field: &str, content: &Value, problem: &Problem) -> Flaw {
    let place = problem
        .field
        .split_once("components[")
        .and_then(|(_, rest)| rest.split_once(']'));
    let part = place.and_then(|(place, _)| {
        let kind = content["components"][place.parse::<usize>().ok()?]["type"].as_str()?;
        Some(if kind == "button" {
            "buttons".to_owned()
        } else {
            kind.to_owned()
        })
    });
    // What is missing has no place; its name stands in the sentence.
    let part = part.or_else(|| {
        let parts = [
            ("header", "header"),
            ("body", "body"),
            ("button", "buttons"),
        ];
        let named = parts
            .into_iter()
            .find(|(word, _)| problem.problem.starts_with(&format!("the {word}")));
        named.map(|(_, part)| part.to_owned())
    });
    let field = part.map_or_else(|| field.to_owned(), |part| format!("{field}.{part}"));
    Flaw::new(field, said(definition, problem))
}

/// Values that fit wherever any do.
fn placeholder(parameters: &Parameters) -> Filled {
    let texts = |texts: &Texts| match texts {
        Texts::Ordered(list) => FilledTexts::Ordered(list.iter().map(|_| "1".to_owned()).collect()),
        Texts::Named(map) => FilledTexts::Named(
            map.keys()
                .map(|name| (name.clone(), "1".to_owned()))
                .collect(),
        ),
    };
    Filled {
        header: match &parameters.header {
            Header::Texts(all) => FilledHeader::Texts(texts(all)),
            Header::Media(_) => FilledHeader::Media {
                link: "https://example.com/file".to_owned(),
                filename: None,
            },
        },
        body: texts(&parameters.body),
        buttons: parameters
            .buttons
            .iter()
            .map(|button| (button.index, "1".to_owned()))
            .collect(),
    }
}

/// A rule's row.
///
/// # Errors
/// When it cannot be written as JSON, which is a bug.
pub fn row(
    tenant: TenantId,
    id: RuleId,
    rule: &Rule,
    created_at: Timestamp,
    now: Timestamp,
) -> store::Result<RuleRow> {
    let body =
        serde_json::to_string(rule).map_err(|error| store::DbError::Corrupt(error.to_string()))?;
    Ok(RuleRow {
        id,
        tenant_id: tenant,
        name: rule.name.trim().to_owned(),
        event_type: rule.event_type.as_str().to_owned(),
        enabled: rule.enabled,
        body,
        created_at,
        updated_at: now,
    })
}

/// Adds a rule. None when there are too many.
///
/// # Errors
/// When the database refuses.
pub async fn create(
    engine: &Engine,
    tenant: TenantId,
    rule: &Rule,
    who: &Who,
) -> store::Result<Option<RuleRow>> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    if notification_rules::count(&mut tx, tenant).await? >= MOST_RULES {
        return Ok(None);
    }
    let row = row(tenant, RuleId::new(now), rule, now, now)?;
    notification_rules::insert(&mut tx, &row).await?;
    tell(
        &mut tx,
        who,
        "notification_rule.create",
        (None, Some(&row)),
        now,
    )
    .await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    Ok(Some(row))
}

/// Writes a rule that was changed. None when there is no such rule.
///
/// # Errors
/// When the database refuses.
pub async fn update(
    engine: &Engine,
    tenant: TenantId,
    id: RuleId,
    rule: &Rule,
    who: &Who,
) -> store::Result<Option<RuleRow>> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let Some(before) = notification_rules::lock(&mut tx, tenant, id).await? else {
        return Ok(None);
    };
    let after = row(tenant, id, rule, before.created_at, now)?;
    notification_rules::update(&mut tx, &after).await?;
    tell(
        &mut tx,
        who,
        "notification_rule.update",
        (Some(&before), Some(&after)),
        now,
    )
    .await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    Ok(Some(after))
}

/// Removes a rule; what it has scheduled is cancelled when it is due. False when there is no such rule.
///
/// # Errors
/// When the database refuses.
pub async fn delete(
    engine: &Engine,
    tenant: TenantId,
    id: RuleId,
    who: &Who,
) -> store::Result<bool> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let Some(before) = notification_rules::lock(&mut tx, tenant, id).await? else {
        return Ok(false);
    };
    notification_rules::delete(&mut tx, tenant, id).await?;
    tell(
        &mut tx,
        who,
        "notification_rule.delete",
        (Some(&before), None),
        now,
    )
    .await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    Ok(true)
}

async fn tell(
    tx: &mut Tx,
    who: &Who,
    action: &'static str,
    (before, after): (Option<&RuleRow>, Option<&RuleRow>),
    now: Timestamp,
) -> store::Result<()> {
    let Some(row) = after.or(before) else {
        return Ok(());
    };
    let shown = |row: &RuleRow| serde_json::from_str::<Value>(&row.body).unwrap_or_default();
    let act = Act {
        tenant: Some(row.tenant_id),
        action,
        target: Target {
            kind: "notification_rule",
            id: Some(row.id.to_string()),
            name: Some(&row.name),
        },
        before: before.map(shown),
        after: after.map(shown),
    };
    audit::append(tx, who, act, now).await?;
    let data = format!(r#"{{"rule_id":"{}"}}"#, row.id);
    event_log::append(
        tx,
        &[event_log::of(
            row.tenant_id,
            "notification_rule.changed",
            data,
            now,
        )],
    )
    .await
}
