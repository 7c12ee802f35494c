//! What the platform's own token reaches: its WABA, its line of credit.

use domain::Timestamp;
use meta::graph::DebugToken;
use secrecy::SecretString;

use super::{Check, Installation, State, asked, business, dashboard};

const MESSAGING: &str = "whatsapp_business_messaging";
const MANAGEMENT: &str = "whatsapp_business_management";
const BUSINESS: &str = "business_management";
/// A token that ends sooner is told of.
const SOON: i64 = 14;

/// The token, the WABA and its subscription, and the line of credit.
pub(super) async fn account(it: &Installation<'_>) -> Vec<Check> {
    let Some(token) = &it.known.system_user_token else {
        let needed = it.known.waba_id.is_some() || it.known.credit_line_id.is_some();
        let missing = Check::new(
            "system_user_token",
            if needed { State::Wrong } else { State::Skipped },
            if needed {
                "check-token-missing"
            } else {
                "check-token-unneeded"
            },
            &[],
        );
        let missing = if needed {
            missing
                .mend("check-token-mend", &[])
                .at(business(it, "system_users"))
        } else {
            missing
        };
        let after = |name| Check::new(name, State::Skipped, "check-needs-token", &[]);
        return vec![
            missing,
            after("waba"),
            after("waba_subscription"),
            no_credit(it).unwrap_or_else(|| after("credit_line")),
        ];
    };
    let (about, numbers, subscribed, credit) = tokio::join!(
        about(it, token),
        numbers(it, token),
        subscribed(it, token),
        credit(it, token)
    );
    let (about, granted) = about;
    if granted.is_none() {
        // What the token does not open is one mistake, not four.
        let after = |name| Check::new(name, State::Skipped, "check-needs-token", &[]);
        let credit = no_credit(it).unwrap_or_else(|| after("credit_line"));
        return vec![about, after("waba"), after("waba_subscription"), credit];
    }
    let waba = granted
        .as_ref()
        .and_then(|granted| out_of_reach(it, granted))
        .unwrap_or(numbers);
    vec![about, waba, subscribed, credit]
}

/// What Meta says of the token.
async fn about(it: &Installation<'_>, token: &SecretString) -> (Check, Option<DebugToken>) {
    const NAME: &str = "system_user_token";
    let mend = |check: Check| {
        check
            .mend("check-token-mend", &[])
            .at(business(it, "system_users"))
    };
    let by = it.known.app_token().unwrap_or_else(|| token.clone());
    let found = match asked(it.graph.debug_token(&by, token)).await {
        Ok(found) => found,
        Err(why) => {
            let check = why.into_check(NAME, "check-token-refused");
            let check = if check.mend.is_some() {
                check
            } else {
                mend(check)
            };
            return (check, None);
        }
    };
    if found.is_valid != Some(true) {
        let check = mend(Check::new(NAME, State::Wrong, "check-token-invalid", &[]));
        return (check, None);
    }
    if let (Some(of), Some(ours)) = (&found.app_id, &it.known.app_id)
        && of != ours
    {
        let with = [("of", of.as_str()), ("ours", ours.as_str())];
        let check = mend(Check::new(
            NAME,
            State::Wrong,
            "check-token-other-app",
            &with,
        ));
        return (check, None);
    }
    let mut needed = vec![MESSAGING, MANAGEMENT];
    if it.known.credit_line_id.is_some() {
        needed.push(BUSINESS);
    }
    needed.retain(|scope| !found.scopes.iter().any(|has| has == scope));
    if !needed.is_empty() {
        let scopes = needed.join(", ");
        let check = Check::new(
            NAME,
            State::Wrong,
            "check-token-scopes",
            &[("scopes", &scopes)],
        );
        return (mend(check), Some(found));
    }
    let ends = found.expires_at.filter(|at| *at > 0);
    let check = match ends
        .map(|at| (Timestamp::from_seconds(at).micros() - it.now.micros()) / 86_400_000_000)
    {
        None => Check::new(NAME, State::Ok, "check-token-ok", &[]),
        Some(days) => {
            let text = days.max(0).to_string();
            let with = [("days", text.as_str())];
            if days < SOON {
                mend(Check::new(
                    NAME,
                    State::Warn,
                    "check-token-ends-soon",
                    &with,
                ))
            } else {
                Check::new(NAME, State::Ok, "check-token-ends", &with)
            }
        }
    };
    (check, Some(found))
}

/// Whether a permission was given, but not for our WABA.
fn out_of_reach(it: &Installation<'_>, granted: &DebugToken) -> Option<Check> {
    let waba = it.known.waba_id.as_deref()?;
    let short: Vec<_> = granted
        .granular_scopes
        .iter()
        .filter(|one| matches!(one.scope.as_deref(), Some(MESSAGING | MANAGEMENT)))
        // No targets mean all of them.
        .filter(|one| !one.target_ids.is_empty() && !one.target_ids.iter().any(|id| id == waba))
        .filter_map(|one| one.scope.as_deref())
        .collect();
    if short.is_empty() {
        return None;
    }
    let scopes = short.join(", ");
    let with = [("waba", waba), ("scopes", scopes.as_str())];
    Some(
        Check::new("waba", State::Wrong, "check-waba-out-of-reach", &with)
            .mend("check-waba-mend", &[])
            .at(business(it, "whatsapp_account")),
    )
}

async fn numbers(it: &Installation<'_>, token: &SecretString) -> Check {
    const NAME: &str = "waba";
    let Some(waba) = &it.known.waba_id else {
        return Check::new(NAME, State::Skipped, "check-waba-none", &[]);
    };
    match asked(it.graph.phone_numbers(token, waba)).await {
        Ok(numbers) => {
            let count = numbers.len().to_string();
            let with = [("waba", waba.as_str()), ("count", count.as_str())];
            Check::new(NAME, State::Ok, "check-waba-ok", &with)
        }
        Err(why) => {
            let check = why.into_check(NAME, "check-waba-refused");
            if check.mend.is_some() {
                return check;
            }
            check
                .mend("check-waba-mend", &[])
                .at(business(it, "whatsapp_account"))
        }
    }
}

/// An app's subscription has two halves; this is that of the WABA.
async fn subscribed(it: &Installation<'_>, token: &SecretString) -> Check {
    const NAME: &str = "waba_subscription";
    let (Some(waba), Some(app)) = (&it.known.waba_id, &it.known.app_id) else {
        let why = if it.known.app_id.is_none() {
            "check-needs-app"
        } else {
            "check-waba-none"
        };
        return Check::new(NAME, State::Skipped, why, &[]);
    };
    let with = [("waba", waba.as_str())];
    match asked(it.graph.subscribed_apps(token, waba)).await {
        Ok(apps) => match apps.iter().find(|one| one.id.as_deref() == Some(app)) {
            Some(one) => match &one.override_callback_uri {
                Some(url) => {
                    let with = [("waba", waba.as_str()), ("url", url.as_str())];
                    let ours = it.webhook_url == Some(url);
                    let state = if ours { State::Ok } else { State::Warn };
                    Check::new(NAME, state, "check-waba-override", &with)
                }
                None => Check::new(NAME, State::Ok, "check-waba-subscribed", &with),
            },
            None => Check::new(NAME, State::Wrong, "check-waba-unsubscribed", &with)
                .mend("check-subscription-mend", &[])
                .at(dashboard(it, "whatsapp-business/wa-settings/")),
        },
        Err(why) => why.into_check(NAME, "check-waba-refused"),
    }
}

/// Why no line of credit is looked for.
fn no_credit(it: &Installation<'_>) -> Option<Check> {
    const NAME: &str = "credit_line";
    if it.known.credit_line_id.is_none() {
        return Some(Check::new(NAME, State::Skipped, "check-credit-none", &[]));
    }
    if it.known.business_id.is_none() {
        let check = Check::new(NAME, State::Wrong, "check-credit-no-business", &[]);
        return Some(
            check
                .mend("check-credit-no-business-mend", &[])
                .at(business(it, "business_info")),
        );
    }
    None
}

async fn credit(it: &Installation<'_>, token: &SecretString) -> Check {
    const NAME: &str = "credit_line";
    if let Some(check) = no_credit(it) {
        return check;
    }
    let (Some(portfolio), Some(wanted)) = (&it.known.business_id, &it.known.credit_line_id) else {
        return Check::new(NAME, State::Skipped, "check-credit-none", &[]);
    };
    let mend = |check: Check| {
        let link = format!(
            "https://business.facebook.com/latest/billing_hub/accounts?business_id={portfolio}"
        );
        check.mend("check-credit-mend", &[]).at(link)
    };
    match asked(it.graph.credit_lines(token, portfolio)).await {
        Ok(lines) => match lines.iter().find(|line| line.id.as_ref() == Some(wanted)) {
            Some(line) => {
                let owner = line.legal_entity_name.as_deref().unwrap_or(portfolio);
                let with = [("id", wanted.as_str()), ("owner", owner)];
                Check::new(NAME, State::Ok, "check-credit-ok", &with)
            }
            None => {
                let there: Vec<_> = lines.iter().filter_map(|line| line.id.as_deref()).collect();
                let there = if there.is_empty() {
                    "–".to_owned()
                } else {
                    there.join(", ")
                };
                let with = [("id", wanted.as_str()), ("there", there.as_str())];
                mend(Check::new(NAME, State::Wrong, "check-credit-other", &with))
            }
        },
        Err(why) => {
            let check = why.into_check(NAME, "check-credit-refused");
            if check.mend.is_some() {
                check
            } else {
                mend(check)
            }
        }
    }
}
