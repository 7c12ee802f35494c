//! A global template as a row of an account's templates, so that sends are judged by it, people see it, and what Meta
//! says of it later finds it.

use domain::Timestamp;
use store::Tx;
use store::global_templates::contents::Content;
use store::global_templates::placements::{Open, Taken};
use store::templates::history::{self, New};
use store::templates::{self, Template, books};
use uuid::Uuid;

/// Meta is about to be asked to edit what an account has: see [`crate::templates::into_review`].
pub(super) async fn into_review(tx: &mut Tx, open: &Open, now: Timestamp) -> store::Result<()> {
    let named = templates::any_tenant_lock_named(tx, &open.waba_id, &open.name).await?;
    if let Some(row) = named.iter().find(|row| row.language == open.language) {
        let folded = crate::templates::into_review(tx, row, "platform", now).await?;
        store::event_log::append(tx, &folded.events).await?;
    }
    Ok(())
}

/// Writes what Meta has taken. `how`: `created`, `edited`, or `synced` when it was found there.
pub(super) async fn put(
    tx: &mut Tx,
    open: &Open,
    content: &Content,
    taken: &Taken,
    how: &'static str,
    now: Timestamp,
) -> store::Result<()> {
    let named = templates::any_tenant_lock_named(tx, &open.waba_id, &open.name).await?;
    let known = named.into_iter().find(|row| row.language == open.language);
    let before = known.as_ref().map(|row| row.components.clone());
    let mut row =
        known.unwrap_or_else(|| Template::new(&open.waba_id, &open.name, &open.language, now));
    if row.meta_id.as_ref() != Some(&taken.meta_id) || row.status == templates::DRAFT {
        row.status.clone_from(&taken.status);
        row.submitted_at = Some(now.0);
    }
    // An edit goes back to review; what is found is as Meta shows it.
    if matches!(how, "edited" | "synced") {
        row.status.clone_from(&taken.status);
        row.rejected_reason.clone_from(&taken.rejected_reason);
    }
    row.meta_id = Some(taken.meta_id.clone());
    if let Some(category) = &taken.category {
        row.category.clone_from(category);
    } else if row.category.is_empty() {
        row.category.clone_from(&content.category);
    }
    row.parameter_format.clone_from(&content.parameter_format);
    if content.library.is_none() || row.components == "[]" {
        row.components.clone_from(&content.components);
    }
    if content.library.is_some() || how == "edited" {
        // What Meta made of it, its list shows; its word on an edit may have come before the answer to the edit.
        crate::templates::sync_soon(tx, &open.waba_id, now).await?;
    }
    row.ttl_seconds = content.ttl_seconds.or(row.ttl_seconds);
    row.library_name = content
        .library
        .as_deref()
        .and_then(super::content::library_name);
    row.owner_tenant = None;
    row.global_id = Some(Uuid::from(open.global_id));
    row.global_version = Some(content.version);
    row.updated_at = now.0;
    templates::any_tenant_put(tx, std::slice::from_ref(&row)).await?;
    books::any_tenant_turn(tx, &open.waba_id).await?;
    let detail = serde_json::json!({ "version": content.version });
    let step = New::of(row.id, how, "platform", now)
        .from_to(before.as_deref(), Some(&row.components))
        .with(&detail);
    history::any_tenant_add(tx, &[step]).await
}
