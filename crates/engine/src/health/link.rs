//! What Meta's word about an account does to the connection by which a tenant has it.

use domain::{ConnectionId, TenantId, Timestamp};
use serde_json::{Value, json};
use store::audit::{self, Act, Target, Who};
use store::connections::runs;
use store::links::{self, Link};
use store::standings::Outcome;
use store::{Tx, event_log, jobs};

use crate::onboarding::Cause;

/// The account is disabled.
pub(crate) const BANNED: &str = Cause::AccountBlocked.as_str();
/// Every number of the account was disconnected in its phone.
pub(crate) const NUMBER_GONE: &str = Cause::NumberDisconnected.as_str();
/// The token has ended or was taken back: the owner has to agree again.
pub(crate) const REAUTHORISE: &str = Cause::Reauthorise.as_str();
/// The token may not do any more what a connection needs.
pub(crate) const LACKS_PERMISSION: &str = Cause::TokenLacksPermission.as_str();
/// The account is not there for the token any more.
pub(crate) const NOT_SHARED: &str = Cause::WabaNotShared.as_str();

/// Carries out what follows from how an account stands.
pub(crate) async fn follow(
    tx: &mut Tx,
    link: &Link,
    account: &Outcome,
    all_numbers_away: bool,
    now: Timestamp,
) -> store::Result<Vec<event_log::New>> {
    if matches!(account.standing.as_str(), "DISCONNECTED" | "DELETED") {
        return cut(tx, link, account, now).await;
    }
    let wanted = match account.standing.as_str() {
        "BANNED" => Some(BANNED),
        _ if all_numbers_away => Some(NUMBER_GONE),
        _ => None,
    };
    problem(tx, link, wanted, &[BANNED, NUMBER_GONE], now).await
}

/// Writes a cause, or takes back those of `ours`; the causes of others stay, unless the connection works with them.
pub(crate) async fn problem(
    tx: &mut Tx,
    link: &Link,
    wanted: Option<&str>,
    ours: &[&str],
    now: Timestamp,
) -> store::Result<Vec<event_log::New>> {
    let is_ours = link
        .problem
        .as_deref()
        .is_some_and(|cause| ours.contains(&cause));
    // One that stops goes before one with which messages still flow.
    let is_mild = link.state == "connected";
    let (state, cause) = match wanted {
        Some(cause) if link.problem.as_deref() == Some(cause) => return Ok(Vec::new()),
        Some(cause)
            if link.state != "connecting" && (link.problem.is_none() || is_ours || is_mild) =>
        {
            ("action_needed", Some(cause))
        }
        None if is_ours => ("connected", None),
        _ => return Ok(Vec::new()),
    };
    links::any_tenant_set(tx, link, state, cause, now).await?;
    Ok(vec![told(link, state, now)])
}

async fn cut(
    tx: &mut Tx,
    link: &Link,
    account: &Outcome,
    now: Timestamp,
) -> store::Result<Vec<event_log::New>> {
    let detail: Value = serde_json::from_str(&account.detail).unwrap_or_default();
    let reason = detail.get("reason").and_then(Value::as_str);
    let reason = reason.unwrap_or("ACCOUNT_DELETED");
    if !links::any_tenant_cut(tx, link, reason, now).await? {
        return Ok(Vec::new());
    }
    runs::cancel(tx, ConnectionId(link.id), now).await?;
    // The platform's credit is taken back; the numbers stay for the day on which the business comes back.
    let lane = ConnectionId(link.id).to_string();
    jobs::add(tx, crate::jobs::DISCONNECT, &lane, &lane, now, now).await?;
    let act = Act {
        tenant: Some(TenantId(link.tenant_id)),
        action: "connection.disconnect",
        target: Target {
            kind: "connection",
            id: Some(ConnectionId(link.id).to_string()),
            name: link.business_name.as_deref(),
        },
        before: Some(json!({ "state": link.state })),
        after: Some(json!({ "state": "disconnected", "reason": reason })),
    };
    audit::append(tx, &Who::system("WhatsApp"), act, now).await?;
    Ok(vec![told(link, "disconnected", now)])
}

fn told(link: &Link, state: &str, now: Timestamp) -> event_log::New {
    let id = ConnectionId(link.id);
    let data = json!({ "connection_id": id.to_string(), "state": state });
    event_log::New {
        tenant: Some(TenantId(link.tenant_id).hex()),
        kind: "connection.changed",
        data: data.to_string(),
        at: now.0,
    }
}
