//! Whether all of it works, by Meta's own word: webhooks come, numbers may send, somebody pays.
//!
//! No webhook is waited for: Meta has no call that makes it post one for an account, and a quiet account would look
//! like a broken one. What it does tell is where it posts to, and whether it does.

use domain::connection::{Step, Way};
use meta::graph::PhoneNumber;
use serde::{Deserialize, Serialize};
use store::vitals;

use super::cause::{Cause, Stop};
use super::work::{Ended, Work};

/// What is not in order although everything was done.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Verified {
    /// A cause.
    pub(super) problem: Option<String>,
    /// Whether the connection cannot be used until somebody acts.
    pub(super) stops: bool,
}

pub(super) async fn act(work: &Work) -> Result<Ended, Stop> {
    let (token, graph) = (work.token().await?, work.graph());
    let waba_id = work.waba()?;
    if !super::subscribe::is_subscribed(work).await? {
        return Err(Stop::failed(Cause::NotSubscribed, waba_id));
    }
    let waba = graph.waba(&token, waba_id).await?;
    let numbers = graph.phone_numbers(&token, waba_id).await?;
    let health = waba.health_status.unwrap_or_default();
    if let Some(why) = health.blocked() {
        return Ok(found(Cause::AccountBlocked, true, why));
    }
    if let Some(found) = unready(work, &numbers) {
        return Ok(found);
    }
    if let Some(why) = posted_elsewhere(work).await? {
        return Ok(found(Cause::WebhooksElsewhere, false, why));
    }
    let pays_itself = work.connection.way()? != Way::SolutionPartner;
    if pays_itself && (waba.primary_funding_id.is_none() || health.lacks_payment()) {
        let detail = "customers who write can be answered; templates wait for a payment method";
        return Ok(found(Cause::PaymentMissing, false, detail.to_owned()));
    }
    let inspected = work.inspected()?;
    if inspected.app_id.is_some() && inspected.app_id != work.known.app_id {
        let detail = inspected.app_id.unwrap_or_default();
        return Ok(found(
            Cause::TokenOfOtherApp,
            false,
            format!("the token is of the app {detail}"),
        ));
    }
    Ok(Ended::done("webhooks come, and the number may send").with(&Verified::default()))
}

/// What keeps the numbers from sending. A further one stops nothing while another works.
fn unready(work: &Work, numbers: &[PhoneNumber]) -> Option<Ended> {
    let about: Vec<_> = numbers.iter().filter(|one| work.is_about(one)).collect();
    if about.is_empty() {
        return Some(found(
            Cause::NoNumber,
            true,
            "nothing can be sent yet".to_owned(),
        ));
    }
    let is_further = |one: &PhoneNumber| work.claims.further.as_ref() == Some(&one.id);
    let (works, mut waiting): (Vec<_>, Vec<_>) = about
        .into_iter()
        .partition(|one| one.status.as_deref() == Some("CONNECTED"));
    waiting.sort_by_key(|one| is_further(one));
    let number = waiting.first()?;
    let display = number.display_phone_number.as_deref().unwrap_or(&number.id);
    let status = number.status.as_deref().unwrap_or("UNKNOWN");
    Some(found(
        Cause::NumberNotConnected,
        !is_further(number) || works.is_empty(),
        format!("{display} is {status}"),
    ))
}

/// Where the app's webhooks go, when that is not here. Tokens of other apps and addresses of the account's own are
/// somebody's wish.
async fn posted_elsewhere(work: &Work) -> Result<Option<String>, Stop> {
    let (Some(app_id), Some(app_token)) = (&work.known.app_id, work.app_token()) else {
        return Ok(None);
    };
    if work.inspected()?.app_id.as_ref() != Some(app_id) {
        return Ok(None);
    }
    let all = vitals::any_tenant_callbacks(&work.engine.db).await?;
    let waba_id = work.waba()?;
    if all.iter().any(|own| own.waba_id == waba_id) {
        return Ok(None);
    }
    let Some(ours) = work.engine.platform.webhook_url() else {
        return Ok(None);
    };
    let Some(app) = work.graph().app_subscription(&app_token, app_id).await? else {
        return Ok(Some("the app has no subscription".to_owned()));
    };
    let there = app.callback_url.unwrap_or_default();
    if there.trim_end_matches('/') != ours.trim_end_matches('/') {
        return Ok(Some(format!("they are posted to {there}, not to {ours}")));
    }
    let comes = app.active && app.fields.iter().any(|field| field == "messages");
    Ok((!comes).then(|| "the app is not subscribed to messages".to_owned()))
}

fn found(cause: Cause, stops: bool, detail: String) -> Ended {
    let verified = Verified {
        problem: Some(cause.as_str().to_owned()),
        stops,
    };
    Ended::done(detail).because(cause).with(&verified)
}

/// What `verify` found in this run.
pub(super) fn verdict(work: &Work) -> Verified {
    work.result(Step::Verify).unwrap_or_default()
}
