//! Changing a template, and letting a paused one go.

use domain::{TemplateId, TenantId};
use meta::graph::{GraphCallError, TemplateEdit};
use serde_json::Value;
use serde_json::value::RawValue;
use store::audit::Who;
use store::event_log;
use store::templates::{self, DRAFT, Template};
use store::wabas;

use super::create::{checked, fill, finish, named, step};
use super::{ActError, Side, access_of, decides, definition, editable, own, suffix};
use crate::Engine;
use crate::shared_account::Unreached;
use crate::templates::fold::{Fold, same_json};
use crate::templates::{into_review, sync};

/// What is to be another; absent members stay as they are.
#[derive(Debug, Clone, Default)]
pub struct Patch {
    /// Of a draft.
    pub name: Option<String>,
    /// Of a draft.
    pub language: Option<String>,
    /// Of anything that is not approved.
    pub category: Option<String>,
    /// `NAMED` or `POSITIONAL`.
    pub parameter_format: Option<String>,
    /// The parts, as a whole.
    pub components: Option<Value>,
    /// In seconds; an inner none takes it away.
    pub ttl_seconds: Option<Option<i64>>,
}

/// Changes a template: a draft here, anything else at Meta, which reviews it again.
///
/// # Errors
/// [`ActError`]; then nothing changed.
pub async fn edit(
    engine: &Engine,
    tenant: TenantId,
    who: &Who,
    id: TemplateId,
    patch: Patch,
) -> Result<Template, ActError> {
    let (row, account) = own(engine, tenant, id).await?;
    let mut wanted = definition(&row);
    let is_draft = row.status == DRAFT;
    if !is_draft && (patch.name.is_some() || patch.language.is_some()) {
        return Err(ActError::Conflict(
            "name_fixed",
            "name and language cannot be changed once WhatsApp has the template; make a copy of it"
                .to_owned(),
        ));
    }
    if let Some(name) = patch.name {
        let end = suffix(tenant);
        wanted.name = match account {
            None if !name.ends_with(&end) => format!("{name}{end}"),
            _ => name,
        };
    }
    let category = patch.category.map(|category| category.to_uppercase());
    if let Some(category) = &category {
        if row.status == "APPROVED" && *category != row.category {
            return Err(ActError::Conflict(
                "category_fixed",
                "the category of an approved template cannot be changed; make a copy of it in the other category".to_owned(),
            ));
        }
        wanted.category.clone_from(category);
    }
    if let Some(language) = patch.language {
        wanted.language = language;
    }
    if let Some(format) = patch.parameter_format {
        wanted.parameter_format = Some(format);
    }
    if let Some(components) = patch.components {
        wanted.components = components;
    }
    if let Some(ttl) = patch.ttl_seconds {
        wanted.ttl_seconds = ttl;
    }
    let mut after = row.clone();
    fill(&mut after, &wanted);
    if after == row {
        return Ok(row);
    }
    let now = engine.clock.now();
    if is_draft {
        named(&wanted)?;
        let mut tx = engine.db.begin().await?;
        let there = templates::any_tenant_lock_named(&mut tx, &row.waba_id, &after.name).await?;
        if there
            .iter()
            .any(|there| there.id != row.id && there.language == after.language)
        {
            return Err(ActError::Conflict(
                "template_exists",
                "there is a template of this name in this language already".to_owned(),
            ));
        }
        let mut fold = Fold::new("person", now);
        fold.change(row.clone(), after.clone());
        let what = ("template.update", Some(&row), &after);
        finish(engine, tx, fold, tenant, who, what, now).await?;
        return Ok(after);
    }
    let may = editable(engine, &row, "tenant").await?;
    if let Some(at) = may.next_at {
        let said =
            "WhatsApp lets an approved template be changed once a day and ten times in thirty days";
        return Err(ActError::Wait(said.to_owned(), at));
    }
    if !may.can {
        let status = row.status.to_lowercase().replace('_', " ");
        return Err(ActError::Conflict(
            "not_editable",
            format!(
                "WhatsApp lets approved, rejected and paused templates be changed; this one is {status}"
            ),
        ));
    }
    checked(&wanted)?;
    let (_, token) = access_of(engine, tenant, Some(&row.waba_id)).await?;
    let mut tx = engine.db.begin().await?;
    let folded = into_review(&mut tx, &row, "person", now).await?;
    event_log::append(&mut tx, &folded.events).await?;
    tx.commit().await?;
    sync::tell(engine, false);
    if let Err(error) = change_at_meta(engine, tenant, &row, &after).await {
        // How it stands now, Meta says; where it does not, its list is read soon.
        if let Ok(Some(here)) = templates::get(&engine.db, tenant, id).await {
            sync::one(engine, &token, &here).await.ok();
        }
        return Err(error);
    }
    let mut tx = engine.db.begin().await?;
    let before = templates::any_tenant_lock(&mut tx, row.id)
        .await?
        .ok_or(ActError::NotFound)?;
    let mut changed = before.clone();
    fill(&mut changed, &wanted);
    // Only what was approved counts for Meta's limit of edits.
    let kind = match row.status.as_str() {
        "APPROVED" => "edited",
        _ => "corrected",
    };
    step(&mut tx, &row, kind, Some(&row.components), now).await?;
    let mut fold = Fold::new("person", now);
    fold.change(before, changed.clone());
    let what = ("template.update", Some(&row), &changed);
    finish(engine, tx, fold, tenant, who, what, now).await?;
    // Whether it is in review again is Meta's to say; where that is not heard now a webhook tells.
    match sync::one(engine, &token, &changed).await {
        Ok(Some(read)) => Ok(read),
        Ok(None) | Err(_) => Ok(changed),
    }
}

/// Has Meta change it. A lost answer is looked for before it counts as one.
async fn change_at_meta(
    engine: &Engine,
    tenant: TenantId,
    row: &Template,
    after: &Template,
) -> Result<(), ActError> {
    let (_, token) = access_of(engine, tenant, Some(&row.waba_id)).await?;
    let meta_id = row.meta_id.as_deref().ok_or(ActError::NotFound)?;
    let components = RawValue::from_string(after.components.clone()).ok();
    let edit = TemplateEdit {
        category: (after.category != row.category).then_some(after.category.as_str()),
        components: components.as_deref(),
        parameter_format: (after.parameter_format != row.parameter_format)
            .then_some(after.parameter_format.as_str()),
        message_send_ttl_seconds: after
            .ttl_seconds
            .filter(|ttl| Some(*ttl) != row.ttl_seconds),
    };
    let unknown = match engine.graph.edit_template(&token, meta_id, &edit).await {
        Ok(()) => return Ok(()),
        Err(GraphCallError::Refused(error)) if error.http_status < 500 => {
            return Err(ActError::Meta(error));
        }
        Err(error) => error,
    };
    let there = engine.graph.template(&token, meta_id).await;
    let done = there.is_ok_and(|wire| {
        let components = wire.components.as_ref().map_or("", |raw| raw.get());
        same_json(components, &after.components) && !same_json(components, &row.components)
    });
    if done {
        return Ok(());
    }
    Err(ActError::Unreached(format!(
        "WhatsApp did not answer ({unknown}); look at the template again before you try once more"
    )))
}

/// Lets a paused template be sent again.
///
/// # Errors
/// [`ActError`].
pub async fn unpause(
    engine: &Engine,
    side: Side,
    who: &Who,
    id: TemplateId,
) -> Result<Template, ActError> {
    let row = decides(engine, side, id).await?;
    if row.status != "PAUSED" {
        return Err(ActError::Conflict(
            "not_paused",
            "this template is not paused".to_owned(),
        ));
    }
    let token = wabas::any_tenant_token(&engine.db, &engine.sealer, &row.waba_id).await?;
    let token = token.ok_or(Unreached::NoToken)?;
    let meta_id = row.meta_id.as_deref().ok_or(ActError::NotFound)?;
    if let Err(error) = engine.graph.unpause_template(&token, meta_id).await {
        return Err(Unreached::Meta(error).into());
    }
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let before = templates::any_tenant_lock(&mut tx, row.id)
        .await?
        .ok_or(ActError::NotFound)?;
    let mut after = before.clone();
    "APPROVED".clone_into(&mut after.status);
    after.paused_until = None;
    let mut fold = Fold::new("person", now);
    fold.change(before, after.clone());
    let what = ("template.unpause", Some(&row), &after);
    finish(engine, tx, fold, side.tenant(), who, what, now).await?;
    Ok(after)
}
