//! What becomes of the conversations of somebody who cannot answer any more.

use domain::{TenantId, Timestamp, UserId};
use serde_json::json;
use store::audit::Who;
use store::conversations::work;
use store::{Tx, event_log, messages};

use super::line::{self, Author, activity};

/// Takes their conversations from them: the rows and a line in each thread. What is given back is to be appended
/// to the event log, last in the transaction.
pub(crate) async fn let_go(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    author: Author,
    now: Timestamp,
) -> store::Result<Vec<event_log::New>> {
    let held = work::unassign_all(tx, tenant, user).await?;
    let lines: Vec<_> = held
        .iter()
        .map(|held| activity(held, author, "unassigned", json!({}), now))
        .collect();
    messages::any_tenant_add(tx, &lines).await?;
    let event = |held: &work::Held| line::moved(tenant, held.id, Some(user), None, now);
    Ok(held.iter().map(event).collect())
}

impl Author {
    /// Who acts, as a line of a thread names them.
    pub(crate) fn of(who: &Who) -> Self {
        match (who.kind, who.id.as_deref().map(str::parse)) {
            ("user", Some(Ok(user))) => Self::Person(user),
            ("api_key", _) => Self::Key,
            _ => Self::System,
        }
    }
}
