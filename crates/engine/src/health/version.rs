//! Whether another version of the Graph API would do: the reading calls of this program, made with it on one account.

use meta::graph::{GraphCallError, GraphClient};
use secrecy::SecretString;
use store::wabas;

use super::callback::CallbackError;
use crate::Engine;

/// What trying a version brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// The version that was asked for.
    pub asked: String,
    /// The one that Meta really ran: another one where the asked one is gone or not there yet.
    pub used: Option<String>,
    /// The version that is in use.
    pub current: String,
    /// Each call.
    pub calls: Vec<Call>,
}

impl Tried {
    /// Whether it would do: Meta runs it, and everything that works now works with it and finds as much.
    pub fn fits(&self) -> bool {
        self.used.as_deref() == Some(&self.asked) && self.calls.iter().all(Call::fits)
    }
}

/// One reading call, made twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// What is read: `account`, `numbers`, `templates`, `subscriptions`, `token`.
    pub name: &'static str,
    /// How many rows came with the version in use, or what went wrong.
    pub current: Result<usize, String>,
    /// With the asked one.
    pub asked: Result<usize, String>,
}

impl Call {
    /// Whether the asked version is no worse.
    pub fn fits(&self) -> bool {
        match (&self.current, &self.asked) {
            (Ok(now), Ok(then)) => now == then,
            (Err(_), _) => true,
            (Ok(_), Err(_)) => false,
        }
    }
}

/// Tries a version such as `v25.0` on an account.
///
/// # Errors
/// When the account is not known, has no token, or Meta refuses it altogether.
pub async fn try_out(
    engine: &Engine,
    waba_id: &str,
    version: &str,
) -> Result<Tried, CallbackError> {
    let token = wabas::any_tenant_token(&engine.db, &engine.sealer, waba_id)
        .await?
        .ok_or(CallbackError::NoToken)?;
    let current = &engine.graph;
    let asked = current.at_version(version);
    let used = asked.version_used(&token, waba_id).await?;
    let (now, then) = (
        read(current, &token, waba_id).await,
        read(&asked, &token, waba_id).await,
    );
    let pairs = now.into_iter().zip(then);
    let calls = pairs.map(|((name, current), (_, asked))| Call {
        name,
        current,
        asked,
    });
    Ok(Tried {
        asked: version.to_owned(),
        used,
        current: current.version().to_string(),
        calls: calls.collect(),
    })
}

type Answer = (&'static str, Result<usize, String>);

async fn read(graph: &GraphClient, token: &SecretString, waba_id: &str) -> [Answer; 5] {
    let why = |error: GraphCallError| error.to_string();
    let account = graph.waba(token, waba_id).await;
    let numbers = graph.phone_numbers(token, waba_id).await;
    let templates = graph.message_templates(token, waba_id).await;
    let subscriptions = graph.subscribed_apps(token, waba_id).await;
    let debugged = graph.debug_token(token, token).await;
    [
        ("account", account.map(|_| 1).map_err(why)),
        ("numbers", numbers.map(|rows| rows.len()).map_err(why)),
        ("templates", templates.map(|rows| rows.len()).map_err(why)),
        (
            "subscriptions",
            subscriptions.map(|rows| rows.len()).map_err(why),
        ),
        (
            "token",
            debugged.map(|token| token.scopes.len()).map_err(why),
        ),
    ]
}
