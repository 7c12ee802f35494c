//! What a person sees on their phone of us: that we have read, that we are typing.

use domain::TenantId;
use domain::message::Direction;
use meta::graph::GraphCallError;
use store::messages::Message;
use store::{numbers, tenants};

use crate::Engine;
use crate::shared_account::Unreached;
use crate::shared_account::access;

/// Why the phone does not show it.
#[derive(Debug, thiserror::Error)]
pub enum NotShown {
    /// Only what was received can be read.
    #[error("only a message that was received can be marked as read")]
    NotInbound,
    /// The number is somebody else's by now, or Meta refused.
    #[error(transparent)]
    Unreached(#[from] Unreached),
}

impl From<store::DbError> for NotShown {
    fn from(error: store::DbError) -> Self {
        Self::Unreached(error.into())
    }
}

impl From<GraphCallError> for NotShown {
    fn from(error: GraphCallError) -> Self {
        Self::Unreached(error.into())
    }
}

/// Marks a received message and all before it as read at Meta; `typing` also shows the typing bubble.
///
/// # Errors
/// [`NotShown`].
pub async fn show(
    engine: &Engine,
    tenant: TenantId,
    message: &Message,
    typing: bool,
) -> Result<(), NotShown> {
    let wamid = message
        .wamid
        .as_deref()
        .filter(|_| message.direction == Direction::Inbound.as_str())
        .ok_or(NotShown::NotInbound)?;
    // A conversation stays with the tenant when its number goes to another one; the number's voice does not.
    let number = &message.phone_number_id;
    let own = numbers::of_tenant(&engine.db, tenant).await?;
    if !own.iter().any(|own| own.phone_number_id == *number) {
        let fallback = match tenants::get(&engine.db, tenant).await? {
            Some(owner) if owner.fallback_allowed => {
                numbers::any_tenant_fallback(&engine.db).await?
            }
            _ => None,
        };
        if fallback.is_none_or(|fallback| fallback.phone_number_id != *number) {
            return Err(Unreached::NoNumber.into());
        }
    }
    let access = access::of_number(engine, number).await?;
    let answer = engine
        .graph
        .mark_read(&access.token, number, wamid, typing)
        .await;
    access.heeded(engine, answer)?;
    Ok(())
}
