//! What Meta's webhooks say about templates, applied in the transaction that keeps them. They are rare, so one at a
//! time; the list, which is read now and then, is the net below them.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use domain::{TemplateId, Timestamp};
use meta::webhook::Field;
use meta::webhook::account::{TemplateUpdate, template_update};
use serde_json::json;
use store::templates::{self, Template};
use store::{Tx, event_log};

use super::fold::{Fold, categorise, sendable};
use super::sync;
use crate::inbound::Change;

/// How long Meta's first and second pause last (page "templates/template-pausing").
const PAUSES: [(&str, Duration); 2] = [
    ("FIRST_PAUSE", Duration::from_secs(3 * 3_600)),
    ("SECOND_PAUSE", Duration::from_secs(6 * 3_600)),
];

/// Applies changes in their order. Gives the events, and whether something may leave that waited.
pub(crate) async fn hear(
    tx: &mut Tx,
    changes: &[(&Change, Timestamp)],
    now: Timestamp,
) -> store::Result<(Vec<event_log::New>, bool)> {
    let mut rows: HashMap<TemplateId, (Template, Template)> = HashMap::new();
    let mut order = Vec::new();
    let mut asks: BTreeSet<String> = BTreeSet::new();
    let mut fold = Fold::new("webhook", now);
    let mut told = changes.to_vec();
    told.sort_by_key(|(_, at)| *at);
    for (change, at) in told {
        let Some((field, update)) = template_update(&change.raw) else {
            continue;
        };
        let found = find(tx, &change.waba_id, &update).await?;
        let Some(row) = found else {
            // Made elsewhere, or just now: the list tells.
            asks.insert(change.waba_id.clone());
            continue;
        };
        let id = row.id;
        let known = rows.entry(id).or_insert_with(|| {
            order.push(id);
            (row.clone(), row)
        });
        if apply(&mut known.1, &field, &update, at, now, &mut fold) {
            asks.insert(change.waba_id.clone());
        }
    }
    for waba_id in &asks {
        sync::job(tx, waba_id, now).await?;
    }
    for id in order {
        if let Some((before, after)) = rows.remove(&id) {
            fold.change(before, after);
        }
    }
    let folded = fold.write(tx).await?;
    Ok((folded.events, folded.freed))
}

async fn find(
    tx: &mut Tx,
    waba_id: &str,
    update: &TemplateUpdate,
) -> store::Result<Option<Template>> {
    if let Some(meta_id) = &update.message_template_id {
        let found = templates::any_tenant_lock_meta(tx, meta_id).await?;
        if let Some(row) = found.into_iter().find(|row| row.waba_id == waba_id) {
            return Ok(Some(row));
        }
    }
    let Some(name) = &update.message_template_name else {
        return Ok(None);
    };
    let named = templates::any_tenant_lock_named(tx, waba_id, name).await?;
    Ok(named.into_iter().find(|row| {
        row.meta_id.is_none() && Some(&row.language) == update.message_template_language.as_ref()
    }))
}

/// Applies one change to a row. Whether Meta's list is to be read for the rest of it.
fn apply(
    row: &mut Template,
    field: &Field,
    update: &TemplateUpdate,
    at: Timestamp,
    now: Timestamp,
    fold: &mut Fold,
) -> bool {
    if row.meta_id.is_none() {
        row.meta_id.clone_from(&update.message_template_id);
    }
    match field {
        Field::MessageTemplateStatusUpdate => {
            if at.0 < row.status_at {
                return false;
            }
            row.status_at = at.0;
            status(row, update, at, now, fold)
        }
        Field::MessageTemplateQualityUpdate => {
            if at.0 >= row.quality_at {
                row.quality_at = at.0;
                if update.new_quality_score.is_some() {
                    row.quality.clone_from(&update.new_quality_score);
                }
            }
            false
        }
        Field::TemplateCategoryUpdate => {
            if let Some(announced) = &update.correct_category {
                row.correct_category = Some(announced.clone());
                row.category_changes_at = update
                    .category_update_timestamp
                    .map(|seconds| Timestamp::from_seconds(seconds).0);
            } else if let Some(category) = &update.new_category {
                let sendable = sendable(row);
                categorise(row, category, sendable, now);
            }
            false
        }
        // It carries texts alone: the parts are read whole.
        _ => true,
    }
}

/// Applies a word about the status. Whether Meta's list is to be read for the rest of it.
fn status(
    row: &mut Template,
    update: &TemplateUpdate,
    at: Timestamp,
    now: Timestamp,
    fold: &mut Fold,
) -> bool {
    let sendable = sendable(row);
    let word = update.event.as_deref().unwrap_or_default();
    let title = update
        .other_info
        .as_ref()
        .and_then(|info| info.title.as_deref())
        .unwrap_or_default();
    match word {
        "" => return true,
        // Said of it, and it can be sent all the same.
        "FLAGGED" | "LOCKED" => {
            let said = update
                .other_info
                .as_ref()
                .and_then(|info| info.description.clone());
            fold.step(
                row,
                "flagged",
                &json!({ "event": word, "description": said }),
            );
            return false;
        }
        _ if title == "UNPAUSE" => "APPROVED".clone_into(&mut row.status),
        "REINSTATED" | "UNARCHIVED" => "APPROVED".clone_into(&mut row.status),
        "DELETED" => {
            row.deleted_at = Some(now.0);
            return false;
        }
        other => other.clone_into(&mut row.status),
    }
    if let Some(category) = &update.message_template_category {
        categorise(row, category, sendable, now);
    }
    let pause = PAUSES.iter().find(|(word, _)| *word == title);
    row.paused_until = match (row.status.as_str(), pause) {
        ("PAUSED", Some((_, length))) => Some(at.plus(*length).0),
        _ => None,
    };
    if row.status == "REJECTED" {
        row.rejected_reason = update.reason.clone().filter(|reason| reason != "NONE");
        row.rejection = update.rejection_info.as_ref().map(|info| {
            json!({ "reason": info.reason, "recommendation": info.recommendation }).to_string()
        });
    } else {
        row.rejected_reason = None;
        row.rejection = None;
    }
    false
}
