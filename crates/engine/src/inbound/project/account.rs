//! Changes about accounts, numbers, templates, calls and groups: kept as history, told to whom they concern.

use domain::{JobId, Timestamp};
use sha2::{Digest as _, Sha256};
use store::{Tx, account_events, event_log};

use super::{Counts, Routes};
use crate::inbound::Change;

pub(super) async fn project(
    tx: &mut Tx,
    routes: &Routes,
    items: &[(&Change, Timestamp, Option<&str>)],
    counts: &mut Counts,
    events: &mut Vec<event_log::New>,
    now: Timestamp,
) -> store::Result<()> {
    let rows: Vec<_> = items
        .iter()
        .map(|(change, received_at, event)| {
            let owner = change
                .number
                .as_ref()
                .and_then(|number| routes.numbers.get(number).copied().flatten());
            let owner = owner.or_else(|| routes.wabas.get(&change.waba_id).copied().flatten());
            let time = change.time.map_or(0, |time| time.0);
            let digest = Sha256::new()
                .chain_update(change.waba_id.as_bytes())
                .chain_update(time.to_be_bytes())
                .chain_update(change.raw.as_bytes())
                .finalize();
            account_events::New {
                id: JobId::new(now).hex(),
                tenant: owner.map(domain::TenantId::hex),
                waba_id: change.waba_id.clone(),
                number: change.number.clone(),
                field: change.field.clone(),
                event: event.map(str::to_owned),
                raw: change.raw.clone(),
                digest: hex::encode(digest),
                occurred_at: change.time.unwrap_or(*received_at).0,
                at: now.0,
            }
        })
        .collect();
    let added = i64::try_from(account_events::any_tenant_add(tx, &rows).await?).unwrap_or(0);
    counts.projected += added;
    counts.duplicates += rows.len() as i64 - added;
    if added > 0 {
        events.extend(rows.into_iter().map(|row| event_log::New {
            data: format!(r#"{{"waba_id":{:?},"field":{:?}}}"#, row.waba_id, row.field),
            tenant: row.tenant,
            kind: "account.changed",
            at: now.0,
        }));
    }
    Ok(())
}
