//! The PIN of a number's two-step verification: six digits, sealed, shown to nobody but by an owner's audited wish.

use domain::{ConnectionId, TenantId, Timestamp};
use meta::graph::GraphCallError;
use secrecy::SecretString;
use serde_json::json;
use store::audit::{self, Act, Target, Who};
use store::connections::{self, numbers};
use store::{Tx, wabas};

use crate::Engine;

/// Why a PIN was not shown or changed.
#[derive(Debug, thiserror::Error)]
pub enum PinError {
    /// No such connection or number.
    #[error("there is no such number in this connection")]
    NoNumber,
    /// Nothing is kept.
    #[error("no PIN is kept for this number; set one")]
    NoPin,
    /// Not six digits.
    #[error("a PIN has six digits")]
    NotSixDigits,
    /// The connection has no token.
    #[error("there is no access to this number; connect again")]
    NoToken,
    /// Meta may have taken it.
    #[error("WhatsApp did not answer, so nobody knows which PIN is in force; set it again ({0})")]
    Unanswered(String),
    /// Meta refused.
    #[error("WhatsApp did not change the PIN: {0}")]
    Meta(#[from] GraphCallError),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] store::DbError),
}

/// Six digits from the system's source of randomness.
pub(super) fn fresh() -> SecretString {
    SecretString::from(format!("{:06}", rand::random_range(0..1_000_000_u32)))
}

/// Whether it can be a PIN.
pub(super) fn is_pin(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Shows the PIN of a number. Written down before it is shown.
///
/// # Errors
/// [`PinError`].
pub async fn reveal(
    engine: &Engine,
    tenant: TenantId,
    connection: ConnectionId,
    phone_number_id: &str,
    who: &Who,
) -> Result<SecretString, PinError> {
    let number = number(engine, tenant, connection, phone_number_id).await?;
    let kept = numbers::any_tenant_pin(&engine.db, &engine.sealer, phone_number_id).await?;
    let pin = kept.ok_or(PinError::NoPin)?;
    let mut tx = engine.db.begin().await?;
    write_down(&mut tx, engine, tenant, "number.reveal_pin", &number, who).await?;
    tx.commit().await?;
    Ok(pin)
}

/// Changes the PIN of a number at Meta: to this one, or to one that is made up here.
///
/// While Meta is asked none is kept: when no answer comes, or the process ends, nobody knows which one is in force, and
/// none is shown as if it were. Setting it again settles that.
///
/// # Errors
/// [`PinError`].
pub async fn change(
    engine: &Engine,
    tenant: TenantId,
    connection: ConnectionId,
    phone_number_id: &str,
    wanted: Option<SecretString>,
    who: &Who,
) -> Result<(), PinError> {
    use secrecy::ExposeSecret as _;
    if wanted
        .as_ref()
        .is_some_and(|pin| !is_pin(pin.expose_secret()))
    {
        return Err(PinError::NotSixDigits);
    }
    let number = number(engine, tenant, connection, phone_number_id).await?;
    let pin = wanted.unwrap_or_else(fresh);
    let token = wabas::any_tenant_token(&engine.db, &engine.sealer, &number.waba_id).await?;
    let token = token.ok_or(PinError::NoToken)?;
    let (db, sealer) = (&engine.db, &engine.sealer);
    let before = numbers::any_tenant_pin(db, sealer, phone_number_id).await?;
    let before_at = number.pin_set_at.map_or(Timestamp(0), Timestamp);
    keep(engine, phone_number_id, None, before_at).await?;
    let answer = engine.graph.set_pin(&token, phone_number_id, &pin).await;
    match answer {
        Ok(()) => {
            let mut tx = db.begin().await?;
            let now = engine.clock.now();
            numbers::any_tenant_set_pin(&mut tx, sealer, phone_number_id, Some(&pin), now).await?;
            write_down(&mut tx, engine, tenant, "number.change_pin", &number, who).await?;
            tx.commit().await?;
            Ok(())
        }
        Err(error @ (GraphCallError::Transport(_) | GraphCallError::NotMeta { .. })) => {
            Err(PinError::Unanswered(error.to_string()))
        }
        Err(error) => {
            keep(engine, phone_number_id, before.as_ref(), before_at).await?;
            Err(error.into())
        }
    }
}

async fn keep(
    engine: &Engine,
    phone_number_id: &str,
    pin: Option<&SecretString>,
    at: Timestamp,
) -> store::Result<()> {
    let mut tx = engine.db.begin().await?;
    numbers::any_tenant_set_pin(&mut tx, &engine.sealer, phone_number_id, pin, at).await?;
    tx.commit().await
}

async fn number(
    engine: &Engine,
    tenant: TenantId,
    connection: ConnectionId,
    phone_number_id: &str,
) -> Result<numbers::ConnectedNumber, PinError> {
    let row = connections::get(&engine.db, tenant, connection).await?;
    let waba = row.and_then(|row| row.waba_id).ok_or(PinError::NoNumber)?;
    let all = numbers::any_tenant_of_waba(&engine.db, &waba).await?;
    all.into_iter()
        .find(|number| {
            number.phone_number_id == phone_number_id && number.tenant_id == Some(tenant.into())
        })
        .ok_or(PinError::NoNumber)
}

async fn write_down(
    tx: &mut Tx,
    engine: &Engine,
    tenant: TenantId,
    action: &'static str,
    number: &numbers::ConnectedNumber,
    who: &Who,
) -> store::Result<()> {
    let act = Act {
        tenant: Some(tenant),
        action,
        target: Target {
            kind: "phone_number",
            id: Some(number.phone_number_id.clone()),
            name: Some(&number.display_phone_number),
        },
        before: Some(json!({ "has_pin": number.has_pin })),
        after: Some(json!({ "has_pin": true })),
    };
    audit::append(tx, who, act, engine.clock.now()).await
}
