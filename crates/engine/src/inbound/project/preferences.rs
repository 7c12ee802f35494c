//! What people chose about marketing: kept on their contacts. The webhook itself is kept as a change of the account.

use std::collections::HashMap;

use domain::TenantId;
use domain::identity::Identity;
use store::{Tx, contacts};

use crate::inbound::PreferenceItem;

pub(super) async fn project(
    tx: &mut Tx,
    items: &[(TenantId, &PreferenceItem)],
) -> store::Result<()> {
    // The last choice under each identity; one statement must not meet a person with two of them.
    let mut last: HashMap<(TenantId, Identity), &PreferenceItem> = HashMap::new();
    for (tenant, item) in items {
        for identity in item.person.identities() {
            let known = last.entry((*tenant, identity)).or_insert(*item);
            if item.at >= known.at {
                *known = *item;
            }
        }
    }
    let rows: Vec<_> = last
        .iter()
        .map(|((tenant, identity), item)| contacts::Choice {
            tenant: tenant.hex(),
            kind: identity.kind.as_str(),
            value: &identity.value,
            choice: if item.stop { "stop" } else { "resume" },
            at: item.at.0,
        })
        .collect();
    contacts::any_tenant_choose(tx, &rows).await
}
