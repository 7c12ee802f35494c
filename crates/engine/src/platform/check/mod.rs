//! Whether the platform works at Meta: each check says what was found, what is wrong, and where in Meta's console to
//! mend it. The page "Platform → Set-up" and `trunkline doctor` show the same ones.
//!
//! Nothing is changed. The round trip to our own webhook address leaves a post without content in the intake log.

mod account;
mod app;
mod webhook;

use std::time::Duration;

use domain::Timestamp;
use meta::graph::{GraphCallError, GraphClient};
use store::seal::Sealer;
use store::webhook_log::WebhookLog;

use super::Known;
use crate::Engine;
use crate::texts::Language;

pub use webhook::{PROOF, proof};

/// An answer that takes longer is none, to somebody who waits for it.
pub const WITHIN: Duration = Duration::from_secs(5);

/// What is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Installation<'a> {
    /// What the platform is at Meta.
    pub known: &'a Known,
    /// The way there.
    pub graph: &'a GraphClient,
    /// Where people reach it; none: it is not known.
    pub public_url: Option<&'a str>,
    /// Where Meta posts webhooks; none: it is not known.
    pub webhook_url: Option<&'a str>,
    /// Opens what only this installation can have sealed.
    pub sealer: &'a Sealer,
    /// Where webhooks arrive.
    pub log: Option<&'a WebhookLog>,
    /// The time here.
    pub now: Timestamp,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Ok,
    /// It works, but not for long or not in full.
    Warn,
    /// It does not work.
    Wrong,
    /// It was not looked at, because it is not needed or something before it is missing.
    Skipped,
}

impl State {
    /// The word in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Wrong => "wrong",
            Self::Skipped => "skipped",
        }
    }
}

/// A sentence, not yet in a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    key: &'static str,
    with: Vec<(&'static str, String)>,
}

impl Sentence {
    fn new(key: &'static str, with: &[(&'static str, &str)]) -> Self {
        let with = with
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        Self {
            key,
            with: with.collect(),
        }
    }

    /// In a language.
    pub fn say(&self, language: Language) -> String {
        let with: Vec<_> = self
            .with
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        language.say(self.key, &with)
    }
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Which check.
    pub name: &'static str,
    /// How it ended.
    pub state: State,
    /// What was found.
    pub found: Sentence,
    /// What to do about it.
    pub mend: Option<Sentence>,
    /// Where in Meta's console.
    pub link: Option<String>,
}

impl Check {
    fn new(
        name: &'static str,
        state: State,
        key: &'static str,
        with: &[(&'static str, &str)],
    ) -> Self {
        Self {
            name,
            state,
            found: Sentence::new(key, with),
            mend: None,
            link: None,
        }
    }

    fn mend(mut self, key: &'static str, with: &[(&'static str, &str)]) -> Self {
        self.mend = Some(Sentence::new(key, with));
        self
    }

    fn at(mut self, link: String) -> Self {
        self.link = Some(link);
        self
    }
}

/// The names of all checks, in the order in which they are shown.
pub const NAMES: [&str; 12] = [
    "public_url",
    "app",
    "clock",
    "graph_version",
    "webhook_verification",
    "webhook_delivery",
    "subscription",
    "system_user_token",
    "waba",
    "waba_subscription",
    "login_configuration",
    "credit_line",
];

/// Looks at everything, side by side: it takes as long as the slowest check, [`WITHIN`] a call to Meta at the most.
pub async fn check(it: &Installation<'_>) -> Vec<Check> {
    let (of_app, webhook, subscription, of_account) = tokio::join!(
        app::app(it),
        webhook::webhook(it),
        app::subscription(it),
        account::account(it),
    );
    let mut checks = vec![public_url(it), login_configuration(it), subscription];
    checks.extend(of_app);
    checks.extend(webhook);
    checks.extend(of_account);
    checks.sort_by_key(|check| NAMES.iter().position(|name| *name == check.name));
    checks
}

/// The checks of a running server.
pub async fn check_engine(engine: &Engine) -> Vec<Check> {
    let known = engine.platform.now();
    let webhook_url = engine.platform.webhook_url();
    check(&Installation {
        known: &known,
        graph: &engine.graph,
        public_url: engine.platform.public_url(),
        webhook_url: webhook_url.as_deref(),
        sealer: &engine.sealer,
        log: Some(&engine.log),
        now: engine.clock.now(),
    })
    .await
}

/// Meta itself is reached by https alone; a simulator on the same machine stands in for it.
fn is_meta(it: &Installation<'_>) -> bool {
    it.graph.base_url().starts_with("https://")
}

fn public_url(it: &Installation<'_>) -> Check {
    const NAME: &str = "public_url";
    let Some(url) = it.public_url else {
        return Check::new(NAME, State::Skipped, "check-public-url-unknown", &[])
            .mend("check-public-url-mend", &[]);
    };
    let with = [("url", url)];
    if url.starts_with("https://") {
        Check::new(NAME, State::Ok, "check-public-url-ok", &with)
    } else if is_meta(it) {
        Check::new(NAME, State::Wrong, "check-public-url-wrong", &with)
            .mend("check-public-url-mend", &[])
    } else {
        Check::new(NAME, State::Ok, "check-public-url-simulator", &with)
    }
}

fn login_configuration(it: &Installation<'_>) -> Check {
    const NAME: &str = "login_configuration";
    match &it.known.config_id {
        Some(id) => Check::new(NAME, State::Ok, "check-login-ok", &[("id", id)]),
        None => Check::new(NAME, State::Warn, "check-login-missing", &[])
            .mend("check-login-mend", &[])
            .at(dashboard(it, "business-login/configurations/")),
    }
}

/// A page of the app's dashboard.
fn dashboard(it: &Installation<'_>, page: &str) -> String {
    match &it.known.app_id {
        Some(app) => format!("https://developers.facebook.com/apps/{app}/{page}"),
        None => "https://developers.facebook.com/apps/".to_owned(),
    }
}

/// A page of the portfolio's settings.
fn business(it: &Installation<'_>, page: &str) -> String {
    let of = it.known.business_id.as_deref();
    let of = of.map_or_else(String::new, |id| format!("?business_id={id}"));
    format!("https://business.facebook.com/latest/settings/{page}{of}")
}

/// Why a call gave nothing.
enum Nothing {
    /// Meta refused: its sentence.
    Refused(String),
    /// Nobody answered, or not Meta.
    Silent(String),
    /// It took longer than [`WITHIN`].
    Late,
}

/// What a call gave, if it came in time.
async fn asked<T>(call: impl Future<Output = Result<T, GraphCallError>>) -> Result<T, Nothing> {
    match tokio::time::timeout(WITHIN, call).await {
        Err(_) => Err(Nothing::Late),
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(GraphCallError::Refused(error))) => {
            let why = error
                .details
                .clone()
                .unwrap_or_else(|| error.message.clone());
            Err(Nothing::Refused(format!("{why} ({})", error.code)))
        }
        Ok(Err(error)) => Err(Nothing::Silent(error.to_string())),
    }
}

impl Nothing {
    /// As a check: what was refused is explained by `key`; silence is the network's, or Meta's, fault.
    fn into_check(self, name: &'static str, key: &'static str) -> Check {
        match self {
            Self::Refused(why) => Check::new(name, State::Wrong, key, &[("why", &why)]),
            Self::Silent(why) => {
                Check::new(name, State::Wrong, "check-meta-silent", &[("why", &why)])
                    .mend("check-meta-silent-mend", &[])
            }
            Self::Late => {
                let seconds = WITHIN.as_secs().to_string();
                Check::new(
                    name,
                    State::Wrong,
                    "check-meta-late",
                    &[("seconds", &seconds)],
                )
                .mend("check-meta-silent-mend", &[])
            }
        }
    }
}
