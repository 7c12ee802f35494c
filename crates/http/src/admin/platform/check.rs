//! `POST /api/v1/admin/platform/check`.

use axum::Json;
use axum::extract::State;
use engine::platform::check::{Check, check_engine};
use engine::texts::Language;
use serde::Serialize;
use store::people::users;
use utoipa::ToSchema;

use crate::App;
use crate::auth::{Identity, Platform, PlatformWrite};
use crate::pages::Visitor;
use crate::problem::Result;

/// What the checks found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChecksView {
    /// One a check, in the order in which an empty installation is set up.
    checks: Vec<CheckView>,
}

/// One check.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckView {
    /// `public_url`, `app`, `clock`, `graph_version`, `webhook_verification`, `webhook_delivery`, `subscription`,
    /// `system_user_token`, `waba`, `waba_subscription`, `login_configuration`, `credit_line`.
    check: &'static str,
    /// `ok`, `warn`, `wrong`, or `skipped`: not needed, or something before it is missing.
    state: &'static str,
    /// What was found, in the language of who asks.
    found: String,
    /// What to do about it.
    mend: Option<String>,
    /// Where in Meta's console.
    link: Option<String>,
}

/// Looks whether the platform works at Meta: app, token, subscription, line of credit, and a real round trip to our own
/// webhook address. Changes nothing; an answer that takes longer than 5 seconds counts as none.
#[utoipa::path(post, path = "/api/v1/admin/platform/check", tag = "admin", responses((status = 200, description = "What was found", body = ChecksView)))]
pub(crate) async fn check(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
    visitor: Visitor,
) -> Result<Json<ChecksView>> {
    let language = match &platform.caller.identity {
        Identity::Person(known) => {
            let user = users::get(&app.engine.db, known.session.user_id).await?;
            user.map_or(visitor.language, |user| Language::of(&user.language))
        }
        Identity::Key(_) => visitor.language,
    };
    let view = |check: Check| CheckView {
        check: check.name,
        state: check.state.as_str(),
        found: check.found.say(language),
        mend: check.mend.map(|mend| mend.say(language)),
        link: check.link,
    };
    let checks = check_engine(&app.engine).await;
    let checks = checks.into_iter().map(view).collect();
    Ok(Json(ChecksView { checks }))
}
