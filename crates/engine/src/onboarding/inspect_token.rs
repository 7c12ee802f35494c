//! What the token may do, and with which WABAs: Meta's word against the browser's.

use domain::connection::Way;
use meta::graph::DebugToken;

use super::cause::{Cause, Stop};
use super::work::{Ended, Inspected, Work};

/// What a connection cannot do without.
pub(crate) const NEEDED: [&str; 2] = [
    "whatsapp_business_management",
    "whatsapp_business_messaging",
];

pub(super) async fn act(work: &Work) -> Result<Ended, Stop> {
    let token = work.token().await?;
    // A token of another app can be looked at only with a token of that app: itself.
    let looker = match work.way()? {
        Way::OwnCredentials => token.clone(),
        Way::Shared | Way::SolutionPartner | Way::TechProvider => work
            .app_token()
            .ok_or_else(|| Stop::failed(Cause::AppRefused, "the platform has no app id"))?,
    };
    let found = work.engine.graph.debug_token(&looker, &token).await?;
    if found.is_valid != Some(true) {
        return Err(Stop::failed(
            Cause::TokenInvalid,
            "WhatsApp says that the token is not valid",
        ));
    }
    let missing: Vec<_> = NEEDED
        .into_iter()
        .filter(|needed| !found.scopes.iter().any(|scope| scope == needed))
        .collect();
    if !missing.is_empty() {
        let detail = format!("missing: {}", missing.join(", "));
        return Err(Stop::failed(Cause::TokenLacksPermission, detail));
    }
    let waba_id = waba(work, &found)?;
    let inspected = Inspected {
        waba_id: waba_id.clone(),
        app_id: found.app_id,
        expires_at: found.expires_at.filter(|&at| at > 0),
        scopes: found.scopes.join(" "),
    };
    let end = inspected.expires_at.map_or_else(
        || "never ends".to_owned(),
        |at| format!("ends {}", domain::Timestamp::from_seconds(at).rfc3339()),
    );
    Ok(Ended::done(format!("it reaches the account {waba_id} and {end}")).with(&inspected))
}

/// The WABA that the token is for. What was claimed must be among those that Meta names; a token for all of them
/// (a system user's, which names none) is asked for the account itself in the next step.
fn waba(work: &Work, found: &DebugToken) -> Result<String, Stop> {
    let is_typed_in = work.way()? == Way::OwnCredentials;
    let management = found
        .granular_scopes
        .iter()
        .find(|granular| granular.scope.as_deref() == Some(NEEDED[0]));
    let targets: &[String] = management.map_or(&[], |granular| &granular.target_ids);
    match &work.claims.waba_id {
        Some(claimed) if targets.contains(claimed) => Ok(claimed.clone()),
        Some(claimed) if targets.is_empty() && is_typed_in => Ok(claimed.clone()),
        Some(claimed) => Err(Stop::failed(
            Cause::WabaNotShared,
            format!("{claimed} is not among the accounts of this token"),
        )),
        None => match targets {
            [only] => Ok(only.clone()),
            [] => Err(Stop::failed(
                Cause::WabaUnclear,
                "the token names no account",
            )),
            several => Err(Stop::failed(
                Cause::WabaUnclear,
                format!("the token names {} accounts", several.len()),
            )),
        },
    }
}
