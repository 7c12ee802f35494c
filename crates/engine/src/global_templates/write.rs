//! What administrators do: write a global template and its versions, choose who gets it, roll it out, try again what
//! failed. Each is one transaction with its line in the audit log.

use std::collections::BTreeMap;

use domain::{GlobalTemplateId, TenantId, Timestamp};
use serde_json::{Value, json};
use store::audit::{self, Act, Target, Who};
use store::global_templates::contents::{self, Content};
use store::global_templates::{self, GlobalTemplate, placements};
use store::templates::library::{self, Types};
use store::{Tx, event_log};

use super::{changed, check, spread};
use crate::Engine;
use crate::outbound::request::Mistake;

/// Why something was not done. Nothing changed.
#[derive(Debug)]
pub enum Refused {
    /// There is no such global template.
    Gone,
    /// Members are wrong.
    Mistakes(Vec<Mistake>),
    /// Another global template has the name.
    NameTaken,
    /// Nothing was written yet that could be rolled out.
    NoVersion,
}

/// What comes of an act: the outer error is the database's.
pub type Done<T> = store::Result<Result<T, Refused>>;

impl From<Vec<Mistake>> for Refused {
    fn from(mistakes: Vec<Mistake>) -> Self {
        Self::Mistakes(mistakes)
    }
}

/// A global template that is to be made.
#[derive(Debug, Clone)]
pub struct New {
    /// By which it is sent: small letters, digits, `_`.
    pub name: String,
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`.
    pub category: String,
    /// Whether every tenant gets it.
    pub everyone: bool,
    /// Who gets it otherwise.
    pub tenants: Vec<TenantId>,
    /// The template of Meta's library that it is.
    pub library_name: Option<String>,
}

/// What a version says in a language.
#[derive(Debug, Clone)]
pub struct Written {
    /// `POSITIONAL` or `NAMED`.
    pub parameter_format: String,
    /// Meta's form.
    pub components: Value,
    /// How long a message may wait for its delivery, in seconds.
    pub ttl_seconds: Option<i64>,
    /// By what Meta makes it from its library (JSON), in place of the components.
    pub library: Option<Value>,
}

/// Makes one, without a version yet.
///
/// # Errors
/// When the database refuses.
pub async fn create(engine: &Engine, new: &New, who: &Who) -> Done<GlobalTemplate> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let row = match insert(&mut tx, new, now).await? {
        Ok(row) => row,
        Err(refused) => return Ok(Err(refused)),
    };
    audit::append(&mut tx, who, made("global_template.create", &row, new), now).await?;
    finish(engine, tx, row.id, now).await?;
    Ok(Ok(row))
}

/// Makes one of Meta's library, with its first version.
///
/// # Errors
/// When the database refuses.
pub async fn import(
    engine: &Engine,
    new: &New,
    languages: &BTreeMap<String, Written>,
    types: &[Types],
    who: &Who,
) -> Done<GlobalTemplate> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    for one in types {
        library::put(&mut tx, one, now).await?;
    }
    let mut row = match insert(&mut tx, new, now).await? {
        Ok(row) => row,
        Err(refused) => return Ok(Err(refused)),
    };
    let mistakes = check::version(&row.name, &row.category, languages);
    if !mistakes.is_empty() {
        return Ok(Err(mistakes.into()));
    }
    put_version(&mut tx, &mut row, languages, who, now).await?;
    audit::append(&mut tx, who, made("global_template.import", &row, new), now).await?;
    finish(engine, tx, row.id, now).await?;
    Ok(Ok(row))
}

fn made<'a>(action: &'static str, row: &'a GlobalTemplate, new: &New) -> Act<'a> {
    Act {
        tenant: None,
        action,
        target: target(row),
        before: None,
        after: Some(shown(row, &new.tenants)),
    }
}

async fn insert(tx: &mut Tx, new: &New, now: Timestamp) -> Done<GlobalTemplate> {
    let row = GlobalTemplate {
        id: GlobalTemplateId::new(now),
        name: new.name.clone(),
        category: new.category.to_uppercase(),
        everyone: new.everyone,
        version: 0,
        rolled_out: None,
        library_name: new.library_name.clone(),
        created_at: now,
        updated_at: now,
    };
    let mistakes = check::head(&row.name, &row.category);
    if !mistakes.is_empty() {
        return Ok(Err(mistakes.into()));
    }
    match global_templates::insert(tx, &row).await {
        Ok(()) => {}
        Err(error) if error.is_conflict() => return Ok(Err(Refused::NameTaken)),
        Err(error) => return Err(error),
    }
    let chosen = choose(tx, row.id, &new.tenants).await?;
    Ok(chosen.map(|()| row))
}

/// What is to be changed; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Whether every tenant gets it.
    pub everyone: Option<bool>,
    /// Who gets it otherwise.
    pub tenants: Option<Vec<TenantId>>,
}

/// Changes who gets it. Whoever is new gets what is rolled out; what somebody has, stays there.
///
/// # Errors
/// When the database refuses.
pub async fn update(
    engine: &Engine,
    id: GlobalTemplateId,
    change: &Change,
    who: &Who,
) -> Done<GlobalTemplate> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let Some(mut row) = global_templates::lock(&mut tx, id).await? else {
        return Ok(Err(Refused::Gone));
    };
    let before = chosen(&mut tx, id).await?;
    let was = shown(&row, &before);
    row.everyone = change.everyone.unwrap_or(row.everyone);
    if let Some(tenants) = &change.tenants
        && let Err(refused) = choose(&mut tx, id, tenants).await?
    {
        return Ok(Err(refused));
    }
    let tenants = chosen(&mut tx, id).await?;
    global_templates::update(&mut tx, &row, now).await?;
    placements::any_tenant_withdraw(&mut tx, id).await?;
    spread::spread_in(&mut tx, Some(id), None, now).await?;
    let act = Act {
        tenant: None,
        action: "global_template.update",
        target: target(&row),
        before: Some(was),
        after: Some(shown(&row, &tenants)),
    };
    audit::append(&mut tx, who, act, now).await?;
    finish(engine, tx, id, now).await?;
    row.updated_at = now;
    Ok(Ok(row))
}

/// Takes one out of the list. Accounts keep what they have of it; what was not begun is not begun any more.
///
/// # Errors
/// When the database refuses.
pub async fn delete(engine: &Engine, id: GlobalTemplateId, who: &Who) -> Done<()> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let Some(row) = global_templates::lock(&mut tx, id).await? else {
        return Ok(Err(Refused::Gone));
    };
    let tenants = chosen(&mut tx, id).await?;
    global_templates::delete(&mut tx, id, now).await?;
    placements::any_tenant_withdraw(&mut tx, id).await?;
    let act = Act {
        tenant: None,
        action: "global_template.delete",
        target: target(&row),
        before: Some(shown(&row, &tenants)),
        after: None,
    };
    audit::append(&mut tx, who, act, now).await?;
    finish(engine, tx, id, now).await?;
    Ok(Ok(()))
}

/// Writes the next version, in all its languages. It is shared only when it is rolled out.
///
/// # Errors
/// When the database refuses.
pub async fn add_version(
    engine: &Engine,
    id: GlobalTemplateId,
    category: Option<&str>,
    languages: &BTreeMap<String, Written>,
    who: &Who,
) -> Done<GlobalTemplate> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let Some(mut row) = global_templates::lock(&mut tx, id).await? else {
        return Ok(Err(Refused::Gone));
    };
    let category = category.map_or_else(|| row.category.clone(), str::to_uppercase);
    let mut mistakes = check::version(&row.name, &category, languages);
    if row.rolled_out.is_some() && category != row.category {
        mistakes.push(Mistake::new(
            "category",
            "cannot change any more: WhatsApp does not let the category of an approved template change; make another global template",
        ));
    }
    if !mistakes.is_empty() {
        return Ok(Err(mistakes.into()));
    }
    row.category = category;
    put_version(&mut tx, &mut row, languages, who, now).await?;
    let act = Act {
        tenant: None,
        action: "global_template.version",
        target: target(&row),
        before: None,
        after: Some(json!({
            "version": row.version,
            "category": row.category,
            "languages": languages.keys().collect::<Vec<_>>(),
        })),
    };
    audit::append(&mut tx, who, act, now).await?;
    finish(engine, tx, id, now).await?;
    row.updated_at = now;
    Ok(Ok(row))
}

async fn put_version(
    tx: &mut Tx,
    row: &mut GlobalTemplate,
    languages: &BTreeMap<String, Written>,
    who: &Who,
    now: Timestamp,
) -> store::Result<()> {
    row.version += 1;
    for (language, written) in languages {
        let content = Content {
            global_id: row.id,
            version: row.version,
            language: language.clone(),
            category: row.category.clone(),
            parameter_format: written.parameter_format.clone(),
            components: written.components.to_string(),
            ttl_seconds: written.ttl_seconds,
            library: written.library.as_ref().map(Value::to_string),
            created_by: who.name.clone(),
            created_at: now,
        };
        contents::insert(tx, &content).await?;
    }
    row.updated_at = now;
    global_templates::update(tx, row, now).await
}

/// Lets accounts have a version, the newest when none is named. An earlier one takes a later one back.
///
/// # Errors
/// When the database refuses.
pub async fn roll_out(
    engine: &Engine,
    id: GlobalTemplateId,
    version: Option<i64>,
    who: &Who,
) -> Done<GlobalTemplate> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let Some(mut row) = global_templates::lock(&mut tx, id).await? else {
        return Ok(Err(Refused::Gone));
    };
    if row.version == 0 {
        return Ok(Err(Refused::NoVersion));
    }
    let version = version.unwrap_or(row.version);
    if !(1..=row.version).contains(&version) {
        let problem = format!("must be 1 to {}", row.version);
        return Ok(Err(vec![Mistake::new("version", problem)].into()));
    }
    let before = row.rolled_out;
    row.rolled_out = Some(version);
    global_templates::update(&mut tx, &row, now).await?;
    spread::spread_in(&mut tx, Some(id), None, now).await?;
    let act = Act {
        tenant: None,
        action: "global_template.roll_out",
        target: target(&row),
        before: before.map(|version| json!({ "version": version })),
        after: Some(json!({ "version": version })),
    };
    audit::append(&mut tx, who, act, now).await?;
    finish(engine, tx, id, now).await?;
    row.updated_at = now;
    Ok(Ok(row))
}

/// Tries again what failed or was rejected: all of it, or what is named by account and language. Gives how much.
///
/// # Errors
/// When the database refuses.
pub async fn retry(
    engine: &Engine,
    id: GlobalTemplateId,
    which: Option<&[(String, String)]>,
    who: &Who,
) -> Done<usize> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let Some(row) = global_templates::lock(&mut tx, id).await? else {
        return Ok(Err(Refused::Gone));
    };
    let (count, wabas) = placements::any_tenant_retry(&mut tx, id, which, now).await?;
    spread::due(&mut tx, &wabas, now, now).await?;
    let act = Act {
        tenant: None,
        action: "global_template.retry",
        target: target(&row),
        before: None,
        after: Some(json!({ "rows": count })),
    };
    audit::append(&mut tx, who, act, now).await?;
    finish(engine, tx, id, now).await?;
    Ok(Ok(count))
}

async fn finish(
    engine: &Engine,
    mut tx: Tx,
    id: GlobalTemplateId,
    now: Timestamp,
) -> store::Result<()> {
    event_log::append(&mut tx, &[changed(id, now)]).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    engine.wake.jobs.notify_one();
    Ok(())
}

async fn choose(tx: &mut Tx, id: GlobalTemplateId, tenants: &[TenantId]) -> Done<()> {
    let mut wanted = tenants.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let found = global_templates::any_tenant_choose(tx, id, &wanted).await?;
    if usize::try_from(found) != Ok(wanted.len()) {
        let mistake = Mistake::new("tenants", "names a tenant that does not exist");
        return Ok(Err(vec![mistake].into()));
    }
    Ok(Ok(()))
}

async fn chosen(tx: &mut Tx, id: GlobalTemplateId) -> store::Result<Vec<TenantId>> {
    let rows = global_templates::any_tenant_chosen_in(tx, id).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

fn target(row: &GlobalTemplate) -> Target<'_> {
    Target {
        kind: "global_template",
        id: Some(row.id.to_string()),
        name: Some(&row.name),
    }
}

fn shown(row: &GlobalTemplate, tenants: &[TenantId]) -> Value {
    json!({
        "name": row.name,
        "category": row.category,
        "everyone": row.everyone,
        "tenants": tenants.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}
