//! The app: its id and secret, its clock and version, its subscription.

use domain::Timestamp;
use meta::graph::FIELDS;

use super::{Check, Installation, State, asked, dashboard};

/// Signatures and codes bear half a minute; a clock that is further off soon bears nothing.
const OFF: i64 = 30;

/// Id and secret, and what Meta's answer tells of the time and of the version.
pub(super) async fn app(it: &Installation<'_>) -> Vec<Check> {
    const NAME: &str = "app";
    let (Some(id), Some(token)) = (&it.known.app_id, it.known.app_token()) else {
        // With the secret alone webhooks are taken and shared numbers work; Embedded Signup needs the id as well.
        let (state, missing) = if it.known.app_secret.is_none() {
            (State::Wrong, "check-app-no-secret")
        } else {
            (State::Warn, "check-app-no-id")
        };
        let missing = Check::new(NAME, state, missing, &[])
            .mend("check-app-mend", &[])
            .at(dashboard(it, "settings/basic/"));
        return vec![missing];
    };
    match asked(it.graph.app_node(&token, id)).await {
        Ok(node) => {
            let name = node.name.as_deref().unwrap_or(id);
            let mut checks = vec![Check::new(
                NAME,
                State::Ok,
                "check-app-ok",
                &[("name", name), ("id", id)],
            )];
            checks.extend(node.date.as_deref().and_then(|date| clock(it, date)));
            checks.extend(node.version.as_deref().map(|real| version(it, real)));
            checks
        }
        Err(why) => {
            let check = why.into_check(NAME, "check-app-refused");
            let check = match check.mend {
                Some(_) => check,
                None => check
                    .mend("check-app-mend", &[])
                    .at(dashboard(it, "settings/basic/")),
            };
            vec![check]
        }
    }
}

fn clock(it: &Installation<'_>, date: &str) -> Option<Check> {
    const NAME: &str = "clock";
    let there = Timestamp::parse_http(date)?;
    let off = (it.now.micros() - there.micros()) / 1_000_000;
    let seconds = off.abs().to_string();
    let with = [("seconds", seconds.as_str())];
    Some(if off.abs() <= OFF {
        Check::new(NAME, State::Ok, "check-clock-ok", &with)
    } else {
        let found = if off > 0 {
            "check-clock-ahead"
        } else {
            "check-clock-behind"
        };
        Check::new(NAME, State::Wrong, found, &with).mend("check-clock-mend", &[])
    })
}

fn version(it: &Installation<'_>, real: &str) -> Check {
    const NAME: &str = "graph_version";
    let wanted = it.known.version();
    let with = [("wanted", wanted), ("real", real)];
    if real == wanted {
        Check::new(NAME, State::Ok, "check-version-ok", &with)
    } else {
        Check::new(NAME, State::Warn, "check-version-other", &with)
            .mend("check-version-mend", &with)
            .at("https://developers.facebook.com/docs/graph-api/changelog/versions/".to_owned())
    }
}

/// Whether the app sends us what we handle.
pub(super) async fn subscription(it: &Installation<'_>) -> Check {
    const NAME: &str = "subscription";
    let (Some(id), Some(token)) = (&it.known.app_id, it.known.app_token()) else {
        return Check::new(NAME, State::Skipped, "check-needs-app", &[]);
    };
    let mend = |check: Check| {
        check
            .mend("check-subscription-mend", &[])
            .at(dashboard(it, "whatsapp-business/wa-settings/"))
    };
    let found = match asked(it.graph.app_subscription(&token, id)).await {
        Ok(Some(found)) => found,
        Ok(None) => {
            return mend(Check::new(
                NAME,
                State::Wrong,
                "check-subscription-none",
                &[],
            ));
        }
        Err(why) => return why.into_check(NAME, "check-subscription-refused"),
    };
    let there = found.callback_url.as_deref().unwrap_or("–");
    if let Some(ours) = it.webhook_url
        && there.trim_end_matches('/') != ours.trim_end_matches('/')
    {
        let with = [("there", there), ("ours", ours)];
        return mend(Check::new(
            NAME,
            State::Wrong,
            "check-subscription-elsewhere",
            &with,
        ));
    }
    if !found.active {
        return mend(Check::new(
            NAME,
            State::Wrong,
            "check-subscription-inactive",
            &[],
        ));
    }
    let missing: Vec<_> = FIELDS
        .into_iter()
        .filter(|field| !found.fields.iter().any(|there| there == field))
        .collect();
    if missing.is_empty() {
        let count = FIELDS.len().to_string();
        let with = [("url", there), ("count", count.as_str())];
        return Check::new(NAME, State::Ok, "check-subscription-ok", &with);
    }
    // Without messages nothing comes in; without the others something is known late.
    let state = if missing.contains(&"messages") {
        State::Wrong
    } else {
        State::Warn
    };
    let fields = missing.join(", ");
    mend(Check::new(
        NAME,
        state,
        "check-subscription-fields",
        &[("fields", &fields)],
    ))
}
