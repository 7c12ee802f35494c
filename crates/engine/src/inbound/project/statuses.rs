//! Statuses of a batch: merged onto the messages they belong to, whoever has the number now.

use std::collections::HashMap;

use domain::{MessageId, Timestamp};
use store::messages::progress::{self, ById, OnFile};
use store::{Tx, early_statuses, event_log, messages, outbox};

use super::parked::Parking;
use super::{Counts, RoutedStatus};

pub(super) async fn project(
    tx: &mut Tx,
    items: &[RoutedStatus<'_>],
    parking: &mut Parking,
    counts: &mut Counts,
    events: &mut Vec<event_log::New>,
    now: Timestamp,
) -> store::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    // One group for each message, in the order of arrival.
    let mut groups: Vec<Vec<&RoutedStatus<'_>>> = Vec::new();
    let mut by_wamid: HashMap<(&str, &str), usize> = HashMap::new();
    for item in items {
        let group = *by_wamid
            .entry((item.number, item.status.wamid.as_str()))
            .or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
        groups[group].push(item);
    }
    let mut on_file = find(tx, &groups).await?;
    let mut early: Vec<&[&RoutedStatus<'_>]> = Vec::new();
    let mut changed: Vec<(&OnFile, Option<&str>)> = Vec::new();
    let mut settled = Vec::new();
    // Two wamids may lead to one message (a send that was tried twice): merge into the one row.
    let mut slots: HashMap<MessageId, usize> = HashMap::new();
    let mut rows: Vec<(OnFile, bool, Option<&str>)> = Vec::new();
    for (n, group) in groups.iter().enumerate() {
        let Some(found) = on_file.remove(&n) else {
            early.push(group);
            continue;
        };
        let slot = *slots.entry(found.id).or_insert_with(|| {
            rows.push((found, false, None));
            rows.len() - 1
        });
        let (message, is_changed, wamid) = &mut rows[slot];
        if message.wamid.is_none() {
            *wamid = group.first().map(|item| item.status.wamid.as_str());
            *is_changed |= wamid.is_some();
        }
        let in_doubt = !message
            .progress
            .status
            .is_some_and(domain::status::MessageStatus::left_us);
        for item in group {
            if message.progress.merge(&item.status.report) {
                counts.projected += 1;
                *is_changed = true;
            } else {
                counts.duplicates += 1;
            }
        }
        if in_doubt {
            // Meta has it: whatever the answer to the send was, it must not be sent again.
            settled.push(message.id);
        }
    }
    for (message, is_changed, wamid) in &rows {
        if *is_changed {
            changed.push((message, *wamid));
            events.push(event_log::of(
                message.tenant_id,
                "message.status",
                event_data(message),
                now,
            ));
        }
    }
    progress::any_tenant_write(
        tx,
        changed
            .iter()
            .map(|(message, wamid)| (message.id, *wamid, &message.progress)),
        now,
    )
    .await?;
    outbox::any_tenant_done(tx, settled).await?;
    keep_early(tx, &early, parking, counts, now).await
}

async fn find(
    tx: &mut Tx,
    groups: &[Vec<&RoutedStatus<'_>>],
) -> store::Result<HashMap<usize, OnFile>> {
    let wanted: Vec<_> = groups
        .iter()
        .enumerate()
        .filter_map(|(n, group)| {
            group.first().map(|item| messages::Wamid {
                n,
                number: item.number,
                wamid: &item.status.wamid,
            })
        })
        .collect();
    let mut found: HashMap<usize, OnFile> = progress::any_tenant_by_wamid(tx, &wanted)
        .await?
        .into_iter()
        .map(|row| (row.n, row))
        .collect();
    let by_id: Vec<_> = groups
        .iter()
        .enumerate()
        .filter(|(n, _)| !found.contains_key(n))
        .filter_map(|(n, group)| {
            let item = group.iter().find(|item| item.status.message.is_some())?;
            Some(ById {
                n,
                id: item.status.message?.hex(),
                number: item.number,
            })
        })
        .collect();
    found.extend(
        progress::any_tenant_by_id(tx, &by_id)
            .await?
            .into_iter()
            .map(|row| (row.n, row)),
    );
    Ok(found)
}

/// A status whose message is not on file yet is kept; one for a number in the pool is parked, because
/// nobody can be shown it.
async fn keep_early(
    tx: &mut Tx,
    early: &[&[&RoutedStatus<'_>]],
    parking: &mut Parking,
    counts: &mut Counts,
    now: Timestamp,
) -> store::Result<()> {
    let (mut homes, mut wanted) = (Vec::new(), Vec::new());
    for group in early {
        let Some(first) = group.first() else { continue };
        if first.tenant.is_none() {
            for item in *group {
                let why = format!(
                    "the number {} is in the pool and the status belongs to no message on file",
                    item.number
                );
                parking.change(item.change, item.received_at, "unassigned_number", &why, 1);
            }
            continue;
        }
        wanted.push(messages::Wamid {
            n: homes.len(),
            number: first.number,
            wamid: &first.status.wamid,
        });
        homes.push((first, *group));
    }
    let mut kept: HashMap<usize, _> = early_statuses::any_tenant_find(tx, &wanted)
        .await?
        .into_iter()
        .collect();
    let mut rows = Vec::new();
    for (n, (first, group)) in homes.iter().enumerate() {
        let mut progress = kept.remove(&n).unwrap_or_default();
        let mut is_changed = false;
        for item in *group {
            if progress.merge(&item.status.report) {
                counts.projected += 1;
                is_changed = true;
            } else {
                counts.duplicates += 1;
            }
        }
        if is_changed {
            rows.push((first.number, first.status.wamid.as_str(), progress));
        }
    }
    let rows: Vec<_> = rows
        .iter()
        .map(|(number, wamid, progress)| (*number, *wamid, progress))
        .collect();
    early_statuses::any_tenant_keep(tx, &rows, now).await
}

fn event_data(message: &OnFile) -> String {
    let status = message
        .progress
        .status
        .map_or("", domain::status::MessageStatus::as_str);
    let conversation = domain::ConversationId(message.conversation_id);
    format!(
        r#"{{"message_id":"{}","conversation_id":"{conversation}","status":"{status}"}}"#,
        message.id
    )
}
