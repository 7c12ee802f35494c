//! Writing templates, and handing them to Meta: never twice, also where an answer was lost.

use domain::template::{self, Definition};
use domain::{TemplateId, TenantId, Timestamp};
use meta::graph::{CreatedTemplate, GraphCallError, NewTemplate, Template as Wire};
use secrecy::SecretString;
use serde_json::Value;
use serde_json::value::RawValue;
use store::audit::{self, Who};
use store::templates::{self, DRAFT, Template, history, pace};
use store::{Tx, event_log};

use super::{ActError, CREATIONS, HOUR, LOCKED, access_of, account_owner, act, own, shown, suffix};
use crate::Engine;
use crate::templates::fold::{Fold, categorise, same_json};
use crate::templates::sync;

/// Meta has one of this name and language.
const EXISTS: i64 = 2_388_024;

/// What somebody wrote.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The template.
    pub definition: Definition,
    /// On which account; the one of the tenant's number where none is named.
    pub waba_id: Option<String>,
    /// Kept here for now.
    pub draft: bool,
}

/// Writes a template and, unless it is to stay a draft, hands it to Meta.
///
/// # Errors
/// [`ActError`]; when Meta refuses nothing is kept.
pub async fn create(
    engine: &Engine,
    tenant: TenantId,
    who: &Who,
    mut wanted: Wanted,
) -> Result<Template, ActError> {
    let (waba_id, token) = access_of(engine, tenant, wanted.waba_id.as_deref()).await?;
    let account = account_owner(engine, &waba_id).await?;
    if account.is_none() && !wanted.definition.name.is_empty() {
        wanted.definition.name.push_str(&suffix(tenant));
    }
    if wanted.draft {
        named(&wanted.definition)?;
    } else {
        checked(&wanted.definition)?;
        free_name(engine, &waba_id, &wanted.definition).await?;
    }
    let now = engine.clock.now();
    let mut row = Template::new(
        &waba_id,
        &wanted.definition.name,
        &wanted.definition.language,
        now,
    );
    fill(&mut row, &wanted.definition);
    row.owner_tenant = account.is_none().then_some(tenant.0);
    if !wanted.draft {
        row.submitted_at = Some(now.0);
    }
    let mut tx = engine.db.begin().await?;
    let there = templates::any_tenant_lock_named(&mut tx, &waba_id, &row.name).await?;
    if let Some(there) = there.iter().find(|there| there.language == row.language) {
        return Err(taken(there));
    }
    if wanted.draft {
        let mut fold = Fold::new("person", now);
        fold.add(row.clone());
        finish(
            engine,
            tx,
            fold,
            tenant,
            who,
            ("template.create", None, &row),
            now,
        )
        .await?;
        return Ok(row);
    }
    paced(&mut tx, &row, now).await?;
    // Kept first: whatever becomes of the answer, what was asked is known. Nobody hears of it before Meta has it.
    templates::any_tenant_put(&mut tx, std::slice::from_ref(&row)).await?;
    tx.commit().await?;
    match make(engine, &token, &row, false).await {
        Ok(made) => settle(engine, tenant, who, row.id, &made, "template.create").await,
        Err(error) => {
            if !matches!(error, ActError::Unreached(_)) {
                let mut tx = engine.db.begin().await?;
                templates::any_tenant_forget(&mut tx, row.id).await?;
                tx.commit().await?;
            }
            Err(error)
        }
    }
}

/// Hands a draft to Meta.
///
/// # Errors
/// [`ActError`]; the draft stays.
pub async fn submit(
    engine: &Engine,
    tenant: TenantId,
    who: &Who,
    id: TemplateId,
) -> Result<Template, ActError> {
    let (mut row, _) = own(engine, tenant, id).await?;
    if row.status != DRAFT {
        return Err(ActError::Conflict(
            "not_a_draft",
            "WhatsApp has this template already; change it instead".to_owned(),
        ));
    }
    let (_, token) = access_of(engine, tenant, Some(&row.waba_id)).await?;
    let definition = super::definition(&row);
    checked(&definition)?;
    free_name(engine, &row.waba_id, &definition).await?;
    let again = row.submitted_at.is_some();
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    // As everywhere: the template first, then the account's book.
    templates::any_tenant_lock(&mut tx, row.id).await?;
    if !again {
        paced(&mut tx, &row, now).await?;
    }
    row.submitted_at = Some(now.0);
    templates::any_tenant_put(&mut tx, std::slice::from_ref(&row)).await?;
    tx.commit().await?;
    match make(engine, &token, &row, again).await {
        Ok(made) => settle(engine, tenant, who, row.id, &made, "template.submit").await,
        Err(error) => {
            if !matches!(error, ActError::Unreached(_)) {
                row.submitted_at = None;
                let mut tx = engine.db.begin().await?;
                templates::any_tenant_put(&mut tx, std::slice::from_ref(&row)).await?;
                tx.commit().await?;
            }
            Err(error)
        }
    }
}

/// A draft like another template, under another name or in another language.
///
/// # Errors
/// [`ActError`].
pub async fn duplicate(
    engine: &Engine,
    tenant: TenantId,
    who: &Who,
    id: TemplateId,
    name: Option<String>,
    language: Option<String>,
) -> Result<Template, ActError> {
    let row = templates::get(&engine.db, tenant, id).await?;
    let row = row.ok_or(ActError::NotFound)?;
    let end = suffix(tenant);
    let plain = row.name.strip_suffix(&end).unwrap_or(&row.name).to_owned();
    let language = language.unwrap_or_else(|| row.language.clone());
    let name = match name {
        Some(name) => name,
        None if language != row.language => plain,
        None => format!("{plain}_copy"),
    };
    let wanted = Wanted {
        definition: Definition {
            name,
            language,
            ..super::definition(&row)
        },
        waba_id: Some(row.waba_id),
        draft: true,
    };
    create(engine, tenant, who, wanted).await
}

/// What a definition says, put into a row.
pub(super) fn fill(row: &mut Template, definition: &Definition) {
    row.name.clone_from(&definition.name);
    row.language.clone_from(&definition.language);
    row.category = definition.category.to_uppercase();
    row.parameter_format = definition
        .parameter_format
        .as_deref()
        .unwrap_or("POSITIONAL")
        .to_uppercase();
    row.components = match &definition.components {
        Value::Null => "[]".to_owned(),
        components => components.to_string(),
    };
    row.ttl_seconds = definition.ttl_seconds;
}

pub(super) fn checked(definition: &Definition) -> Result<(), ActError> {
    let problems = template::check(definition);
    if problems.is_empty() {
        return Ok(());
    }
    Err(ActError::Invalid(problems))
}

/// A draft may be unfinished, but it has a name, a language and a category.
pub(super) fn named(definition: &Definition) -> Result<(), ActError> {
    let mut problems = template::check(definition);
    problems.retain(|problem| {
        ["name", "language", "category", "parameter_format"].contains(&problem.field.as_str())
    });
    if problems.is_empty() {
        return Ok(());
    }
    Err(ActError::Invalid(problems))
}

fn taken(there: &Template) -> ActError {
    let said = if there.status == DRAFT {
        "there is a draft of this name and language; finish that one"
    } else {
        "there is a template of this name in this language; change that one, or use another name"
    };
    ActError::Conflict("template_exists", said.to_owned())
}

async fn free_name(
    engine: &Engine,
    waba_id: &str,
    definition: &Definition,
) -> Result<(), ActError> {
    let (name, language) = (&definition.name, &definition.language);
    let since = engine.clock.now().minus(LOCKED);
    let deleted = templates::any_tenant_deleted(&engine.db, waba_id, name, language, since).await?;
    match deleted {
        Some(at) => Err(ActError::Conflict(
            "name_locked",
            format!(
                "a template of this name was deleted, and WhatsApp keeps the name until {}; use another name",
                at.plus(LOCKED).rfc3339()
            ),
        )),
        None => Ok(()),
    }
}

/// Whether Meta takes one more now. Of a shared account one tenant has half, and all of them leave some for the
/// platform.
async fn paced(tx: &mut Tx, row: &Template, now: Timestamp) -> Result<(), ActError> {
    let lately = pace::any_tenant_submitted(tx, &row.waba_id, now.minus(HOUR)).await?;
    let of = |counts: &dyn Fn(Option<TenantId>) -> bool| -> Vec<Timestamp> {
        let counted = lately.iter().filter(|(owner, _)| counts(*owner));
        counted.map(|(_, at)| *at).collect()
    };
    let owner = row.owner_tenant.map(TenantId);
    let mut shares = vec![(of(&|_| true), CREATIONS)];
    if owner.is_some() {
        shares.push((of(&|of| of.is_some()), CREATIONS * 9 / 10));
        shares.push((of(&|of| of == owner), CREATIONS / 2));
    }
    for (lately, most) in shares {
        if let Some(over) = lately.len().checked_sub(most) {
            let free = lately.get(over).copied().unwrap_or(now).plus(HOUR);
            let said = format!(
                "WhatsApp takes {CREATIONS} new templates of an account within an hour{}; keep it as a draft and submit it later",
                if owner.is_some() {
                    ", and several businesses share this one"
                } else {
                    ""
                }
            );
            return Err(ActError::Wait(said, free));
        }
    }
    Ok(())
}

/// Has Meta make a row's template. `look`: it may have been made already.
async fn make(
    engine: &Engine,
    token: &SecretString,
    row: &Template,
    look: bool,
) -> Result<CreatedTemplate, ActError> {
    if look && let Some(there) = found(engine, token, row).await? {
        return Ok(there);
    }
    let components = RawValue::from_string(row.components.clone()).ok();
    let new = NewTemplate {
        name: &row.name,
        language: &row.language,
        category: &row.category,
        parameter_format: Some(&row.parameter_format),
        components: components.as_deref(),
        message_send_ttl_seconds: row.ttl_seconds,
        library: None,
    };
    let unknown = match engine
        .graph
        .create_template(token, &row.waba_id, &new)
        .await
    {
        Ok(made) => return Ok(made),
        Err(GraphCallError::Refused(error)) if error.subcode == Some(EXISTS) => {
            // It may be the one that was asked for before, or somebody else's.
            let there = found(engine, token, row).await?;
            return there.ok_or(ActError::Meta(error));
        }
        Err(GraphCallError::Refused(error)) if error.http_status < 500 => {
            return Err(ActError::Meta(error));
        }
        Err(error) => error,
    };
    let lost = || {
        ActError::Unreached(format!(
            "WhatsApp did not answer ({unknown}); the template is kept as a draft, and submitting it again is safe"
        ))
    };
    match found(engine, token, row).await {
        Ok(Some(there)) => Ok(there),
        Ok(None) => match engine
            .graph
            .create_template(token, &row.waba_id, &new)
            .await
        {
            Ok(made) => Ok(made),
            Err(GraphCallError::Refused(error)) if error.subcode == Some(EXISTS) => {
                found(engine, token, row).await?.ok_or_else(lost)
            }
            Err(GraphCallError::Refused(error)) if error.http_status < 500 => {
                Err(ActError::Meta(error))
            }
            Err(_) => Err(lost()),
        },
        Err(_) => Err(lost()),
    }
}

/// The row's template as Meta has it; none where it has none, or another one under the name.
async fn found(
    engine: &Engine,
    token: &SecretString,
    row: &Template,
) -> Result<Option<CreatedTemplate>, ActError> {
    let list = engine
        .graph
        .templates_named(token, &row.waba_id, &row.name)
        .await
        .map_err(crate::shared_account::Unreached::Meta)?;
    let same = |wire: &Wire| {
        let components = wire.components.as_ref().map_or("[]", |raw| raw.get());
        // The texts of one-time codes are Meta's own.
        let own_words =
            row.category == "AUTHENTICATION" && wire.category.as_deref() == Some("AUTHENTICATION");
        wire.language.as_ref() == Some(&row.language)
            && (own_words || alike(components, &row.components))
    };
    Ok(list.into_iter().find(same).and_then(|wire| {
        Some(CreatedTemplate {
            id: wire.id?,
            status: wire.status.unwrap_or_else(|| "PENDING".to_owned()),
            category: wire.category,
        })
    }))
}

/// Whether two lists of parts say the same; Meta writes some members its own way, and the texts as they are.
fn alike(one: &str, other: &str) -> bool {
    fn texts(parts: &str) -> Vec<String> {
        fn walk(value: &Value, texts: &mut Vec<String>) {
            match value {
                Value::Object(map) => {
                    for (key, value) in map {
                        match (key.as_str(), value) {
                            ("text" | "url" | "phone_number", Value::String(text)) => {
                                texts.push(text.clone());
                            }
                            ("example", _) => {}
                            (_, other) => walk(other, texts),
                        }
                    }
                }
                Value::Array(list) => list.iter().for_each(|value| walk(value, texts)),
                _ => {}
            }
        }
        let mut all = Vec::new();
        walk(&serde_json::from_str(parts).unwrap_or_default(), &mut all);
        all.sort();
        all
    }
    same_json(one, other) || texts(one) == texts(other)
}

/// Meta has it: its row says so, and everybody hears of it.
async fn settle(
    engine: &Engine,
    tenant: TenantId,
    who: &Who,
    id: TemplateId,
    made: &CreatedTemplate,
    action: &'static str,
) -> Result<Template, ActError> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let before = templates::any_tenant_lock(&mut tx, id)
        .await?
        .ok_or(ActError::NotFound)?;
    let mut row = before.clone();
    // A webhook may have been quicker, and knows more.
    if row.status == DRAFT {
        row.status.clone_from(&made.status);
    }
    row.meta_id = Some(made.id.clone());
    if let Some(category) = &made.category {
        categorise(&mut row, category, false, now);
    }
    let mut fold = Fold::new("person", now);
    if action == "template.create" {
        fold.add(row.clone());
    } else {
        fold.change(before, row.clone());
    }
    finish(engine, tx, fold, tenant, who, (action, None, &row), now).await?;
    if row.category == "AUTHENTICATION" {
        // Its texts are Meta's: sends are judged by them.
        let (_, token) = access_of(engine, tenant, Some(&row.waba_id)).await?;
        if let Ok(Some(read)) = sync::one(engine, &token, &row).await {
            return Ok(read);
        }
    }
    Ok(row)
}

/// Writes an act down and commits it.
pub(super) async fn finish(
    engine: &Engine,
    mut tx: Tx,
    fold: Fold,
    tenant: impl Into<Option<TenantId>>,
    who: &Who,
    (action, before, row): (&'static str, Option<&Template>, &Template),
    now: Timestamp,
) -> Result<(), ActError> {
    let folded = fold.write(&mut tx).await?;
    let what = (before.map(shown), Some(shown(row)));
    audit::append(&mut tx, who, act(tenant, action, row, what), now).await?;
    event_log::append(&mut tx, &folded.events).await?;
    tx.commit().await?;
    sync::tell(engine, folded.freed);
    Ok(())
}

/// A step of a person's that is no change of a column.
pub(super) async fn step(
    tx: &mut Tx,
    row: &Template,
    kind: &'static str,
    before: Option<&str>,
    now: Timestamp,
) -> store::Result<()> {
    let step = history::New::of(row.id, kind, "person", now).from_to(before, None);
    history::any_tenant_add(tx, &[step]).await
}
