//! The WABA's webhooks come to the app whose token it is.

use store::vitals;

use super::cause::Stop;
use super::work::{Ended, Work};

pub(super) async fn done(work: &Work) -> Result<Option<Ended>, Stop> {
    Ok(is_subscribed(work)
        .await?
        .then(|| Ended::done("WhatsApp sends its messages")))
}

pub(super) async fn act(work: &Work) -> Result<Ended, Stop> {
    let token = work.token().await?;
    let waba_id = work.waba()?;
    work.graph().subscribe_app(&token, waba_id).await?;
    // Without an address of its own, whatever it had before.
    let mut tx = work.begin().await?;
    vitals::any_tenant_set_waba_callback(&mut tx, waba_id, None).await?;
    tx.commit().await?;
    Ok(Ended::done("WhatsApp sends its messages from now on"))
}

/// Whether Meta names the app among those that hear of the WABA.
pub(super) async fn is_subscribed(work: &Work) -> Result<bool, Stop> {
    let token = work.token().await?;
    let apps = work.graph().subscribed_apps(&token, work.waba()?).await?;
    let own = work.inspected()?.app_id;
    Ok(apps
        .iter()
        .any(|app| own.is_none() || app.id.is_none() || app.id == own))
}
