//! A person who calls opens the customer service window as if they had written.

use std::collections::HashMap;

use domain::identity::Person;
use domain::{ConversationId, TenantId, Timestamp};
use store::{Tx, conversations};

use super::people::{Mention, People};

/// `callers`: the tenant, its number, who called it and when.
pub(super) async fn project(
    tx: &mut Tx,
    callers: &[(TenantId, &str, &Person, Timestamp)],
    now: Timestamp,
) -> store::Result<()> {
    if callers.is_empty() {
        return Ok(());
    }
    let mention = |&(tenant, number, person, _): &(TenantId, _, _, _)| Mention {
        tenant,
        number,
        person,
        moved_to: None,
    };
    let mut people = People::load(tx, callers.iter().map(mention)).await?;
    let mut newest: HashMap<ConversationId, Timestamp> = HashMap::new();
    for call in callers {
        let talk = people.talk(&mention(call), now);
        let at = newest.entry(talk.id).or_insert(call.3);
        *at = (*at).max(call.3);
    }
    people.write(tx, now).await?;
    let rows: Vec<_> = newest
        .into_iter()
        .map(|(id, at)| conversations::Call {
            id: id.hex(),
            at: at.0,
        })
        .collect();
    conversations::any_tenant_called(tx, &rows).await
}
