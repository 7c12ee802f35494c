//! `GET /api/v1/admin/whatsapp/version`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use engine::health::callback::CallbackError;
use engine::health::version::{self, Call};
use serde::{Deserialize, Serialize};
use store::vitals;
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::auth::{Platform, PlatformRead};
use crate::problem::{Problem, Result};

/// A version to try.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TryVersion {
    /// Such as `v25.0`.
    version: String,
    /// On which account; any with a token when not given.
    waba_id: Option<String>,
}

/// What trying a version brought.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionTried {
    /// Whether Meta runs it and everything works with it as now.
    fits: bool,
    /// The version that was asked for.
    asked: String,
    /// The one that Meta really ran.
    used: Option<String>,
    /// The version that is in use.
    current: String,
    /// Each reading call, with both versions.
    calls: Vec<VersionCall>,
}

/// A reading call, made with both versions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionCall {
    /// `account`, `numbers`, `templates`, `subscriptions`, `token`.
    call: &'static str,
    /// Whether the asked version is no worse.
    fits: bool,
    /// What came with the version in use: how many rows, or Meta's refusal.
    current: String,
    /// With the asked one.
    asked: String,
}

impl From<Call> for VersionCall {
    fn from(call: Call) -> Self {
        let fits = call.fits();
        let shown = |answer: std::result::Result<usize, String>| match answer {
            Ok(rows) => rows.to_string(),
            Err(why) => why,
        };
        Self {
            call: call.name,
            fits,
            current: shown(call.current),
            asked: shown(call.asked),
        }
    }
}

/// Tries another version of Meta's Graph API on one account, by reading only. Nothing is changed by it.
#[utoipa::path(get, path = "/api/v1/admin/whatsapp/version", tag = "admin", params(TryVersion), responses(
    (status = 200, description = "What came of it", body = VersionTried),
    (status = 409, description = "There is no account with a token (`no_token`)", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Not a version", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "WhatsApp refused or did not answer (`whatsapp_refused`)", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn try_out(
    State(app): State<App>,
    _: Platform<PlatformRead>,
    wanted: std::result::Result<Query<TryVersion>, QueryRejection>,
) -> Result<Json<VersionTried>> {
    let Query(wanted) = wanted?;
    if !is_version(&wanted.version) {
        return Err(Problem::invalid(
            "version",
            "must be a version such as v25.0",
        ));
    }
    let Some(waba_id) = account(&app, wanted.waba_id.as_deref()).await? else {
        let error = CallbackError::NoToken.to_string();
        return Err(Problem::conflict("no_token", error));
    };
    let tried = version::try_out(&app.engine, &waba_id, &wanted.version)
        .await
        .map_err(super::callback::problem)?;
    Ok(Json(VersionTried {
        fits: tried.fits(),
        asked: tried.asked,
        used: tried.used,
        current: tried.current,
        calls: tried.calls.into_iter().map(VersionCall::from).collect(),
    }))
}

fn is_version(text: &str) -> bool {
    let parts: Vec<_> = text
        .strip_prefix('v')
        .unwrap_or_default()
        .split('.')
        .collect();
    let number = |part: &&str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    parts.len() == 2 && parts.iter().all(number)
}

/// An account to try it on: the wanted one, or any, with a token.
async fn account(app: &App, wanted: Option<&str>) -> Result<Option<String>> {
    let accounts = vitals::any_tenant_accounts(&app.engine.db).await?;
    Ok(accounts
        .into_iter()
        .filter(|account| account.has_token)
        .map(|account| account.waba_id)
        .find(|id| wanted.is_none_or(|one| one == id)))
}

/// A version is used only after it was tried, where there is an account to try it on.
pub(crate) async fn must_fit(app: &App, version: &str) -> Result<()> {
    let in_use = *app.engine.graph.version() == *version;
    if in_use || !is_version(version) {
        return Ok(());
    }
    let Some(waba_id) = account(app, None).await? else {
        return Ok(());
    };
    let tried = version::try_out(&app.engine, &waba_id, version)
        .await
        .map_err(super::callback::problem)?;
    if tried.fits() {
        return Ok(());
    }
    let used = tried.used.as_deref().unwrap_or("no version that it names");
    let worse: Vec<_> = tried
        .calls
        .iter()
        .filter(|call| !call.fits())
        .map(|call| call.name)
        .collect();
    let why = if worse.is_empty() {
        format!("WhatsApp does not run {version}: it answered with {used}")
    } else {
        format!("{version} does not do what is needed: {}", worse.join(", "))
    };
    Err(Problem::invalid("graph_version", why))
}
