//! Bans and restrictions that are over although no webhook said so: Meta's own word about the account's health is
//! asked for once a day, with the look at its token.

use std::time::Duration;

use domain::Timestamp;
use secrecy::SecretString;
use serde_json::json;
use store::event_log;
use store::standings::{self, Standing};
use store::vitals::Account;

use super::{standing, told};
use crate::Engine;

/// What was told a moment ago may not be in Meta's own answers yet: so long it is believed.
const BELIEVED: Duration = Duration::from_secs(24 * 3_600);

/// Asks about an account that is banned or restricted. What Meta does not answer changes nothing.
pub(super) async fn look(
    engine: &Engine,
    account: &Account,
    token: &SecretString,
) -> store::Result<()> {
    let aspect = match account.standing.as_deref() {
        Some("BANNED") => "ban",
        Some("RESTRICTED") => "restriction",
        _ => return Ok(()),
    };
    if is_fresh(engine, account, aspect).await? {
        return Ok(());
    }
    let waba = match engine.graph.waba(token, &account.waba_id).await {
        Ok(waba) => waba,
        Err(error) => {
            super::tokens::heed(engine, &account.waba_id, &error);
            tracing::warn!(waba_id = %account.waba_id, error = %error, "whether an account is still blocked could not be asked");
            return Ok(());
        }
    };
    let Some(word) = waba.health_status.and_then(|health| health.of_account()) else {
        return Ok(());
    };
    // Something less than a ban may stand in the way still; of a restriction nothing may be left.
    let over = match aspect {
        "ban" => word != "BLOCKED",
        _ => word == "AVAILABLE",
    };
    if !over {
        return Ok(());
    }
    let now = engine.clock.now();
    let row = Standing {
        waba_id: account.waba_id.clone(),
        phone_number_id: String::new(),
        aspect: aspect.to_owned(),
        state: told::FINE.to_owned(),
        detail: json!({ "event": "health_status" }).to_string(),
        told_at: now.0,
        ends_at: None,
    };
    let mut tx = engine.db.begin().await?;
    standings::any_tenant_tell(&mut tx, &[row]).await?;
    let (events, freed) = standing::settle(&mut tx, &account.waba_id, now).await?;
    event_log::append(&mut tx, &events).await?;
    tx.commit().await?;
    tracing::info!(waba_id = %account.waba_id, aspect, "an account may send again, by Meta's word about its health");
    engine.wake.events.notify_waiters();
    if freed {
        engine.wake.sender.notify_one();
    }
    Ok(())
}

async fn is_fresh(engine: &Engine, account: &Account, aspect: &str) -> store::Result<bool> {
    let now = engine.clock.now();
    let all = standings::any_tenant_look(&engine.db, &account.waba_id).await?;
    let mut told = all.iter().filter(|row| row.aspect == aspect);
    Ok(told.any(|row| now.since(Timestamp(row.told_at)) < BELIEVED))
}
