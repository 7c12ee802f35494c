//! Tokens: looked at once a day and when Meta refuses one, renewed where Meta allows it.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::Timestamp;
use meta::graph::{DebugToken, GraphCallError};
use secrecy::{ExposeSecret as _, SecretString};
use store::vitals::{self, Account, Looked};
use store::{event_log, links, wabas};

use super::alerts::DAYS;
use super::link::{LACKS_PERMISSION, NOT_SHARED, REAUTHORISE, problem};
use crate::Engine;
use crate::onboarding::NEEDED;

/// What a look finds, and takes back when it is well again.
const FOUND: [&str; 3] = [REAUTHORISE, LACKS_PERMISSION, NOT_SHARED];

/// How often a token is looked at that nobody has complained about.
const DAILY: Duration = Duration::from_secs(24 * 3_600);

/// Accounts whose token Meta has refused lately.
#[derive(Debug, Default)]
pub struct Suspects(Mutex<HashSet<String>>);

impl Suspects {
    fn with<R>(&self, act: impl FnOnce(&mut HashSet<String>) -> R) -> R {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Meta's codes for a token that it does not take.
pub fn is_refused(code: i64) -> bool {
    matches!(code, 102 | 190)
}

/// Meta's codes for what may well be the token's fault: it is refused, it lacks a permission (0, 10, 200–299), or what
/// it asks for is not there for it (100 with subcode 33).
pub fn is_doubtful(code: i64, subcode: Option<i64>) -> bool {
    is_refused(code) || matches!(code, 0 | 10 | 200..=299) || (code == 100 && subcode == Some(33))
}

/// Meta refused the token of an account: it is looked at now.
pub fn suspect(engine: &Engine, waba_id: &str) {
    let new = engine
        .wake
        .suspects
        .with(|suspects| suspects.insert(waba_id.to_owned()));
    if new {
        engine.wake.health.notify_one();
    }
}

/// As [`suspect`], where an error says so.
pub fn heed(engine: &Engine, waba_id: &str, error: &GraphCallError) {
    if matches!(error, GraphCallError::Refused(refused) if is_doubtful(refused.code, refused.subcode))
    {
        suspect(engine, waba_id);
    }
}

/// Looks at the tokens that are due or suspected.
///
/// # Errors
/// When the database cannot be reached.
pub async fn look_after(engine: &Engine) -> store::Result<()> {
    let suspects = engine.wake.suspects.with(std::mem::take);
    let now = engine.clock.now();
    for account in vitals::any_tenant_accounts(&engine.db).await? {
        let age = account.token_checked_at.map(|at| now.since(Timestamp(at)));
        let due = age.is_none_or(|age| age >= DAILY);
        if account.has_token && (due || suspects.contains(&account.waba_id)) {
            probe(engine, &account).await?;
        }
    }
    without_token(engine).await
}

/// A connection that is said to work and has no token does not work.
async fn without_token(engine: &Engine) -> store::Result<()> {
    let now = engine.clock.now();
    for link in links::any_tenant_without_token(&engine.db).await? {
        let mut tx = engine.db.begin().await?;
        let events = problem(&mut tx, &link, Some(REAUTHORISE), &FOUND, now).await?;
        event_log::append(&mut tx, &events).await?;
        tx.commit().await?;
        engine.wake.events.notify_waiters();
    }
    Ok(())
}

/// Asks Meta about one token and writes what it says. Silence changes nothing: a token is not to blame for it.
async fn probe(engine: &Engine, account: &Account) -> store::Result<()> {
    let token = wabas::any_tenant_token(&engine.db, &engine.sealer, &account.waba_id).await?;
    let Some(token) = token else {
        return Ok(());
    };
    let answer = engine
        .graph
        .debug_token(&asking(engine, &token), &token)
        .await;
    let now = engine.clock.now();
    let debugged = match answer {
        Ok(debugged) => debugged,
        // It was asked with itself.
        Err(GraphCallError::Refused(refused)) if is_refused(refused.code) => DebugToken {
            is_valid: Some(false),
            ..DebugToken::default()
        },
        Err(error) => {
            tracing::warn!(waba_id = %account.waba_id, error = %error, "the token of an account could not be looked at");
            return Ok(());
        }
    };
    let looked = judge(&debugged, account, now);
    let problem = match looked.state {
        "invalid" => Some(REAUTHORISE),
        _ if lacks(&debugged) => Some(LACKS_PERMISSION),
        _ => match reaches(engine, account, &token).await {
            Some(true) => None,
            Some(false) => Some(NOT_SHARED),
            // Silence, or trouble of another kind.
            None => return note(engine, account, &looked, Noted::AsItWas).await,
        },
    };
    note(engine, account, &looked, Noted::As(problem)).await?;
    if looked.state != "invalid" {
        super::lifted::look(engine, account, &token).await?;
    }
    if looked.state == "expiring" {
        renew(engine, account, &token, &debugged).await?;
    }
    Ok(())
}

/// The app's own token where the app is known; a token may also ask about itself.
fn asking(engine: &Engine, token: &SecretString) -> SecretString {
    let platform = engine.platform.now();
    match (&platform.app_id, &platform.app_secret) {
        (Some(app_id), Some(secret)) => format!("{app_id}|{}", secret.expose_secret()).into(),
        _ => token.clone(),
    }
}

fn judge(debugged: &DebugToken, account: &Account, now: Timestamp) -> Looked {
    let ends = debugged.expires_at.filter(|seconds| *seconds > 0);
    let expires_at = ends.map(Timestamp::from_seconds);
    let ended = expires_at.is_some_and(|end| end <= now);
    let soon = Duration::from_secs(DAYS[0] * 24 * 3_600);
    let state = if debugged.is_valid == Some(false) || ended {
        "invalid"
    } else if expires_at.is_some_and(|end| end.since(now) <= soon) {
        "expiring"
    } else {
        "valid"
    };
    let works = state != "invalid";
    Looked {
        state,
        expires_at: expires_at.or(account.token_expires_at.map(Timestamp).filter(|_| !works)),
        scopes: works.then(|| debugged.scopes.join(" ")),
        mended: works && account.token_state.as_deref() == Some("invalid"),
    }
}

/// Whether the token has lost what a connection cannot do without. Meta names no scopes of a token that it does not
/// know.
fn lacks(debugged: &DebugToken) -> bool {
    let has = |needed: &&str| debugged.scopes.iter().any(|scope| scope == *needed);
    !debugged.scopes.is_empty() && !NEEDED.iter().all(has)
}

/// Whether the account is there for the token. None where Meta says neither.
async fn reaches(engine: &Engine, account: &Account, token: &SecretString) -> Option<bool> {
    match engine.graph.waba(token, &account.waba_id).await {
        Ok(_) => Some(true),
        Err(GraphCallError::Refused(refused))
            if refused.code == 100 && refused.subcode == Some(33) =>
        {
            Some(false)
        }
        Err(error) => {
            tracing::warn!(waba_id = %account.waba_id, error = %error, "an account could not be looked at");
            None
        }
    }
}

/// What a look says about the connections of an account.
enum Noted {
    /// This is wrong with them, or nothing of what a look finds.
    As(Option<&'static str>),
    /// Nothing new.
    AsItWas,
}

async fn note(
    engine: &Engine,
    account: &Account,
    looked: &Looked,
    noted: Noted,
) -> store::Result<()> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    vitals::any_tenant_looked(&mut tx, &account.waba_id, looked, now).await?;
    let mut events = Vec::new();
    if let Noted::As(wanted) = noted {
        for link in links::any_tenant_of_waba(&mut tx, &account.waba_id).await? {
            events.extend(problem(&mut tx, &link, wanted, &FOUND, now).await?);
        }
    }
    event_log::append(&mut tx, &events).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    if looked.mended {
        engine.wake.sender.notify_one();
    }
    Ok(())
}

/// Asks for sixty more days, once a day at most: Meta gives them for system users' tokens that end (page "Install apps,
/// generate, refresh, and revoke tokens" of the Business Management API). Who is refused has to agree again.
async fn renew(
    engine: &Engine,
    account: &Account,
    token: &SecretString,
    debugged: &DebugToken,
) -> store::Result<()> {
    let platform = engine.platform.now();
    let now = engine.clock.now();
    let tried = account.token_renewed_at.map(|at| now.since(Timestamp(at)));
    let of_system = debugged.kind.as_deref() == Some("SYSTEM_USER");
    let (Some(app_id), Some(app_secret), true) =
        (&platform.app_id, &platform.app_secret, of_system)
    else {
        return Ok(());
    };
    if tried.is_some_and(|ago| ago < DAILY) {
        return Ok(());
    }
    vitals::any_tenant_renewing(&engine.db, &account.waba_id, now).await?;
    match engine.graph.renew_token(app_id, app_secret, token).await {
        Ok(renewed) => {
            let expires_at = renewed.expires_in.map(|time| now.plus(time));
            let mut tx = engine.db.begin().await?;
            let (db, waba) = (&mut tx, &account.waba_id);
            vitals::any_tenant_renewed(db, &engine.sealer, waba, &renewed.token, expires_at, now)
                .await?;
            tx.commit().await?;
            tracing::info!(waba_id = %account.waba_id, "the token of an account was renewed");
        }
        Err(error) => {
            tracing::warn!(waba_id = %account.waba_id, error = %error, "the token of an account could not be renewed");
        }
    }
    Ok(())
}
