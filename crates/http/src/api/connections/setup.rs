//! `GET /api/v1/connections/setup`.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use store::people::users;
use store::tenants;
use utoipa::ToSchema;

use crate::App;
use crate::auth::{Member, SettingsRead};
use crate::problem::{Problem, Result};

/// What the page "Connect WhatsApp" needs. Nothing of it is secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SetupView {
    /// The platform's app.
    app_id: Option<String>,
    /// Its login configuration.
    config_id: Option<String>,
    /// The version of WhatsApp's API that is asked for.
    graph_version: String,
    /// Where Meta's JavaScript SDK is.
    sdk_url: String,
    /// Where Meta's sign-in windows come from; messages of any other origin are not believed.
    login_url: String,
    /// The solution that the platform shares with a partner.
    solution_id: Option<String>,
    /// Which ways are possible: `solution_partner` or `tech_provider` by Embedded Signup, `own_credentials`.
    ways: Vec<&'static str>,
    /// Settings that the platform has not made and that Embedded Signup needs.
    missing: Vec<&'static str>,
    /// What Embedded Signup may be filled with.
    prefill: Prefill,
    /// Whom to ask for help.
    support_contact: Option<String>,
}

/// What is known of the business already.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Prefill {
    /// The business.
    business: PrefillBusiness,
    /// Its number.
    phone: PrefillPhone,
}

/// The business.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PrefillBusiness {
    /// Its name.
    name: String,
    /// Of the person who connects.
    email: Option<String>,
}

/// The number.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PrefillPhone {
    /// The name that people will see.
    display_name: String,
}

/// Says how this tenant can be connected.
#[utoipa::path(get, path = "/api/v1/connections/setup", tag = "connections", responses((status = 200, description = "What the page needs", body = SetupView)))]
pub(crate) async fn show(
    State(app): State<App>,
    member: Member<SettingsRead>,
) -> Result<Json<SetupView>> {
    let known = app.engine.platform.now();
    let tenant = tenants::get(&app.engine.db, member.tenant)
        .await?
        .ok_or_else(|| Problem::not_found("tenant"))?;
    let email = match member.caller.user() {
        Some(user) => users::get(&app.engine.db, user.user_id).await?,
        None => None,
    };
    let email = email.map(|user| user.email);
    let needed = [
        ("meta.app_id", known.app_id.is_some()),
        ("meta.config_id", known.config_id.is_some()),
    ];
    let missing: Vec<_> = needed
        .into_iter()
        .filter(|(_, set)| !set)
        .map(|(name, _)| name)
        .collect();
    let mut ways = Vec::new();
    if missing.is_empty() {
        let partner = known.credit_line_id.is_some() && known.system_user_token.is_some();
        ways.push(if partner {
            "solution_partner"
        } else {
            "tech_provider"
        });
    }
    ways.push("own_credentials");
    Ok(Json(SetupView {
        app_id: known.app_id.clone(),
        config_id: known.config_id.clone(),
        graph_version: app.engine.graph.version().to_string(),
        sdk_url: known.sdk_url.clone(),
        login_url: known.login_url.clone(),
        solution_id: known.solution_id.clone(),
        ways,
        missing,
        prefill: Prefill {
            business: PrefillBusiness {
                name: tenant.name.clone(),
                email,
            },
            phone: PrefillPhone {
                display_name: tenant.name,
            },
        },
        support_contact: app.web.support_contact.clone(),
    }))
}
